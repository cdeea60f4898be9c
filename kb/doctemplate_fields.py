"""The placeholders of DocTemplates: what may stand between ``{{`` and ``}}``, and what form it makes.

::

    {{ project.name }}                              a value taken from the project, the person, or the day
    {{ 审批日期 }}                                    a line of text, named by its label
    {{ date:审批日期 * = today # 以签字日期为准 }}      type, label, * for required, where it is prefilled from, a hint
    {{ choice:状态 | 绿 | 黄 | 红 }}                   one of these
    {{ long:Risks[].Response }}                     in a table row: the row repeats, once for each entry of the list
    {{ rownumber:Risks[] }}                         1, 2, 3 … in such a row

A grammar of our own in place of Jinja: a template is a file that people hand in, and nothing in it is ever executed.
There are no loops, conditions, filters or attributes, so there is nothing to escape from and nothing that may not end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from kb.errors import N_, FileRefused

# The types, with the words that people may write for them.
TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("text", "文本"),
    "long": ("long", "长文本"),
    "date": ("date", "日期"),
    "number": ("number", "数字"),
    "choice": ("choice", "选项"),
    "person": ("person", "人员"),
    "project": ("project", "项目"),
    "rownumber": ("rownumber", "序号"),
}
_TYPE_OF: Final = {word: type_ for type_, words in TYPES.items() for word in words}

# What can be taken from the chosen project, the person who fills in, and the calendar: type and labels.
SOURCES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "project.code": ("text", {"zh": "项目编号", "en": "Project code"}),
    "project.name": ("text", {"zh": "项目名称", "en": "Project name"}),
    "project.name_zh": ("text", {"zh": "项目中文名称", "en": "Project name in Chinese"}),
    "project.name_en": ("text", {"zh": "项目英文名称", "en": "Project name in English"}),
    "project.customer": ("text", {"zh": "客户", "en": "Customer"}),
    "project.industry": ("text", {"zh": "行业", "en": "Industry"}),
    "project.manager": ("person", {"zh": "项目经理", "en": "Project manager"}),
    "project.started": ("date", {"zh": "开始日期", "en": "Start date"}),
    "project.planned_end": ("date", {"zh": "计划结束日期", "en": "Planned end"}),
    "project.ended": ("date", {"zh": "结束日期", "en": "End date"}),
    "project.status": ("text", {"zh": "项目状态", "en": "Project status"}),
    "me.name": ("person", {"zh": "填写人", "en": "Filled in by"}),
    "today": ("date", {"zh": "填写日期", "en": "Date"}),
}

# A form with more fields than this nobody fills in; each is looked for in every paragraph.
MAX_FIELDS: Final = 300
MAX_CHOICES: Final = 50
MAX_LABEL_CHARS: Final = 100
MAX_HINT_CHARS: Final = 300
# Longer than any honest placeholder with its choices and hint.
MAX_PLACEHOLDER_CHARS: Final = 2000

_OPEN: Final = "{{"
_CLOSE: Final = "}}"
_MARK: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_STATEMENT: Final = re.compile(r"\{%|%\}")
# Full-width punctuation, as a Chinese input method types it, lies this far above its ASCII twin.
_WIDE: Final = {ord(sign) + 0xFEE0: sign for sign in ":|*#=[]"}
_TYPED: Final = re.compile(r"(\w+)\s*:\s*(.*)", re.DOTALL)
_LIST: Final = re.compile(r"(.+?)\[\s*\]\s*(?:\.\s*(.+))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a template: where, and why; both are message templates with their data.

    ``where`` may hold ``%(where)s`` words of its own data; empty while nobody has said where.
    """

    why: str
    why_data: Mapping[str, str | int] = field(default_factory=dict)
    where: str = ""
    where_data: Mapping[str, str | int] = field(default_factory=dict)

    def at(self, where: str, **data: str | int) -> Fault:
        """The same fault with its place."""
        return replace(self, where=where, where_data=data)

    @property
    def sentence(self) -> str:
        """Place and reason in English."""
        return f"{self.where % self.where_data}: {self.why % self.why_data}"


class BadPlaceholders(FileRefused):
    """A file has placeholders that cannot be filled. Data: ``name``, ``count``, ``first``.

    Attributes:
        faults: each with its place.
    """

    code = "bad-placeholders"
    sentence = N_("%(name)s cannot be a template: %(first)s.")
    advice_template = N_(
        "Correct the places named here in Word or Excel and hand the file in again (%(count)s in all)."
    )

    def __init__(self, *, name: str, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0].sentence if self.faults else ""
        super().__init__(name=name, count=len(self.faults), first=first)


