// Names offered while somebody types in a text: below the caret, walked through with the arrow keys.

const PAUSE = 120;
const MOST = 8;
// Styles that decide where a line breaks; the mirror has them from the text field.
const MIRRORED = [
  "fontFamily", "fontSize", "fontWeight", "letterSpacing", "lineHeight", "tabSize",
  "paddingTop", "paddingRight", "paddingBottom", "paddingLeft", "borderTopWidth", "borderLeftWidth",
];

/**
 * Offer names in `field` once what stands before the caret matches `trigger` (its first group is what is looked for).
 * `find(typed, signal)` gives `[{text, kind, value}]`; taking one puts its `value` in place of the whole match.
 */
export function completion(field, list, trigger, find) {
  let chosen = 0;
  let timer = 0;
  let request = new AbortController();
  let offered = [];

  const match = () => field.value.slice(0, field.selectionStart).match(trigger);
  const close = () => {
    clearTimeout(timer);
    request.abort();
    list.hidden = true;
    offered = [];
  };
  const mark = (index) => {
    chosen = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
  };
  const take = (index) => {
    const found = match();
    const each = offered[index];
    close();
    if (!found || !each) return;
    field.focus();
    field.setSelectionRange(field.selectionStart - found[0].length, field.selectionStart);
    type(field, each.value);
  };
  const show = (found) => {
    offered = found.slice(0, MOST);
    list.replaceChildren(
      ...offered.map((each) => {
        const option = document.createElement("li");
        option.className = "suggestion";
        option.setAttribute("role", "option");
        const text = document.createElement("span");
        text.className = "suggestion-text";
        text.textContent = each.text;
        const kind = document.createElement("span");
        kind.className = "suggestion-kind";
        kind.textContent = each.kind;
        option.append(text, kind);
        return option;
      }),
    );
    list.hidden = !offered.length;
    if (list.hidden) return;
    mark(0);
    const { left, top } = caret(field);
    list.style.left = `${Math.max(0, Math.min(left, field.clientWidth - list.offsetWidth))}px`;
    list.style.top = `${field.offsetTop + top}px`;
  };
  const ask = async () => {
    const found = match();
    request.abort();
    if (!found || !found[1].trim()) return close();
    request = new AbortController();
    try {
      const names = await find(found[1].trim(), request.signal);
      if (document.activeElement === field && match()?.[1] === found[1]) show(names);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };
  const later = (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, PAUSE);
  };

  field.addEventListener("input", later);
  field.addEventListener("compositionend", later);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const count = list.children.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      mark((chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (event.key === "Enter" || event.key === "Tab") {
      take(chosen);
    } else if (event.key === "Escape") {
      close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  // Before the field loses the focus, which would close the list under the pointer.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) take([...list.children].indexOf(option));
  });
}

/** Put `text` in place of what is selected in `field`, so that it can be undone. */
export function type(field, text) {
  field.focus();
  // The one way that leaves the browser's own undo working; said to be obsolete, and kept by all of them.
  if (document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Where the caret of a text field is, below its upper left corner, in pixels. */
function caret(field) {
  const style = getComputedStyle(field);
  const mirror = document.createElement("div");
  for (const name of MIRRORED) mirror.style[name] = style[name];
  Object.assign(mirror.style, {
    position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "anywhere",
    width: `${field.clientWidth}px`, boxSizing: "border-box",
  });
  mirror.textContent = field.value.slice(0, field.selectionStart);
  const mark = document.createElement("span");
  mark.textContent = "\u200b";
  mirror.append(mark);
  document.body.append(mirror);
  const place = { left: mark.offsetLeft, top: mark.offsetTop + mark.offsetHeight - field.scrollTop + 4 };
  mirror.remove();
  return place;
}
