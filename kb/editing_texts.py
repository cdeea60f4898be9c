"""What stands in the editor, as values: a text and its bounds, what the editor opens with, two texts that clash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kb.document_rows import MAX_TITLE_CHARS
from kb.errors import N_, InvalidInput, TextTooLong
from kb.merging import Part

# Some 250 pages of Chinese. Longer ones cannot be read either; and every version keeps its own copy.
MAX_BODY_CHARS: Final = 500_000
MAX_NOTE_CHARS: Final = 500


@dataclass(frozen=True, slots=True)
class Text:
    """What stands in the editor: title, Markdown, and in a few words what was changed and why."""

    title: str
    body: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """What the editor opens with.

    Attributes:
        text: the actor's unsaved draft, else the text as it is.
        base: number of the version the text was begun from.
        newest: number of the newest version; above ``base`` when somebody saved meanwhile, ``newest_by`` then.
        joined: number of the published version that the text takes into account; ``published`` the present one.
        draft_at: when the draft was kept; None where there is none.
        seen: readers see a published version of it, and go on seeing that.
    """

    document_id: int
    title: str
    language: str
    kind: str
    text: Text
    base: int
    newest: int
    newest_by: str
    newest_at: datetime
    joined: int
    published: int
    draft_at: datetime | None
    state: str
    seen: bool

    @property
    def behind(self) -> bool:
        """Something was saved or published since the text was begun."""
        return self.base != self.newest or self.joined != self.published


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a text: ``number`` of its version; ``conflict`` when another was saved meanwhile."""

    number: int
    conflict: bool = False
    unchanged: bool = False
    in_place: bool = False


@dataclass(frozen=True, slots=True)
class Clash:
    """Two texts made from one: the actor's draft and what others saved or published meanwhile."""

    document_id: int
    title: str
    language: str
    parts: tuple[Part, ...]
    mine: Text
    theirs_title: str
    theirs_by: str
    theirs_at: datetime
    newest: int
    published: int


def title_of(text: str) -> str:
    """A title as it is kept.

    Raises:
        InvalidInput: it is empty.
    """
    title = " ".join(text.split())[:MAX_TITLE_CHARS]
    if not title:
        raise InvalidInput(field=N_("title"), reason=N_("it is empty"))
    return title


def check_length(body: str) -> None:
    """Return when a body can be edited here.

    Raises:
        TextTooLong: it cannot.
    """
    if len(body) > MAX_BODY_CHARS:
        raise TextTooLong(
            field="text", reason="", chars=f"{len(body):,}", limit=f"{MAX_BODY_CHARS:,}"
        )


def clean(text: Text, *, lenient: bool = False) -> Text:
    """As it is kept: line feeds only, no characters that no text has; a draft may lack its title."""
    body = text.body.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    check_length(body)
    title = " ".join(text.title.split())[:MAX_TITLE_CHARS] if lenient else title_of(text.title)
    return Text(title, body, " ".join(text.note.split())[:MAX_NOTE_CHARS])