class PlaceholderFault(ValueError):
    """Raised by :func:`parse`; ``fault`` says why."""

    def __init__(self, why: str, **data: str | int) -> None:
        self.fault = Fault(why, data)
        super().__init__(why % data)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form.

    Attributes:
        name: its label, or the name of its source; one name is one field, however often it stands in the file.
        type: one of :data:`TYPES`.
        group: name of the list whose row it stands in, or empty.
        choices: what may be chosen, for a choice.
        source: one of :data:`SOURCES` it is prefilled from, or empty.
        hint: a sentence for whoever fills it in.
        required: whether it may be left empty.
        bare: True when the placeholder says nothing but the name, and so may refer to one that says more.
    """

    name: str
    type: str = "text"
    group: str = ""
    choices: tuple[str, ...] = ()
    source: str = ""
    hint: str = ""
    required: bool = False
    bare: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Group and name."""
        return self.group, self.name

    def label(self, language: str) -> str:
        """What it is called in a form in ``zh`` or ``en``."""
        if self.name in SOURCES:
            return SOURCES[self.name][1]["zh" if language == "zh" else "en"]
        return self.name

    def as_json(self) -> dict[str, Any]:
        """Plain data; :func:`from_json` reads it back."""
        return {
            "name": self.name,
            "type": self.type,
            "group": self.group,
            "choices": list(self.choices),
            "source": self.source,
            "hint": self.hint,
            "required": self.required,
        }


