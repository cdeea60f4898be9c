// Handing in files: drop files and folders, see what was chosen, watch it being sent. The plain form works without this.

const NAMES_SHOWN = 100;

/** Bring every upload form to life, also those that htmx brings in later. */
export function uploads() {
  document.querySelectorAll("[data-upload]").forEach(bringToLife);
  document.body.addEventListener("htmx:load", (event) => {
    event.detail.elt.querySelectorAll?.("[data-upload]").forEach(bringToLife);
  });
}

function bringToLife(form) {
  if (form.dataset.alive) return;
  form.dataset.alive = "yes";
  const drop = form.querySelector(".drop");
  const plain = form.querySelector("input[name=files]");
  const folder = form.querySelector("[data-folder]");
  const bar = form.querySelector("[data-sending-bar]");
  let chosen = []; // {file, path}

  form.querySelectorAll(".needs-script").forEach((element) => (element.hidden = false));
  const add = (more) => {
    const known = new Set(chosen.map((each) => each.path));
    chosen = [...chosen, ...more.filter((each) => !known.has(each.path))];
    list(form, chosen);
  };
  for (const input of [plain, folder]) {
    input.addEventListener("change", () => {
      add([...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
      input.value = "";
    });
  }
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, () => drop.classList.remove("over"));
  }
  drop.addEventListener("drop", async (event) => {
    event.preventDefault();
    // The entries must be taken before the first wait: afterwards the browser forgets them.
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    const files = [...event.dataTransfer.files].map((file) => ({ file, path: file.name }));
    const below = (await Promise.all(entries.map((entry) => filesBelow(entry, "")))).flat();
    add(below.length ? below : files);
  });

  form.addEventListener("htmx:configRequest", (event) => {
    event.detail.formData.delete("files");
    for (const { file, path } of chosen) event.detail.formData.append("files", file, path);
  });
  form.addEventListener("htmx:xhr:progress", (event) => {
    const { loaded, total, lengthComputable } = event.detail;
    if (!lengthComputable || !total) return;
    const percent = Math.round((100 * loaded) / total);
    bar.hidden = false;
    bar.querySelector("progress").value = percent;
    bar.querySelector("span").textContent = form.dataset.sending.replace("{percent}", percent);
  });
}

function list(form, chosen) {
  const box = form.querySelector("[data-chosen]");
  box.hidden = !chosen.length;
  const text = chosen.length === 1 ? form.dataset.chosenOne : form.dataset.chosenMany;
  box.querySelector(".chosen-count").textContent = text.replace("{count}", chosen.length);
  const names = chosen.slice(0, NAMES_SHOWN).map(({ path }) => path);
  if (chosen.length > NAMES_SHOWN) names.push("…");
  box.querySelector(".chosen-names").replaceChildren(
    ...names.map((name) => {
      const line = document.createElement("li");
      line.textContent = name;
      return line;
    }),
  );
}

/** All files at and below a dropped entry, each with its path. */
async function filesBelow(entry, above) {
  const path = above + entry.name;
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, path }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    // A reader hands out its entries in batches until an empty one.
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length) break;
    for (const each of batch) found.push(...(await filesBelow(each, `${path}/`)));
  }
  return found;
}
