// Comments: @ offers people, and each section of the text offers to be commented on.
import { completion } from "./completion.js";

/** Bring the forms for comments to life, also those that htmx brings in later. */
export function comments() {
  document.querySelectorAll("[data-mention]").forEach(mentions);
  document.body.addEventListener("htmx:load", (event) => {
    event.detail.elt.querySelectorAll?.("[data-mention]").forEach(mentions);
  });
  sectionsOfferComments();
}

function mentions(field) {
  if (field.dataset.alive) return;
  field.dataset.alive = "yes";
  const list = field.parentElement.querySelector("[data-links]");
  completion(field, list, /(?<![A-Za-z0-9])@([^\s@]{0,40})$/, async (typed, signal) => {
    const answer = await fetch(`${field.dataset.mention}?q=${encodeURIComponent(typed)}`, { signal });
    const found = answer.ok ? await answer.json() : [];
    return found.map((each) => ({ text: each.name, kind: each.id, value: `@${each.id} ` }));
  });
}

function sectionsOfferComments() {
  const article = document.querySelector("[data-document][data-comment-label]");
  if (!article) return;
  const known = document.querySelector(".icon use");
  const sprite = known.getAttribute("href").split("#")[0];
  const svg = known.namespaceURI;
  for (const heading of article.querySelectorAll(":is(h1, h2, h3, h4, h5, h6)[id]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "section-comment link-button";
    button.title = article.dataset.commentLabel;
    button.setAttribute("aria-label", article.dataset.commentLabel);
    const icon = document.createElementNS(svg, "svg");
    icon.setAttribute("class", "icon");
    icon.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(svg, "use");
    use.setAttribute("href", `${sprite}#message-square-text`);
    icon.append(use);
    button.append(icon);
    button.addEventListener("click", () => {
      const choice = document.querySelector(".comment-form select[name=section]");
      const field = document.querySelector(".comment-form textarea");
      if (choice) choice.value = heading.id;
      field?.scrollIntoView({ block: "center" });
      field?.focus({ preventScroll: true });
    });
    heading.append(button);
  }
}
