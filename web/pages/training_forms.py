"""What the forms of training send, read with the patience that forms need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import Depends
from starlette.datastructures import FormData
from starlette.requests import Request

from kb.errors import N_, InvalidInput

# A course of two hundred units has as many boxes to tick.
_MAX_FIELDS: Final = 1_000
_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Fields:
    """The text fields of a form."""

    pairs: tuple[tuple[str, str], ...] = ()

    def text(self, name: str, usual: str = "") -> str:
        """The first value of a field, without space around it."""
        return next((value.strip() for field, value in self.pairs if field == name), usual)

    def many(self, name: str) -> tuple[str, ...]:
        """All values of a field that are not empty."""
        return tuple(
            value.strip() for field, value in self.pairs if field == name and value.strip()
        )

    def whole(self, name: str, usual: int = 0) -> int:
        """A whole number, ``usual`` where nothing was typed.

        Raises:
            InvalidInput: something else was typed.
        """
        return whole(self.text(name), name, usual)

    def day(self, name: str) -> date | None:
        """A day; None where nothing was typed.

        Raises:
            InvalidInput: something else was typed.
        """
        text = self.text(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as error:
            raise InvalidInput(field=N_("date"), reason=text[:40]) from error


async def _fields(request: Request) -> Fields:
    form: FormData = await request.form(max_files=0, max_fields=_MAX_FIELDS)
    return Fields(
        tuple((name, value) for name, value in form.multi_items() if isinstance(value, str))
    )


Sent = Annotated[Fields, Depends(_fields)]


def whole(text: str, name: str, usual: int = 0) -> int:
    """A whole number that was typed, full-width digits too.

    Raises:
        InvalidInput: it is none.
    """
    if not text:
        return usual
    if not text.isdecimal() or len(text) > _DIGITS:
        raise InvalidInput(field=name, reason=N_("write a whole number"))
    return int(text)


def skills_of(text: str) -> tuple[tuple[str, int], ...]:
    """Skills, one in each line: ``change control: 2``; without a level, 1.

    Raises:
        InvalidInput: a level is no number.
    """
    found = []
    for line in filter(None, (each.strip() for each in text.splitlines())):
        name, _, level = line.replace("：", ":").rpartition(":")
        found.append((name.strip(), whole(level.strip(), "skills", 1)) if name else (line, 1))
    return tuple(found)


def skills_text(skills: tuple[tuple[str, int], ...]) -> str:
    """Skills as :func:`skills_of` reads them."""
    return "\n".join(f"{skill}: {level}" for skill, level in skills)
