"""Rows of a register put into the people: those known by handle, e-mail or a name only they have brought up to date."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import FOR_EVERYONE, Actor
from kb.errors import N_
from kb.models import Person, PersonKey, audience_id_of
from kb.person_names import email_key, name_key
from kb.person_rows import write
from kb.person_rules import PersonRefused, read_certificate
from kb.register_rows import RegisterRow, RowOutcome
from kb.search.folding import fold_text
from kb.search.pinyin import spell

_CORRECT: Final = N_("Correct the cell.")
_SEVERAL: Final = N_("several people have this name")
_TWICE: Final = N_("another row has the same name, and nothing tells the two apart")
_SAY_WHICH: Final = N_("Give the handle or the e-mail address of the one who is meant.")
_LISTS: Final = ("aliases", "languages", "interests", "topics")
_TEXTS: Final = (
    "name_zh",
    "name_en",
    "department",
    "title",
    "place",
    "email",
    "phone",
    "chat",
    "availability",
    "availability_note",
)
_BREAKS: Final = re.compile(r"[;；\n]+")
_HANDLE_CHARS: Final = 80
_NOT_IN_A_HANDLE: Final = re.compile(r"[^a-z0-9]+")


def put_person_rows(
    session: Session, actor: Actor, rows: Sequence[RegisterRow]
) -> Iterator[RowOutcome]:
    """Put rows in the caller's transaction; what became of each, in their order.

    A row with a handle means whoever has it, or somebody new. A row without one means whoever has its e-mail address;
    else the only person of its name whose e-mail address is not another one; else somebody new, who gets a handle made
    of the name. Of several people of one name nobody is guessed: the row is refused. The caller links authors anew.
    """
    # What search finds of people is for everyone; that audience must be there before the first document is.
    audience_id_of(session, FOR_EVERYONE)
    nameless = Counter(key for row in rows for key in _bare_names(row))
    for row in rows:
        if any(nameless[key] > 1 for key in _bare_names(row)):
            yield _refused(row, "", _TWICE, _SAY_WHICH)
        else:
            yield _put(session, actor, row)


def _bare_names(row: RegisterRow) -> frozenset[str]:
    """The names of a row that says nothing else of who is meant."""
    if row.text("handle") or row.text("email"):
        return frozenset()
    return frozenset({name_key(row.text(each)) for each in ("name_zh", "name_en")} - {""})


def _put(session: Session, actor: Actor, row: RegisterRow) -> RowOutcome:
    try:
        values = _values(row)
    except ValueError:
        return _refused(
            row, "certificates", N_("the day a certificate runs out is no day"), _CORRECT
        )
    found = _same(session, row)
    if len(found) > 1:
        return _refused(row, "name_zh" if row.text("name_zh") else "name_en", _SEVERAL, _SAY_WHICH)
    person = found[0] if found else Person()
    if not found:
        values["handle"] = row.text("handle") or _free_handle(session, row)
    try:
        changed = write(session, actor, person, values)
    except PersonRefused as error:
        field, reason = next(iter(error.wrong.items()))
        return _refused(row, field, reason, _CORRECT)
    if not changed:
        return RowOutcome(row.number, "unchanged", person.id)
    return RowOutcome(row.number, "updated" if found else "added", person.id)


def _same(session: Session, row: RegisterRow) -> list[Person]:
    """Whom a row may mean."""
    here = Person.merged_into.is_(None)
    if handle := row.text("handle"):
        return list(session.scalars(select(Person).where(Person.handle == handle, here)))
    email = email_key(row.text("email"))
    if email:
        known = _with_keys(session, "email", [email])
        if known:
            return known
    names = [key for each in ("name_zh", "name_en") if (key := name_key(row.text(each)))]
    return [
        person
        for person in _with_keys(session, "name", names)
        if _agrees(person, row) and not (email and person.email)
    ]


def _with_keys(session: Session, kind: str, keys: Sequence[str]) -> list[Person]:
    found = select(PersonKey.person_id).where(PersonKey.kind == kind, PersonKey.key.in_(keys))
    return list(session.scalars(select(Person).where(Person.id.in_(found)).order_by(Person.id)))


def _agrees(person: Person, row: RegisterRow) -> bool:
    """False for somebody whose name in either language is another one: 王伟 is not 汪炜, though both are Wang Wei."""
    return all(
        not row.text(name) or not own or name_key(row.text(name)) == name_key(own)
        for name, own in (("name_zh", person.name_zh), ("name_en", person.name_en))
    )


def _values(row: RegisterRow) -> dict[str, Any]:
    values: dict[str, Any] = {name: text for name in _TEXTS if (text := row.text(name))}
    values |= {name: entries for name in _LISTS if (entries := row.entries(name))}
    if lines := row.text("certificates"):
        parts = (part.strip() for part in _BREAKS.split(lines))
        values["certificates"] = tuple(read_certificate(each) for each in parts if each)
    if row.text("mentor"):
        values["mentor"] = row.text("mentor") == "yes"
    if (since := row.number_of("since")) is not None:
        values["since"] = int(since)
    if (left_on := row.day("left_on")) is not None:
        values["left_on"] = left_on
    return values


def _free_handle(session: Session, row: RegisterRow) -> str:
    """A handle nobody has: ``li.na`` of Li Na or 李娜, ``li.na.2`` for the next one."""
    zh = "".join(row.text("name_zh").split())
    # Of a Chinese name the family name is nearly always one character; a handle need not be right about it.
    latin = row.text("name_en") or f"{spell(zh[:1]).full} {spell(zh[1:]).full}"
    words = [part for part in _NOT_IN_A_HANDLE.split(fold_text(latin)) if part]
    base = ".".join(words)[:_HANDLE_CHARS] or name_key(zh)[:_HANDLE_CHARS]
    handle, number = base, 1
    while session.scalar(select(Person.id).where(Person.handle == handle)) is not None:
        number += 1
        handle = f"{base}.{number}"
    return handle


def _refused(row: RegisterRow, field: str, reason: str, advice: str) -> RowOutcome:
    return RowOutcome(row.number, "refused", field=field, reason=reason, advice=advice)
