// The search box: answers while one types, the key that leads to it, what is told to screen readers.

// So long after the last key the question is asked, in milliseconds: shorter asks for half words, longer feels slow.
const PAUSE = 250;

/** `/` anywhere but in a field goes to the search box. */
export function slashGoesToSearch() {
  document.addEventListener("keydown", (event) => {
    const inField = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || inField || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = document.querySelector("#q") ?? document.querySelector(".field-input");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}

/** Ask after a pause in typing, but never in the middle of composing a Chinese word. */
export function searchAsYouType() {
  const form = document.querySelector("#ask");
  if (!form) return;
  const box = form.querySelector("#q");
  let asked = box.value.trim();
  let timer = 0;
  const later = (event) => {
    clearTimeout(timer);
    if (event.isComposing) return;
    timer = setTimeout(() => {
      if (box.value.trim() === asked) return;
      asked = box.value.trim();
      window.htmx.trigger(form, "ask");
    }, PAUSE);
  };
  box.addEventListener("input", later);
  // Chrome sends its last `input` while it still counts as composing.
  box.addEventListener("compositionend", later);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    asked = box.value.trim();
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "answer") return;
    const shown = event.detail.target.querySelector("[data-query]")?.dataset.query ?? "";
    // A link (an example, “did you mean”) asked, not the box.
    if (event.detail.requestConfig.elt !== form) {
      box.value = shown;
      asked = shown;
    }
    const count = document.querySelector("#found-count")?.firstChild?.textContent.trim() ?? "";
    document.querySelector("#status").textContent = count;
  });
}
