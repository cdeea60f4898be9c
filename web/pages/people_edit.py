"""The form of a person's entry, their photo, and what they say of their topics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Form, UploadFile
from starlette.responses import Response

from ingest.register_of_people import PEOPLE_SCHEMA
from kb.access import Action
from kb.errors import N_, Conflict, NotAllowed
from kb.person_photos import MAX_BYTES
from kb.person_rules import (
    AVAILABILITIES,
    OWN_FIELDS,
    Certificate,
    PersonRefused,
    PersonText,
    certificate_line,
    read_certificate,
)
from kb.search.answers import Names
from web.form_fields import FormField
from web.language import Language
from web.people_labels import AVAILABILITIES as AVAILABILITY_LABELS
from web.people_labels import in_language
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

_MOST_CHARS: Final = 20_000
_NOT_A_DAY: Final = N_("This is no date; write it as 2024-03-05.")
_NOT_A_NUMBER: Final = N_("This is no number.")
_CHANGED: Final = N_(
    "Somebody else saved this entry meanwhile. What you wrote stands here, what they saved on the person’s page."
)
_LINES: Final = ("aliases", "languages", "interests", "topics", "certificates")
_DAYS: Final = ("left_on",)


@dataclass(frozen=True, slots=True)
class PersonForm:
    """The fields of the form as they were sent; lists with one entry a line."""

    handle: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    name_zh: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    name_en: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    aliases: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    department: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    title: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    place: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    languages: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    email: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    phone: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    chat: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    availability: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    availability_note: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    mentor: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    since: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    left_on: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    interests: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    certificates: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    topics: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    user_id: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    revision: Annotated[int, Form()] = 0


Sent = Annotated[PersonForm, Depends()]
FIELDS: Final = tuple(name for name in PersonForm.__dataclass_fields__ if name != "revision")


@dataclass(frozen=True, slots=True)
class PersonFormPage:
    """Context of ``people/form.html``; ``id`` is 0 for a new person. ``fields`` has those the visitor may change."""

    id: int
    name: str
    fields: Mapping[str, FormField]
    revision: int
    problem: str
    availabilities: tuple[tuple[str, str], ...]
    photo: str
    photo_mib: int


@router.get("/people/new")
def new(visit: Visiting) -> Response:
    """The form for somebody new."""
    visit.actor.must(Action.CURATE_PEOPLE)
    return _form(visit, 0, PersonForm())


@router.post("/people")
def add(visit: Visiting, form: Sent) -> Response:
    """Add somebody."""
    return _save(visit, form, None)


@router.get("/people/{person_id:int}/edit")
def edit(visit: Visiting, person_id: Id) -> Response:
    """The form of an entry."""
    entry = visit.kb.people.entry(visit.actor, person_id)
    if not entry.may_edit:
        raise NotAllowed(action=Action.CURATE_PEOPLE.value)
    return _form(visit, person_id, _as_form(entry.said, entry.revision))


@router.post("/people/{person_id:int}")
def save(visit: Visiting, person_id: Id, form: Sent) -> Response:
    """Save an entry."""
    return _save(visit, form, person_id)


@router.post("/people/{person_id:int}/photo")
def put_photo(visit: Visiting, person_id: Id, photo: Annotated[UploadFile, File()]) -> Response:
    """Give somebody a photo."""
    visit.kb.person_photos.put(
        visit.actor, person_id, photo.file.read(MAX_BYTES + 1), (photo.filename or "")[:200]
    )
    return visit.redirect(f"/people/{person_id}")


@router.post("/people/{person_id:int}/photo/remove")
def remove_photo(visit: Visiting, person_id: Id) -> Response:
    """Take somebody's photo away."""
    visit.kb.person_photos.remove(visit.actor, person_id)
    return visit.redirect(f"/people/{person_id}/edit")


