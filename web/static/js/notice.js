// The place below the head where htmx puts what went wrong.

/** Take the notice of a failed request away as soon as something else is tried. */
export function noticesGoAway() {
  document.body.addEventListener("htmx:beforeRequest", () => document.querySelector("#notice").replaceChildren());
}