def from_json(stored: Iterable[Mapping[str, Any]]) -> tuple[Field, ...]:
    """The fields that :meth:`Field.as_json` wrote."""
    return tuple(
        Field(
            name=each["name"],
            type=each["type"],
            group=each["group"],
            choices=tuple(each["choices"]),
            source=each["source"],
            hint=each["hint"],
            required=each["required"],
        )
        for each in stored
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """A placeholder in a text: from ``start`` up to ``end``, and what it means."""

    start: int
    end: int
    field: Field


def has_braces(text: str) -> bool:
    """Whether :func:`marks` would find anything, right or wrong; quick, for the many texts without."""
    return _OPEN in text or _CLOSE in text or "{%" in text or "%}" in text


def marks(text: str) -> list[Mark | Fault]:
    """The placeholders of one paragraph or cell in order, and what is wrong with them."""
    found: list[Mark | Fault] = []
    if not has_braces(text):
        return found
    rest, last = [], 0
    for match in _MARK.finditer(text):
        rest.append(text[last : match.start()])
        last = match.end()
        try:
            found.append(Mark(match.start(), match.end(), parse(match[1])))
        except PlaceholderFault as error:
            found.append(error.fault)
    rest.append(text[last:])
    for part in rest:
        if _STATEMENT.search(part):
            found.append(
                Fault(
                    N_(
                        "“{%%” is no placeholder: there are no loops or conditions; a row repeats by Name[]"
                    )
                )
            )
        if _OPEN in part:
            found.append(
                Fault(N_("a placeholder is opened with “{{” and not closed in the same paragraph"))
            )
        if _CLOSE in part:
            found.append(Fault(N_("a placeholder is closed with “}}” and was not opened")))
    return found


def parse(inside: str) -> Field:
    """What the text between the braces means.

    Raises:
        PlaceholderFault: it means nothing.
    """
    if len(inside) > MAX_PLACEHOLDER_CHARS:
        raise PlaceholderFault(
            N_("a placeholder is longer than %(most)s characters"), most=MAX_PLACEHOLDER_CHARS
        )
    if _OPEN in inside:
        raise PlaceholderFault(N_("a placeholder begins inside another one"))
    if "{%" in inside or "%}" in inside:
        raise PlaceholderFault(
            N_("“{%%” is no placeholder: there are no loops or conditions; a row repeats by Name[]")
        )
    if "\n" in inside:
        raise PlaceholderFault(N_("a placeholder is broken over two lines"))
    text = " ".join(inside.translate(_WIDE).split())
    text, _, hint = (part.strip() for part in text.partition("#"))
    text, *choices = (part.strip() for part in text.split("|"))
    text, equals, source = (part.strip() for part in text.partition("="))
    if text in SOURCES and not (equals or choices):
        return Field(name=text, type=SOURCES[text][0], source=text, hint=hint[:MAX_HINT_CHARS])
    typed = _TYPED.fullmatch(text)
    type_ = "choice" if choices and not typed else "text"
    if typed:
        type_ = _TYPE_OF.get(typed[1].lower(), "")
        if not type_:
            raise PlaceholderFault(
                N_("there is no type “%(type)s”; there are %(types)s"),
                type=typed[1],
                types=", ".join(TYPES),
            )
        text = typed[2]
    required = text.endswith("*")
    made = _named(text.rstrip("* "), type_)
    made = replace(
        made,
        hint=hint[:MAX_HINT_CHARS],
        required=required,
        source=source,
        choices=tuple(dict.fromkeys(filter(None, choices))),
    )
    _check(made, equals=bool(equals))
    return replace(made, bare=not (typed or choices or equals or hint or required))


def collect(found: Iterable[Field]) -> tuple[tuple[Field, ...], list[tuple[Field, Fault]]]:
    """The fields of a form, each once, in the order of the file; and those that contradict an earlier one.

    A placeholder that says only the name refers to the one that says more, whichever comes first.
    """
    fields: dict[tuple[str, str], Field] = {}
    faults: list[tuple[Field, Fault]] = []
    for each in found:
        known = fields.get(each.key)
        if known is None or known.bare:
            fields[each.key] = each
        elif not each.bare and (each.type, each.choices) != (known.type, known.choices):
            fault = Fault(
                N_("“%(name)s” is defined twice, once as %(one)s and once as %(other)s"),
                {"name": each.name, "one": known.type, "other": each.type},
            )
            faults.append((each, fault))
        if len(fields) == MAX_FIELDS + 1 and known is None:
            faults.append(
                (each, Fault(N_("there are more than %(most)s placeholders"), {"most": MAX_FIELDS}))
            )
    return tuple(replace(each, bare=False) for each in fields.values()), faults


def groups(fields: Iterable[Field]) -> Iterator[tuple[str, tuple[Field, ...]]]:
    """The fields parted by their list, those in no list under ``""``, in the order of the file."""
    parted: dict[str, list[Field]] = {}
    for each in fields:
        parted.setdefault(each.group, []).append(each)
    for group, members in parted.items():
        yield group, tuple(members)


def _named(text: str, type_: str) -> Field:
    if not text:
        raise PlaceholderFault(N_("a placeholder has no name"))
    if len(text) > MAX_LABEL_CHARS:
        raise PlaceholderFault(
            N_("the name of a placeholder is longer than %(most)s characters"), most=MAX_LABEL_CHARS
        )
    listed = _LIST.fullmatch(text)
    if listed is None:
        if "[" in text and "]" in text and type_ == "rownumber":
            raise PlaceholderFault(N_("a row number is written {{ rownumber:Name[] }}"))
        return Field(name=text, type=type_)
    group, column = listed[1].strip(), (listed[2] or "").strip()
    if not column and type_ != "rownumber":
        raise PlaceholderFault(N_("“%(name)s[]” needs a column: Name[].Column"), name=group)
    return Field(name=column or "#", type=type_, group=group)


def _check(made: Field, *, equals: bool) -> None:
    if made.type == "rownumber" and not made.group:
        raise PlaceholderFault(N_("a row number is written {{ rownumber:Name[] }}"))
    if made.type == "choice" and not 2 <= len(made.choices) <= MAX_CHOICES:  # noqa: PLR2004  a choice is between two
        raise PlaceholderFault(
            N_("“%(name)s” needs 2 to %(most)s things to choose from, parted by |"),
            name=made.name,
            most=MAX_CHOICES,
        )
    if made.choices and made.type != "choice":
        raise PlaceholderFault(
            N_("“%(name)s” has things to choose from but is no choice"), name=made.name
        )
    if equals and made.source not in SOURCES:
        raise PlaceholderFault(
            N_("there is nothing called “%(source)s” to take a value from; there are %(sources)s"),
            source=made.source,
            sources=", ".join(SOURCES),
        )
    if "." in made.name and made.name.split(".", 1)[0] in {"project", "me"}:
        raise PlaceholderFault(
            N_("there is nothing called “%(source)s” to take a value from; there are %(sources)s"),
            source=made.name,
            sources=", ".join(SOURCES),
        )
    if unicodedata.category(made.name[0]).startswith("C"):
        raise PlaceholderFault(
            N_("the name of a placeholder begins with a sign that cannot be seen")
        )
