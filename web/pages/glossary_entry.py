"""An entry of the glossary: read with its history, changed, added, removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from kb.access import Action
from kb.glossary import HistoryLine
from kb.glossary_rules import (
    LISTS,
    MAX_AREA_CHARS,
    MAX_EN_CHARS,
    MAX_NOTE_CHARS,
    MAX_ZH_CHARS,
    Entry,
    EntryRefused,
    EntryText,
    Problem,
    listed,
    with_synonym,
)
from web.glossary_labels import ACTIONS, AREAS, FIELDS, area_label, told
from web.language import Language
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

_MAX_WORD_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of the form: what stands in it, and what is wrong with it."""

    name: str
    label: str
    value: str
    lang: str
    problems: tuple[str, ...]
    is_list: bool
    max_chars: int


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A line of an entry's history."""

    line: HistoryLine
    action: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Context of ``glossary/entry.html``; ``entry`` is None for a new one.

    Attributes:
        fields: of the form, by name.
        may_confirm: nothing is wrong but names that other entries have, which may be meant.
        saved: how many documents are indexed again for what was just saved; None when nothing was.
        prefilled: the form holds a word that has not been saved yet.
        adding_zh, adding_en: the word a new entry was asked for, to look for an existing one first.
    """

    entry: Entry | None
    fields: Mapping[str, FieldView]
    areas: tuple[tuple[str, str], ...]
    area: str
    may_curate: bool
    may_confirm: bool
    has_problems: bool
    saved: int | None
    prefilled: bool
    adding_zh: str
    adding_en: str
    history: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True)
class EntryForm:
    """The fields of an entry's form as they were sent; lists with one name a line."""

    zh: Annotated[str, Form()] = ""
    en: Annotated[str, Form()] = ""
    zh_synonyms: Annotated[str, Form()] = ""
    zh_hant: Annotated[str, Form()] = ""
    en_synonyms: Annotated[str, Form()] = ""
    abbreviations: Annotated[str, Form()] = ""
    area: Annotated[str, Form()] = ""
    note: Annotated[str, Form()] = ""
    revision: Annotated[int | None, Form()] = None
    confirmed: Annotated[str, Form()] = ""

    @property
    def text(self) -> EntryText:
        """The entry they make up."""
        return EntryText(
            zh=self.zh,
            en=self.en,
            zh_synonyms=listed(self.zh_synonyms),
            zh_hant=listed(self.zh_hant),
            en_synonyms=listed(self.en_synonyms),
            abbreviations=listed(self.abbreviations),
            area=self.area,
            note=self.note,
        )


Sent = Annotated[EntryForm, Depends()]


@router.get("/glossary/new")
def new(visit: Visiting, zh: str = "", en: str = "") -> Response:
    """The form for a new entry, filled in with a word where one is given."""
    visit.actor.must(Action.CURATE)
    text = EntryText(zh=_word(zh), en=_word(en))
    return _entry(visit, None, text, adding=(text.zh, text.en))


@router.post("/glossary")
def add(visit: Visiting, form: Sent) -> Response:
    """Add an entry."""
    return _save(visit, form, None)


@router.get("/glossary/{entry_id:int}")
def entry(
    visit: Visiting, entry_id: Id, zh: str = "", en: str = "", saved: int | None = None
) -> Response:
    """An entry with its history; for curators as a form, in which ``zh`` or ``en`` stands as one more synonym."""
    found = visit.kb.glossary.get(visit.actor, entry_id)
    zh, en = _word(zh), _word(en)
    if not _may_curate(visit):
        zh = en = ""
    text = with_synonym(found.text, zh=zh, en=en) if zh or en else found.text
    return _entry(visit, found, text, saved=saved, prefilled=text != found.text)


@router.post("/glossary/{entry_id:int}")
def save(visit: Visiting, entry_id: Id, form: Sent) -> Response:
    """Change an entry, or bring a removed one back."""
    return _save(visit, form, entry_id)


@router.post("/glossary/{entry_id:int}/remove")
def remove(
    visit: Visiting, entry_id: Id, revision: Annotated[int | None, Form()] = None
) -> Response:
    """Take an entry out of force."""
    done = visit.kb.glossary.remove(visit.actor, entry_id, revision)
    return _shown_or_sent_to(visit, done.entry, done.documents)


def _save(visit: Visit, form: EntryForm, entry_id: int | None) -> Response:
    try:
        done = visit.kb.glossary.save(
            visit.actor,
            form.text,
            entry_id=entry_id,
            revision=form.revision,
            confirmed=bool(form.confirmed),
        )
    except EntryRefused as error:
        found = visit.kb.glossary.get(visit.actor, entry_id) if entry_id is not None else None
        return _entry(visit, found, form.text, wrong=error.problems)
    return _shown_or_sent_to(visit, done.entry, done.documents)


def _shown_or_sent_to(visit: Visit, found: Entry, documents: int) -> Response:
    address = f"/glossary/{found.id}"
    if not visit.fragment:
        return visit.redirect(f"{address}?saved={documents}")
    response = _entry(visit, found, found.text, saved=documents)
    response.headers["HX-Push-Url"] = address
    return response


def _entry(
    visit: Visit,
    found: Entry | None,
    text: EntryText,
    *,
    wrong: tuple[Problem, ...] = (),
    saved: int | None = None,
    prefilled: bool = False,
    adding: tuple[str, str] = ("", ""),
) -> Response:
    history = visit.kb.glossary.history(visit.actor, found.id) if found is not None else []
    context = EntryPage(
        entry=found,
        fields=_fields(visit.language, text, wrong),
        areas=tuple((name, visit.language.gettext(label)) for name, label in AREAS.items()),
        area=area_label(visit.language, text.area),
        may_curate=_may_curate(visit),
        may_confirm=bool(wrong) and all(problem.confirmable for problem in wrong),
        has_problems=bool(wrong),
        saved=saved,
        prefilled=prefilled,
        adding_zh=adding[0],
        adding_en=adding[1],
        history=tuple(_change(visit.language, line) for line in history),
    )
    status = 422 if wrong else 200
    return visit.page("glossary/entry.html", context, block="content", status=status)


def _fields(
    language: Language, text: EntryText, wrong: Sequence[Problem]
) -> Mapping[str, FieldView]:
    limits = {"area": MAX_AREA_CHARS, "note": MAX_NOTE_CHARS, "zh": MAX_ZH_CHARS}
    tags = {"zh": "zh-Hans", "zh_synonyms": "zh-Hans", "zh_hant": "zh-Hant"}
    return {
        name: FieldView(
            name=name,
            label=language.gettext(label),
            value="\n".join(getattr(text, name)) if name in LISTS else getattr(text, name),
            lang=tags.get(name, "en" if name.startswith("en") else ""),
            problems=tuple(told(language, each) for each in wrong if each.field == name),
            is_list=name in LISTS,
            max_chars=limits.get(name, MAX_EN_CHARS),
        )
        for name, label in FIELDS.items()
    }


def _change(language: Language, line: HistoryLine) -> ChangeView:
    return ChangeView(
        line=line,
        action=language.gettext(ACTIONS[line.action]),
        fields=tuple(
            (language.gettext(FIELDS[name]), before, after) for name, before, after in line.fields
        ),
    )


def _word(text: str) -> str:
    return " ".join(text.split())[:_MAX_WORD_CHARS]


def _may_curate(visit: Visit) -> bool:
    return Action.CURATE in visit.actor.actions
