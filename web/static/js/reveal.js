// A button beside a password shows what was typed, and hides it again before the form is sent.
export function reveals() {
  for (const button of document.querySelectorAll("[data-reveal]")) {
    const field = button.parentElement.querySelector("input");
    const show = (shown) => {
      field.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
    };
    button.hidden = false;
    button.addEventListener("click", () => show(field.type === "password"));
    field.form.addEventListener("submit", () => show(false));
  }
}
