"""Registers: spreadsheets whose rows become things of a subject (projects, lessons, people, questions).

A subject offers its register by one :class:`RegisterKind`: what may stand in a row (:class:`RegisterSchema`) and a
function that takes rows (``put``). The rest is the same for all and lies here and in ``register_*.py``:

1. :func:`ingest.register_tables.read_tables` reads the file (.csv, .xlsx, .xls, .xlsb, .ods) into tables and finds the
   header row.
2. :func:`ingest.register_columns.guess_columns` says which column holds which field; a person confirms or changes that.
3. :func:`ingest.register_checks.check_rows` turns each cell into its field's type, or says what is wrong with it.
4. ``put`` with :attr:`Keep.NOTHING` is the dry run, with :attr:`Keep.ALL` or :attr:`Keep.GOOD` the import.

To offer a register at ``/registers/<name>/import``: write ``<name>_register(kb) -> RegisterKind`` in a module of its
own and add it to :data:`ingest.register_kinds.KINDS`. That is all; the pages take names from the schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kb.access import Action, Actor
from kb.register_rows import Keep, RegisterRow, RowOutcome

__all__ = [
    "Field",
    "FieldType",
    "Keep",
    "Problem",
    "RegisterKind",
    "RegisterRow",
    "RegisterSchema",
    "RowOutcome",
]

Put = Callable[[Actor, Sequence[RegisterRow], Keep], Sequence[RowOutcome]]


class FieldType(StrEnum):
    """What the cells of a column hold, and what ``RegisterRow.values`` has of them."""

    TEXT = "text"  # str on one line
    LONG_TEXT = "long-text"  # str, with its line breaks
    DATE = "date"  # datetime.date
    NUMBER = "number"  # Decimal: 1,200 and 1.2万 and 12 %, also full-width
    MONEY = "money"  # Decimal in the whole unit; the currency goes to the field named in ``currency_field``
    CURRENCY = "currency"  # str: a code, such as CNY for 元 and ¥
    CHOICE = "choice"  # str: the stored word of ``choices``
    PERSON = "person"  # str: the handle of somebody known, else the name as written
    PROJECT = "project"  # str: the code of a known project, else the text as written
    LIST = "list"  # tuple[str, ...]: entries parted by semicolons, 、, | or line breaks


@dataclass(frozen=True, slots=True)
class Field:
    """Something a row may say.

    Attributes:
        name: its name in ``RegisterRow.values``.
        zh: its name for people, in Chinese; also a header that is known.
        en: its name for people, in English; also a header that is known.
        type: what its cells hold.
        required: a row without it is refused; so is a file without a column for it.
        max_length: of a text, or of one entry of a list, in characters; a longer one is refused, never cut.
        synonyms: further headers, in any language; case, width, spaces and punctuation do not count.
        choices: for a choice, each stored word with all that people write for it (the word itself is always known).
        open: for a choice: True to keep a word that is none of the choices as it is, False to refuse it.
        known: for a person or a project: True to refuse one that is not known, False to keep the text as it is.
        currency_field: for money: name of the currency field that gets what a cell or header of amounts says.
        example: a value to show in the empty form that people download.
    """

    name: str
    zh: str
    en: str
    type: FieldType = FieldType.TEXT
    required: bool = False
    max_length: int = 300
    synonyms: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    open: bool = False
    known: bool = False
    currency_field: str = ""
    example: str = ""

    def label(self, language: str) -> str:
        """Its name in ``zh`` or ``en``."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class RegisterSchema:
    """What may stand in the rows of a register.

    Attributes:
        fields: in the order they are offered and written to the empty form.
        key: name of the field that tells rows apart: two rows of a file with the same key are refused from the second
            on. Empty where rows have none.
        one_of: of each of these groups of fields a row must fill at least one.
    """

    fields: tuple[Field, ...]
    key: str = ""
    one_of: tuple[tuple[str, ...], ...] = ()

    def field(self, name: str) -> Field:
        """The field with this name.

        Raises:
            KeyError: there is none.
        """
        for known in self.fields:
            if known.name == name:
                return known
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class RegisterKind:
    """A register that a subject takes in.

    Attributes:
        name: in the address, a plural: ``projects``.
        title: what people call it, a message id.
        schema: what its rows may say.
        put: takes rows in one transaction and says what became of each, see :mod:`kb.register_rows`. It is called with
            :attr:`Keep.NOTHING` for the dry run.
        list_url: page of the list of its things.
        thing_url: address of one of its things, with ``%d`` for the id; empty where they have no page.
        action: what a role must allow to import it.
    """

    name: str
    title: str
    schema: RegisterSchema
    put: Put
    list_url: str
    thing_url: str = ""
    action: Action = Action.CURATE


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that keeps a row out.

    Attributes:
        row: number of the row as a spreadsheet program counts, from 1.
        column: header of the column, as it stands in the file; empty where it is the row as a whole.
        value: what stands in the cell, at most 200 characters of it.
        reason: message id with gaps for ``data``.
        advice: what to do now, likewise.
        data: fills the gaps of both.
    """

    row: int
    column: str
    value: str
    reason: str
    advice: str
    data: Mapping[str, str | int] = field(default_factory=dict)
