"""What people read in place of the words that questions are stored and listed by."""

from __future__ import annotations

from typing import Final

from kb.errors import N_

TABS: Final = {
    "open": N_("Open"),
    "unanswered": N_("Without an answer"),
    "mine": N_("Asked by me"),
    "to-me": N_("Brought to me"),
    "waiting": N_("Waits for the PMO"),
    "all": N_("All"),
}
SORTS: Final = {
    "active": N_("Latest activity"),
    "newest": N_("Newest"),
    "votes": N_("Most wanted"),
}
# Headings of the page of what one follows.
FOLLOWED: Final = {
    "topic": N_("Topics"),
    "tag": N_("Tags"),
    "project": N_("Projects"),
    "question": N_("Questions"),
    "document": N_("Documents"),
    "lesson": N_("Lessons"),
    "person": N_("People"),
    "community": N_("Communities"),
}
TABLES: Final = {"question_tab": TABS, "question_sort": SORTS, "followed": FOLLOWED}
