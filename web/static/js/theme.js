// Light, dark or as the system: changed at once, kept by the server in a cookie.

/** Let every form marked `data-theme-switch` change the look without loading the page anew. */
export function themeSwitches() {
  for (const form of document.querySelectorAll("[data-theme-switch]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const theme = event.submitter.value;
      document.documentElement.dataset.theme = theme;
      for (const button of document.querySelectorAll("[data-theme-switch] [aria-pressed]")) {
        button.setAttribute("aria-pressed", String(button.value === theme));
      }
      const body = new URLSearchParams({ theme, then: location.pathname });
      fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => form.submit());
    });
  }
}