@router.post("/people/{person_id:int}/topics")
def say(
    visit: Visiting,
    person_id: Id,
    label: Annotated[str, Form(max_length=_MOST_CHARS)],
    state: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Confirm, hide or add a topic, or take that back."""
    visit.kb.expertise.say(visit.actor, person_id, label, state)
    return visit.redirect(f"/people/{person_id}#topics")


def text_of(form: PersonForm) -> tuple[PersonText, dict[str, str]]:
    """What a form says, and for each field that cannot be read why, as a message id."""
    wrong: dict[str, str] = {}
    values: dict[str, object] = {}
    for name in FIELDS:
        text = getattr(form, name).strip()
        if name == "certificates":
            values[name] = _certificates(text, wrong)
        elif name in _LINES:
            values[name] = _lines(text)
        elif name in _DAYS:
            values[name] = _day(name, text, wrong)
        elif name == "since":
            values[name] = _year(text, wrong)
        elif name == "mentor":
            values[name] = text == "yes"
        else:
            values[name] = text
    return PersonText(**values), wrong  # type: ignore[arg-type]


def _save(visit: Visit, form: PersonForm, person_id: int | None) -> Response:
    if person_id is None:
        visit.actor.must(Action.CURATE_PEOPLE)
    else:
        entry = visit.kb.people.entry(visit.actor, person_id)
        if not entry.may_edit:
            raise NotAllowed(action=Action.CURATE_PEOPLE.value)
        if Action.CURATE_PEOPLE not in visit.actor.actions:
            kept = _as_form(entry.said, form.revision)
            form = replace(kept, **{name: getattr(form, name) for name in OWN_FIELDS})
    text, wrong = text_of(form)
    if not wrong:
        try:
            saved = visit.kb.people.save(
                visit.actor, text, person_id=person_id, revision=form.revision
            )
            return visit.redirect(f"/people/{saved}")
        except PersonRefused as error:
            wrong = error.wrong
        except Conflict:
            current = visit.kb.people.entry(visit.actor, person_id or 0)
            kept = replace(form, revision=current.revision)
            return _form(visit, person_id or 0, kept, problem=_CHANGED, status=409)
    return _form(visit, person_id or 0, form, wrong=wrong, status=422)


def _form(
    visit: Visit,
    person_id: int,
    form: PersonForm,
    *,
    wrong: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    language = visit.language
    curator = Action.CURATE_PEOPLE in visit.actor.actions
    photo = bool(person_id) and visit.kb.people.entry(visit.actor, person_id).view.photo
    context = PersonFormPage(
        id=person_id,
        name=in_language(Names(form.name_zh, form.name_en), language)[0],
        fields={
            name: FormField(
                name,
                _label(name, language),
                getattr(form, name),
                language.gettext((wrong or {}).get(name, "")),
                name in _LINES,
            )
            for name in FIELDS
            if curator or name in OWN_FIELDS
        },
        revision=form.revision,
        problem=language.gettext(problem),
        availabilities=(
            ("", language.gettext(N_("Not said"))),
            *((one, language.gettext(AVAILABILITY_LABELS[one])) for one in AVAILABILITIES),
        ),
        photo=f"/people/{person_id}/photo" if photo else "",
        photo_mib=MAX_BYTES // (1024 * 1024),
    )
    return visit.page("people/form.html", context, block="content", status=status)


def _label(name: str, language: Language) -> str:
    if name == "user_id":
        return language.gettext(N_("Sign-in"))
    return PEOPLE_SCHEMA.field(name).label(language.code)


def _as_form(text: PersonText, revision: int) -> PersonForm:
    values: dict[str, str] = {}
    for name in FIELDS:
        value = getattr(text, name)
        if name == "certificates":
            values[name] = "\n".join(map(certificate_line, value))
        elif name in _LINES:
            values[name] = "\n".join(value)
        elif name == "mentor":
            values[name] = "yes" if value else ""
        else:
            values[name] = "" if value is None else str(value)
    return PersonForm(**values, revision=revision)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for part in text.splitlines() if (line := part.strip()))


def _certificates(text: str, wrong: dict[str, str]) -> tuple[Certificate, ...]:
    try:
        return tuple(map(read_certificate, _lines(text)))
    except ValueError:
        wrong["certificates"] = _NOT_A_DAY
        return ()


def _day(name: str, text: str, wrong: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        wrong[name] = _NOT_A_DAY
        return None


def _year(text: str, wrong: dict[str, str]) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):  # noqa: PLR2004  digits of a year
        wrong["since"] = _NOT_A_NUMBER
        return None
    return int(text)
