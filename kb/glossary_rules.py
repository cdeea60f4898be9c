"""What an entry of the glossary is, and what makes one unusable: pure rules, nothing stored."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Final

from kb.errors import N_, InvalidInput
from kb.search.folding import HAN, fold_text
from kb.search.lexicon import Concept
from kb.search.name_forms import form

# In characters. The segmenter and the form of a line set no tighter limits; the longest delivered names have 12 and 48.
MAX_ZH_CHARS: Final = 40
MAX_EN_CHARS: Final = 120
MAX_ABBREVIATION_CHARS: Final = 15
MAX_AREA_CHARS: Final = 40
MAX_NOTE_CHARS: Final = 1_000
MAX_NAMES: Final = 30  # in one list

LISTS: Final = ("zh_synonyms", "zh_hant", "en_synonyms", "abbreviations")
_SEPARATOR: Final = re.compile(r"[;；\n]")
_HAN_CHARACTER: Final = re.compile(f"[{HAN}]")
_LATIN_LETTER: Final = re.compile("[A-Za-z]")
_ABBREVIATION: Final = re.compile(r"(?=.*[A-Z])[A-Za-z0-9][A-Za-z0-9&/.+-]*")
# A table program takes what begins like this for a formula.
FORMULA_SIGNS: Final = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class EntryText:
    """What an entry says.

    Attributes:
        zh, en: the usual name in each language.
        zh_synonyms, en_synonyms: what else it is called there.
        zh_hant: how it is written, or what else it is called, where traditional characters are used.
        abbreviations: as they are usually written.
        area: a word for the field it belongs to.
        note: for people only.
    """

    zh: str
    en: str
    zh_synonyms: tuple[str, ...] = ()
    zh_hant: tuple[str, ...] = ()
    en_synonyms: tuple[str, ...] = ()
    abbreviations: tuple[str, ...] = ()
    area: str = ""
    note: str = ""

    @property
    def chinese(self) -> tuple[str, ...]:
        """All Chinese names in simplified characters, the usual one first."""
        return (self.zh, *self.zh_synonyms)

    @property
    def english(self) -> tuple[str, ...]:
        """All English names, the usual one first."""
        return (self.en, *self.en_synonyms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(EntryText):
    """An entry as it stands in the glossary; see :class:`kb.models.glossary.GlossaryEntry`."""

    id: int
    origin: str
    active: bool
    revision: int
    updated_at: datetime
    updated_by: str

    @property
    def text(self) -> EntryText:
        """What it says, without what is known of it."""
        return EntryText(**{name: getattr(self, name) for name in FIELDS})

    @property
    def concept(self) -> Concept:
        """The entry as the search knows it."""
        return Concept(self.id, self.chinese, self.english, self.zh_hant, self.abbreviations)


FIELDS: Final = tuple(field.name for field in fields(EntryText))


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a field that keeps an entry from being saved.

    ``reason`` is a message id, filled with ``data`` by ``%``. What is ``confirmable`` may be saved all the same when
    the person says that it is meant.
    """

    field: str
    reason: str
    data: Mapping[str, str | int]
    confirmable: bool = False


class EntryRefused(InvalidInput):
    """An entry cannot be saved as it is; ``problems`` says why, field by field."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Say the first of ``problems`` as the error's sentence."""
        first = problems[0]
        super().__init__(field=first.field, reason=first.reason % first.data)
        self.problems = problems


class TakenNames:
    """Which entries a name belongs to, in each language. Names that differ in hyphens or country only are the same."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Know the names of the active ones of ``entries``."""
        self._owners: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
        self._names: dict[int, tuple[tuple[str, str], ...]] = {}
        self._heads: dict[tuple[str, str], int] = {}
        for entry in entries:
            if entry.active:
                self.add(entry.id, entry)

    def add(self, entry_id: int, text: EntryText) -> None:
        """From now on the names of ``text`` belong to ``entry_id``, in place of those it had."""
        self.discard(entry_id)
        self._names[entry_id] = tuple(_keys(text))
        self._heads |= {("zh", _key(text.zh)): entry_id, ("en", _key(text.en)): entry_id}
        for key in self._names[entry_id]:
            self._owners[key][entry_id] = f"{text.zh} / {text.en}"

    def discard(self, entry_id: int) -> None:
        """From now on no name belongs to ``entry_id``."""
        for key in self._names.pop(entry_id, ()):
            self._owners[key].pop(entry_id, None)
            if self._heads.get(key) == entry_id:
                del self._heads[key]

    def owner(self, language: str, name: str, besides: int | None = None) -> tuple[int, str] | None:
        """An entry, not ``besides``, with this name, and how that entry is called; None where there is none."""
        owners = self._owners.get((language, _key(name)), {})
        return next(((id_, title) for id_, title in owners.items() if id_ != besides), None)

    def headed(self, language: str, name: str) -> int | None:
        """The entry whose usual name this is."""
        return self._heads.get((language, _key(name)))


