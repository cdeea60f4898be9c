// The editor: marks by button and key, links by [[, pictures by paste and drop. Without it the text field is the editor.
import { completion, type } from "./completion.js";

const KEYS = new Map([["b", "**"], ["i", "*"]]);
// Tables that are pasted from a spreadsheet have at most so many cells; more is data, not a table to read.
const MOST_CELLS = 2000;

/** Bring the editor to life. */
export function editors() {
  document.querySelectorAll("[data-editor]").forEach(bringToLife);
}

function bringToLife(form) {
  const field = form.querySelector("[data-body]");
  form.dataset.alive = "yes";
  form.querySelector("[data-tools]").hidden = false;
  marks(form, field);
  views(form);
  files(form, field);
  links(field, form.querySelector(".edit-write [data-links]"));
  keptOnLeaving(form);
}

function marks(form, field) {
  for (const button of form.querySelectorAll("[data-wrap]")) {
    button.addEventListener("click", () => wrap(field, button.dataset.wrap));
  }
  for (const button of form.querySelectorAll("[data-prefix]")) {
    button.addEventListener("click", () => prefix(field, button.dataset.prefix));
  }
  form.querySelector('[data-insert="[["]').addEventListener("click", () => {
    type(field, "[[" + selected(field));
  });
  form.querySelector('[data-insert="table"]').addEventListener("click", () => {
    const head = form.dataset.table;
    type(field, `${newLine(field)}| ${head} | ${head} |\n|---|---|\n|  |  |\n|  |  |\n`);
  });
  field.addEventListener("keydown", (event) => {
    const mark = (event.ctrlKey || event.metaKey) && !event.altKey && KEYS.get(event.key.toLowerCase());
    if (mark) {
      event.preventDefault();
      wrap(field, mark);
    } else if (event.key === "Enter" && !event.isComposing && !event.shiftKey) {
      listGoesOn(event, field);
    }
  });
}

function wrap(field, mark) {
  const text = selected(field);
  const start = field.selectionStart;
  type(field, mark + text + mark);
  field.setSelectionRange(start + mark.length, start + mark.length + text.length);
}

