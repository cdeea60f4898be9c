// The queue of candidate lessons: one key for each decision, two to move.

const STEPS = new Map([
  ["j", 1],
  ["k", -1],
]);

/** On the page of candidates: keys press the buttons of the candidate that has the focus, else of the first one. */
export function candidatesByKey() {
  if (!document.querySelector("[data-candidates]")) return;
  const cards = () => [...document.querySelectorAll(".candidate")];
  const current = () => cards().find((card) => card.contains(document.activeElement));
  const go = (index) => {
    const all = cards();
    all[Math.max(0, Math.min(index, all.length - 1))]?.focus();
  };

  document.addEventListener("keydown", (event) => {
    const inField = event.target.closest("input, textarea, select, [contenteditable]");
    if (inField || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const key = event.key.toLowerCase();
    const index = cards().indexOf(current());
    if (STEPS.has(key)) {
      go(index < 0 ? 0 : index + STEPS.get(key));
    } else {
      const card = current() ?? cards()[0];
      const button = card?.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (!button || event.repeat) return;
      button.click();
    }
    event.preventDefault();
  });

  // The list comes back without the one that was decided: the next one has its place, and gets the focus.
  let place = -1;
  document.body.addEventListener("htmx:beforeRequest", () => {
    place = cards().indexOf(current());
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    if (place >= 0) go(place);
  });
}