def cleaned(text: EntryText) -> EntryText:
    """The same entry without stray spaces, full-width letters and names that it says twice."""
    zh, en = _clean(text.zh), _clean(text.en)
    return EntryText(
        zh=zh,
        en=en,
        zh_synonyms=_once(text.zh_synonyms, zh),
        # Traditional names are there for how they are written, so only the same characters are the same.
        zh_hant=tuple(
            dict.fromkeys(name for name in map(_clean, text.zh_hant) if name and name != zh)
        ),
        en_synonyms=_once(text.en_synonyms, en),
        abbreviations=_once(text.abbreviations, ""),
        area=_clean(text.area).casefold(),
        note=unicodedata.normalize("NFC", text.note).strip().replace("\r\n", "\n"),
    )


def listed(cell: str) -> tuple[str, ...]:
    """The names in a cell or a box: one a line, or with semicolons between them."""
    return tuple(name for name in map(str.strip, _SEPARATOR.split(cell)) if name)


def problems(
    text: EntryText, taken: TakenNames, entry_id: int | None = None
) -> tuple[Problem, ...]:
    """Everything that keeps a cleaned entry from being saved, worst first.

    Args:
        text: the entry.
        taken: names of the other entries.
        entry_id: the entry this is a change of.
    """
    found = [*_form_problems(text), *_taken_problems(text, taken, entry_id)]
    return tuple(sorted(found, key=lambda problem: problem.confirmable))


def _form_problems(text: EntryText) -> Iterator[Problem]:
    for field, names, most in (
        ("zh", (text.zh,), MAX_ZH_CHARS),
        ("en", (text.en,), MAX_EN_CHARS),
        ("zh_synonyms", text.zh_synonyms, MAX_ZH_CHARS),
        ("zh_hant", text.zh_hant, MAX_ZH_CHARS),
        ("en_synonyms", text.en_synonyms, MAX_EN_CHARS),
        ("abbreviations", text.abbreviations, MAX_ABBREVIATION_CHARS),
    ):
        if len(names) > MAX_NAMES:
            yield Problem(field, N_("it lists more than %(most)s names"), {"most": MAX_NAMES})
        for name in names:
            reason = _wrong_with(field, name, most)
            if reason:
                yield Problem(field, reason, {"name": name[: 2 * most], "most": most})
    for field, value, most in (
        ("area", text.area, MAX_AREA_CHARS),
        ("note", text.note, MAX_NOTE_CHARS),
    ):
        if len(value) > most:
            yield Problem(field, N_("it has more than %(most)s characters"), {"most": most})
    if not all(char.isprintable() or char == "\n" for char in text.note + text.area):
        yield Problem("note", N_("it holds characters that cannot be printed"), {})


def _wrong_with(field: str, name: str, most: int) -> str:
    """The first thing that is wrong with a name; empty where nothing is."""
    chinese = field.startswith("zh")
    rules = (
        (not name and chinese, N_("the Chinese name is missing")),
        (not name, N_("the English name is missing")),
        (len(name) > most, N_("“%(name)s” has more than %(most)s characters")),
        (not name.isprintable(), N_("“%(name)s” holds characters that cannot be printed")),
        (
            bool(_SEPARATOR.search(name)),
            N_("“%(name)s” is several names; the others belong into the list of synonyms"),
        ),
        (name.startswith(FORMULA_SIGNS), N_("“%(name)s” begins with a sign; begin with the word")),
        (
            field == "abbreviations" and not _ABBREVIATION.fullmatch(name),
            N_("“%(name)s” is no abbreviation: those have capital letters and no spaces"),
        ),
        (
            chinese and not _HAN_CHARACTER.search(name),
            N_("“%(name)s” has no Chinese character"),
        ),
        (
            field.startswith("en") and bool(_HAN_CHARACTER.search(name)),
            N_("“%(name)s” is Chinese; it belongs into a Chinese field"),
        ),
        (
            field.startswith("en") and not _LATIN_LETTER.search(name),
            N_("“%(name)s” has no letter"),
        ),
    )
    return next((reason for wrong, reason in rules if wrong), "")


def _taken_problems(text: EntryText, taken: TakenNames, entry_id: int | None) -> Iterator[Problem]:
    for field, language, names in (
        ("zh", "zh", (text.zh,)),
        ("en", "en", (text.en,)),
        ("zh_synonyms", "zh", text.zh_synonyms),
        ("en_synonyms", "en", text.en_synonyms),
    ):
        for name in names:
            owner = taken.owner(language, name, besides=entry_id) if name else None
            if owner is not None:
                yield Problem(
                    field,
                    N_("“%(name)s” is a name of another entry already: %(other)s"),
                    {"name": name, "other": owner[1], "other_id": owner[0]},
                    confirmable=True,
                )


def _keys(text: EntryText) -> Iterator[tuple[str, str]]:
    for language, names in (("zh", text.chinese), ("en", text.english)):
        for name in names:
            yield language, _key(name)


def _key(name: str) -> str:
    analysed = form(name)
    return analysed.keys[0][0] if analysed else fold_text(name)


def _clean(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).split())


def _once(names: Iterable[str], head: str) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for name in map(_clean, names):
        if name:
            kept.setdefault(fold_text(name), name)
    kept.pop(fold_text(head), None)
    return tuple(kept.values())


def with_synonym(text: EntryText, *, zh: str = "", en: str = "") -> EntryText:
    """The same entry with one more synonym in either language, or in both."""
    return cleaned(
        replace(
            text,
            zh_synonyms=(*text.zh_synonyms, *listed(zh)),
            en_synonyms=(*text.en_synonyms, *listed(en)),
        )
    )
