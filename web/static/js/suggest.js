// Suggestions below a search box: a combobox as WAI-ARIA describes it, walked through with the arrow keys.

// So long after the last key suggestions are fetched, in milliseconds; they are cheap, so sooner than results.
const PAUSE = 120;
const MOST = 8;

/** Let the search box in `field` suggest; `field.dataset.suggest` is the address to ask. */
export function suggestions(field) {
  const box = field.querySelector("input");
  const list = field.querySelector("[role=listbox]");
  const kinds = JSON.parse(field.dataset.kinds);
  let chosen = -1;
  let timer = 0;
  let request = new AbortController();

  const close = () => {
    clearTimeout(timer);
    request.abort();
    list.hidden = true;
    chosen = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const choose = (index) => {
    chosen = index;
    [...list.children].forEach((option, at) => {
      option.setAttribute("aria-selected", String(at === index));
    });
    if (index < 0) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", list.children[index].id);
  };
  const take = (option) => {
    close();
    if (option.dataset.url) {
      location.assign(option.dataset.url);
      return;
    }
    box.value = option.dataset.text;
    box.form.requestSubmit();
  };
  const show = (found) => {
    list.replaceChildren(
      ...found.slice(0, MOST).map((each, at) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${at}`;
        option.className = "suggestion";
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.url = each.url;
        option.dataset.text = each.text;
        const text = document.createElement("span");
        text.className = "suggestion-text";
        text.textContent = each.text;
        const kind = document.createElement("span");
        kind.className = "suggestion-kind";
        kind.textContent = kinds[each.kind] ?? each.kind;
        option.append(text, kind);
        return option;
      }),
    );
    list.hidden = !found.length;
    chosen = -1;
    box.setAttribute("aria-expanded", String(!list.hidden));
  };
  const ask = async () => {
    const typed = box.value.trim();
    request.abort();
    if (!typed) return close();
    request = new AbortController();
    try {
      const address = `${field.dataset.suggest}?limit=${MOST}&q=${encodeURIComponent(typed)}`;
      const answer = await fetch(address, { signal: request.signal });
      const found = answer.ok ? (await answer.json()).suggestions : [];
      if (document.activeElement === box && box.value.trim() === typed) show(found);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };
  const later = (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, PAUSE);
  };

  box.addEventListener("input", later);
  box.addEventListener("compositionend", later);
  box.addEventListener("blur", () => close());
  box.form.addEventListener("submit", close);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const count = list.hidden ? 0 : list.children.length;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      // One place more than there are options: that of the box itself.
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(((chosen + 1 + step + count + 1) % (count + 1)) - 1);
    } else if (event.key === "Enter" && count && chosen >= 0) {
      event.preventDefault();
      take(list.children[chosen]);
    } else if (event.key === "Escape" && count) {
      event.preventDefault();
      close();
    }
  });
  // Before the box loses the focus, which would close the list under the pointer.
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    event.preventDefault();
    if (option) take(option);
  });
}
