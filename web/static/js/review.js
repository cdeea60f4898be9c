// The review of an import: choose many rows quickly. Without this each box is ticked by itself, or all by a link.

/** Show only some rows, tick all that are shown or a range of them (with Shift), and count what is chosen. */
export function reviews() {
  document.querySelectorAll("[data-review]").forEach(bringToLife);
}

function bringToLife(form) {
  const rows = [...form.querySelectorAll("tbody tr")].map((row) => ({
    row,
    box: row.querySelector("input[name=ids]"),
    words: row.textContent.toLowerCase(),
  }));
  const all = form.querySelector("[data-review-all]");
  const filter = form.querySelector("[data-review-filter]");
  const count = form.querySelector("[data-review-count]");
  const kept = `review:${form.action}`;
  let last = -1;

  form.querySelectorAll(".needs-script").forEach((element) => (element.hidden = false));
  form.querySelectorAll(".no-script").forEach((element) => (element.hidden = true));

  const shown = () => rows.filter(({ row }) => !row.hidden);
  const tell = () => {
    const chosen = rows.filter(({ box }) => box.checked).length;
    const inView = shown();
    const text = chosen === 1 ? form.dataset.chosenOne : form.dataset.chosenMany;
    count.textContent = text.replace("{count}", chosen);
    all.checked = inView.length > 0 && inView.every(({ box }) => box.checked);
    all.indeterminate = !all.checked && inView.some(({ box }) => box.checked);
    for (const button of form.querySelectorAll("[value=correct], [value=publish]")) button.disabled = !chosen;
  };

  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const each of rows) each.row.hidden = !words.every((word) => each.words.includes(word));
    tell();
  });
  // Enter narrows the list; it must not correct or publish anything.
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  all.addEventListener("change", () => {
    for (const { box } of shown()) box.checked = all.checked;
    tell();
  });
  form.querySelector("tbody").addEventListener("click", (event) => {
    const at = rows.findIndex(({ box }) => box === event.target);
    if (at < 0) return;
    if (event.shiftKey && last >= 0) {
      const [from, to] = last < at ? [last, at] : [at, last];
      for (const each of rows.slice(from, to + 1)) {
        if (!each.row.hidden) each.box.checked = rows[at].box.checked;
      }
    }
    last = at;
    tell();
  });

  // What was just corrected is most often what is published next: it stays chosen.
  form.addEventListener("submit", (event) => {
    if (event.submitter?.value !== "correct") return;
    const ids = rows.filter(({ box }) => box.checked).map(({ box }) => box.value);
    sessionStorage.setItem(kept, JSON.stringify(ids));
  });
  const before = new Set(JSON.parse(sessionStorage.getItem(kept) ?? "[]"));
  sessionStorage.removeItem(kept);
  for (const { box } of rows) box.checked ||= before.has(box.value);
  tell();
}
