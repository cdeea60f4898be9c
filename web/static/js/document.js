// A document's page: links to its sections, the section being read, the words that were searched for.

/** Give every heading of `article` a link to itself, which also lands on the clipboard. */
export function headingsOfferLinks(article) {
  const sprite = document.querySelector(".icon use").getAttribute("href").split("#")[0];
  for (const heading of article.querySelectorAll(":is(h1, h2, h3, h4, h5, h6)[id]")) {
    const link = document.createElement("a");
    link.className = "anchor";
    link.href = `#${encodeURIComponent(heading.id)}`;
    link.setAttribute("aria-label", article.dataset.linkLabel);
    link.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${sprite}#link"/></svg>`;
    link.addEventListener("click", async () => {
      const address = new URL(location.href);
      address.search = "";
      address.hash = link.hash;
      try {
        await navigator.clipboard.writeText(address.href);
      } catch {
        return; // Without permission the address bar holds the link all the same.
      }
      link.dataset.done = article.dataset.copied;
      setTimeout(() => delete link.dataset.done, 1500);
    });
    heading.append(link);
  }
}

/** Mark the words that led here, wherever they stand in `article`. */
export function markFound(article) {
  const words = JSON.parse(article.dataset.marks);
  if (!words.length || !window.CSS?.highlights) return;
  const escaped = words.map((word) => {
    const plain = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    // Chinese words stand side by side; others begin and end where letters do.
    return /\p{Script=Han}/u.test(word) ? plain : `(?<!\\p{L})${plain}(?!\\p{L})`;
  });
  const wanted = new RegExp(escaped.join("|"), "gu");
  const ranges = [];
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    for (const match of walker.currentNode.data.matchAll(wanted)) {
      const range = new Range();
      range.setStart(walker.currentNode, match.index);
      range.setEnd(walker.currentNode, match.index + match[0].length);
      ranges.push(range);
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges));
}

/** In the table of contents, point out the section that is being read. */
export function contentsFollowReading() {
  const nav = document.querySelector("[data-contents]");
  if (!nav) return;
  const lines = new Map();
  for (const link of nav.querySelectorAll("a")) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (heading) lines.set(heading, link);
  }
  const headings = [...lines.keys()];
  let current = null;
  const look = () => {
    const bottom = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    // The last heading above the upper third of the window is the one being read; at the end of the page, where the
    // last sections cannot come up that far, the last one in sight.
    const line = bottom && window.scrollY ? window.innerHeight : window.innerHeight / 3;
    const asked = headings.find((heading) => heading.id === decodeURIComponent(location.hash.slice(1)));
    const top = asked?.getBoundingClientRect().top ?? -1;
    const read =
      top >= 0 && top < window.innerHeight
        ? asked
        : (headings.findLast((heading) => heading.getBoundingClientRect().top < line) ?? null);
    if (read === current) return;
    lines.get(current)?.removeAttribute("aria-current");
    lines.get(read)?.setAttribute("aria-current", "true");
    current = read;
    const link = lines.get(read);
    const frame = nav.closest("details");
    if (link && frame.scrollHeight > frame.clientHeight) {
      frame.scrollTop = link.offsetTop - frame.offsetTop - frame.clientHeight / 2;
    }
  };
  let waiting = false;
  window.addEventListener(
    "scroll",
    () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        look();
      });
    },
    { passive: true },
  );
  window.addEventListener("hashchange", look);
  look();
}