/** Put `mark` in front of each selected line, or take it away where all have it. */
function prefix(field, mark) {
  const start = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const end = (field.value + "\n").indexOf("\n", field.selectionEnd);
  const lines = field.value.slice(start, end).split("\n");
  const all = lines.every((line) => line.startsWith(mark));
  const heading = mark.startsWith("#");
  field.setSelectionRange(start, end);
  const bare = (line) => (heading ? line.replace(/^#{1,6} /, "") : line);
  type(field, lines.map((line) => (all ? line.slice(mark.length) : mark + bare(line))).join("\n"));
}

function listGoesOn(event, field) {
  const start = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const found = field.value.slice(start, field.selectionStart).match(/^(\s*)([-*+]|(\d+)\.) (.*)$/);
  if (!found || field.selectionStart !== field.selectionEnd) return;
  event.preventDefault();
  if (!found[4].trim()) {
    field.setSelectionRange(start, field.selectionStart);
    type(field, "\n");
  } else {
    type(field, `\n${found[1]}${found[3] ? `${Number(found[3]) + 1}.` : found[2]} `);
  }
}

function views(form) {
  const panes = form.querySelector("[data-panes]");
  panes.dataset.shown = "write";
  for (const button of form.querySelectorAll("[data-view]")) {
    button.addEventListener("click", () => {
      panes.dataset.shown = button.dataset.view;
      for (const other of form.querySelectorAll("[data-view]")) {
        other.setAttribute("aria-pressed", String(other === button));
      }
    });
  }
}

function files(form, field) {
  for (const input of form.querySelectorAll("[data-add]")) {
    input.addEventListener("change", async () => {
      await add(form, field, [...input.files], input.dataset.add);
      input.value = "";
    });
  }
  field.addEventListener("paste", (event) => {
    const pasted = [...event.clipboardData.files];
    const table = asTable(event.clipboardData.getData("text/plain"), event.clipboardData.types);
    if (table) {
      event.preventDefault();
      type(field, newLine(field) + table);
    } else if (pasted.length) {
      event.preventDefault();
      add(form, field, pasted);
    }
  });
  for (const name of ["dragenter", "dragover"]) {
    field.addEventListener(name, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      field.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) field.addEventListener(name, () => field.classList.remove("over"));
  field.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    add(form, field, [...event.dataTransfer.files]);
  });
}

/** Send files and put what shows them where the caret is; pictures must be pictures. */
async function add(form, field, chosen, as) {
  const problem = form.querySelector("[data-problem]");
  problem.hidden = true;
  for (const file of chosen) {
    const kind = as ?? (file.type.startsWith("image/") && file.type !== "image/svg+xml" ? "picture" : "attachment");
    const waiting = `![${form.dataset.uploading} ${file.name}…]()`;
    type(field, waiting);
    let text = "";
    try {
      const data = new FormData();
      data.append("as", kind);
      data.append("files", file, file.name);
      const answer = await fetch(form.dataset.files, { method: "POST", body: data });
      const told = await answer.json();
      if (answer.ok) text = told.map((each) => each.markdown).join("\n");
      else tell(problem, [told.detail, told.advice].filter(Boolean).join(" ") || form.dataset.failed);
    } catch {
      tell(problem, form.dataset.failed);
    }
    const at = field.value.indexOf(waiting);
    if (at < 0) continue;
    field.setSelectionRange(at, at + waiting.length);
    type(field, text);
  }
}

function tell(problem, text) {
  problem.textContent = text;
  problem.hidden = false;
}

function links(field, list) {
  completion(field, list, /\[\[([^[\]\n]{0,80})$/, async (typed, signal) => {
    const answer = await fetch(`/api/v1/links?q=${encodeURIComponent(typed)}`, { signal });
    const found = answer.ok ? await answer.json() : [];
    return found.map((each) => ({ ...each, value: link(each.text, each.url) }));
  });
}

function link(text, url) {
  const address = url.replace(/[()\s]/g, (character) => encodeURIComponent(character).replace("(", "%28").replace(")", "%29"));
  return `[${text.replace(/[\\[\]*_`<]/g, "\\$&")}](${address})`;
}

/** Cells that were copied from a spreadsheet, as a Markdown table; empty for anything else. */
function asTable(text, types) {
  if (!types.includes("text/html") || !text.includes("\t")) return "";
  const rows = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n").map((row) => row.split("\t"));
  const width = Math.max(...rows.map((row) => row.length));
  if (rows.length < 2 || rows.length * width > MOST_CELLS) return "";
  const line = (row) => `| ${[...row, ...Array(width - row.length).fill("")].map((cell) => cell.trim().replace(/\|/g, "\\|")).join(" | ")} |`;
  return [line(rows[0]), `|${"---|".repeat(width)}`, ...rows.slice(1).map(line)].join("\n") + "\n";
}

/** What was typed in the last second is kept too when the page is left. */
function keptOnLeaving(form) {
  const begun = new URLSearchParams(new FormData(form)).toString();
  let saving = false;
  form.addEventListener("submit", () => {
    saving = true;
    // A draft on its way must not arrive behind what is saved now.
    form.querySelector("[data-state]")?.dispatchEvent(new CustomEvent("htmx:abort"));
  });
  window.addEventListener("pagehide", () => {
    const now = new URLSearchParams(new FormData(form));
    if (!saving && now.toString() !== begun) navigator.sendBeacon(form.dataset.draft, now);
  });
}

function selected(field) {
  return field.value.slice(field.selectionStart, field.selectionEnd);
}

function newLine(field) {
  const before = field.value.slice(0, field.selectionStart);
  return !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
}
