"""What people read in place of the words that are stored: kinds, languages, facets, outcomes, counts of the ledger.

Each table maps a stored word to a message id. A word that is in no table is shown as it is.
"""

from __future__ import annotations

from typing import Final

from kb.errors import N_

KINDS: Final = {
    "summary": N_("Project summary"),
    "lesson": N_("Lesson learned"),
    "methodology": N_("Methodology"),
    "guide": N_("Guide"),
    "template": N_("Template"),
    "training": N_("Training"),
    "plan": N_("Plan"),
    "report": N_("Report"),
    "minutes": N_("Minutes"),
    "other": N_("Other document"),
    "project": N_("Project"),
    "person": N_("People"),
    "course": N_("Course"),
    "question": N_("Question"),
    "community": N_("Community"),
}

# What a kind is good for, on the home page.
PURPOSES: Final = {
    "summary": N_("How a project went: goals, course, figures, verdict"),
    "lesson": N_("What went wrong or right, why, and what to do about it"),
    "methodology": N_("How we run projects: gates, roles, rules"),
    "guide": N_("How to do one thing well, step by step"),
    "template": N_("Forms to start from"),
    "training": N_("Units to learn from"),
    "plan": N_("How others planned it"),
    "report": N_("Where things stood, and when"),
    "minutes": N_("What was decided, by whom"),
    "other": N_("Everything else"),
}

# An icon of the sprite for each kind.
KIND_ICONS: Final = {
    "summary": "flag",
    "lesson": "lightbulb",
    "methodology": "compass",
    "guide": "book-open",
    "template": "layout-template",
    "training": "graduation-cap",
    "plan": "map",
    "report": "chart-line",
    "minutes": "message-square-text",
    "other": "file-text",
    "project": "folder",
    "person": "user",
    "course": "graduation-cap",
    "question": "circle-help",
    "community": "users",
}

LANGUAGES: Final = {"zh": N_("Chinese"), "en": N_("English")}

FACETS: Final = {
    "kind": N_("Kind"),
    "language": N_("Language of the text"),
    "project": N_("Project"),
    "year": N_("Year"),
    "tag": N_("Tag"),
    "person": N_("Person"),
}

SUGGESTIONS: Final = {
    "document": N_("Document"),
    "lesson": N_("Lesson"),
    "doctemplate": N_("Template"),
    "course": N_("Course"),
    "community": N_("Community"),
    "asked": N_("Question"),
    "person": N_("Person"),
    "project": N_("Project"),
    "tag": N_("Tag"),
    "term": N_("Term"),
    "question": N_("Often asked"),
}

JOB_STATES: Final = {
    "queued": N_("Waiting"),
    "running": N_("Running"),
    "paused": N_("Paused"),
    "done": N_("Finished"),
    "cancelled": N_("Cancelled"),
}

OUTCOMES: Final = {
    "pending": N_("Waiting"),
    "running": N_("Being read"),
    "stored": N_("Stored"),
    "renewed": N_("New version"),
    "unchanged": N_("Unchanged"),
    "duplicate": N_("Duplicate"),
    "failed": N_("Failed"),
    "cancelled": N_("Cancelled"),
    "skipped": N_("Left out"),
    "left": N_("Waiting"),
    "done": N_("Done"),
}

LEDGER_COUNTS: Final = {
    "characters": N_("Characters"),
    "tables": N_("Tables"),
    "pictures": N_("Pictures"),
    "text_boxes": N_("Text boxes"),
    "footnotes": N_("Footnotes"),
    "endnotes": N_("Endnotes"),
    "comments": N_("Comments"),
    "insertions": N_("Tracked insertions"),
    "deletions": N_("Tracked deletions"),
    "headers": N_("Page headers and footers"),
    "equations": N_("Equations"),
    "charts": N_("Charts"),
    "embedded_objects": N_("Embedded objects"),
    "headings": N_("Headings"),
    "lists": N_("Lists"),
    "links": N_("Links"),
}

# What programs write into files by themselves, as the readers name it; all else a file says was written by people.
PROPERTIES: Final = {
    "title": N_("Title"),
    "subject": N_("Subject"),
    "creator": N_("Created by"),
    "keywords": N_("Keywords"),
    "description": N_("Description"),
    "category": N_("Category"),
    "last modified by": N_("Last modified by"),
    "created": N_("Created"),
    "modified": N_("Modified"),
    "language": N_("Language"),
    "publisher": N_("Publisher"),
    "company": N_("Company"),
    "manager": N_("Manager"),
    "application": N_("Application"),
    "header": N_("Page header"),
    "footer": N_("Page footer"),
}

FORMATS: Final = {
    "docx": N_("Word document"),
    "md": N_("Markdown"),
    "html": N_("Web page"),
    "txt": N_("Plain text"),
}

# Words that errors carry as data (see kb.errors): actions, things, fields. Listed so that they get translated.
ERROR_WORDS: Final = (
    N_("read"),
    N_("import"),
    N_("contribute"),
    N_("curate"),
    N_("administer"),
    N_("document"),
    N_("file"),
    N_("original of document"),
    N_("import job"),
    N_("no file was given"),
)
