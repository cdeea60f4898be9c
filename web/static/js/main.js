// All scripts of the pages. Each part does nothing on a page that has no use for it, and every page works without any.
import { audiences } from "./audience.js";
import { candidatesByKey } from "./candidates.js";
import { comments } from "./comments.js";
import { contentsFollowReading, headingsOfferLinks, markFound } from "./document.js";
import { editors } from "./editing.js";
import { menusClose } from "./menu.js";
import { noticesGoAway } from "./notice.js";
import { reveals } from "./reveal.js";
import { reviews } from "./review.js";
import { searchAsYouType, slashGoesToSearch } from "./search.js";
import { suggestions } from "./suggest.js";
import { themeSwitches } from "./theme.js";
import { uploads } from "./upload.js";

slashGoesToSearch();
noticesGoAway();
menusClose();
searchAsYouType();
document.querySelectorAll("[data-suggest]").forEach(suggestions);
themeSwitches();
uploads();
reviews();
reveals();
audiences();
candidatesByKey();
for (const article of document.querySelectorAll("[data-document]")) {
  headingsOfferLinks(article);
  markFound(article);
}
contentsFollowReading();
editors();
comments();
