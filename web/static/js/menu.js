// A menu is a details element, which opens and closes by itself; this closes it where people expect that.
export function menusClose() {
  for (const menu of document.querySelectorAll("[data-menu]")) {
    document.addEventListener("click", (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
}
