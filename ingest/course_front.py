"""The settings at the head of a file of a course: YAML between two lines ``---``, or a whole ``.yaml`` file.

Keys may be Chinese or English, with a full-width colon too. Everything that is wrong is told with its line; a key that
is not known is told as well, since it is most often a slip.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import yaml

from ingest.course_faults import Fault, clipped
from ingest.readers.writing import one_line
from kb.errors import N_

MAX_FRONT: Final = 64 * 1024  # characters; a long one has 1,000
MAX_LIST: Final = 200  # entries
_FENCE: Final = re.compile(r"-{3,}[ \t]*")
_WIDE_COLON: Final = re.compile(r"^(\s*(?:- )?[^\s:：#\-][^:：\n\"']{0,40})：[ \t]*", re.MULTILINE)

_NO_YAML: Final = N_("this is no list of settings of the form “key: value”")
_NEVER_CLOSED: Final = N_("the settings at the head are never closed with a line “---”")
_TOO_LONG: Final = N_("the settings at the head are too long")
_UNKNOWN: Final = N_("the setting “%(key)s” is not known here")
_TWICE: Final = N_("the setting “%(key)s” stands there twice")
_MISSING: Final = N_("the setting “%(key)s” is missing")
_NO_TEXT: Final = N_("the setting “%(key)s” is no text")
_NO_NUMBER: Final = N_("the setting “%(key)s” is no whole number from %(least)s to %(most)s")
_TOO_MANY: Final = N_("the setting “%(key)s” has more than %(most)s entries")
_TOO_MANY_CHARS: Final = N_("the setting “%(key)s” has %(count)s characters; %(most)s may be")


@dataclass(slots=True)
class Settings:
    """The settings of one file or of one group of them; reading one that is wrong adds a fault.

    Attributes:
        file: named in faults.
        line: where they begin.
        values: by their English key.
        lines: the line of each key.
        faults: shared by all settings of a file.
    """

    file: str
    line: int
    values: dict[str, Any]
    lines: dict[str, int]
    faults: list[Fault] = field(default_factory=list)

    def text(self, key: str, most: int, *, needed: bool = False) -> str:
        """A text on one line; empty where there is none."""
        value = self.values.get(key)
        if value is None or value == "":
            if needed:
                self.fault(_MISSING, key)
            return ""
        if isinstance(value, (dict, list)):
            self.fault(_NO_TEXT, key)
            return ""
        told = value.isoformat() if isinstance(value, date) else one_line(str(value))
        if len(told) > most:
            self.fault(_TOO_MANY_CHARS, key, count=len(told), most=most)
            return ""
        return told

    def number(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number; ``80 %`` and ``80%`` are 80."""
        value = self.values.get(key)
        if value is None:
            return default
        told = str(value).strip().rstrip("%\uff05").strip()
        if not isinstance(value, bool) and re.fullmatch(r"\d{1,6}", told):
            number = int(told)
            if least <= number <= most:
                return number
        self.fault(_NO_NUMBER, key, least=least, most=most)
        return default

    def words(self, key: str, most: int) -> tuple[str, ...]:
        """A list, or one text with its entries parted by commas or semicolons."""
        value = self.values.get(key)
        if value is None:
            return ()
        entries = value if isinstance(value, list) else re.split(r"[,，;；、]", str(value))
        if isinstance(value, dict) or any(isinstance(each, (dict, list)) for each in entries):
            self.fault(_NO_TEXT, key)
            return ()
        told = tuple(dict.fromkeys(word for each in entries if (word := one_line(str(each)))))
        if len(told) > MAX_LIST:
            self.fault(_TOO_MANY, key, most=MAX_LIST)
        for word in told:
            if len(word) > most:
                self.fault(_TOO_MANY_CHARS, key, count=len(word), most=most)
        return told

    def group(self, key: str, known: Mapping[str, str]) -> Settings | None:
        """The settings under a key; None where there are none."""
        value = self.values.get(key)
        if value is None:
            return None
        line = self.lines.get(key, self.line)
        if not isinstance(value, dict):
            self.fault(_NO_YAML, key)
            return None
        pairs = [(str(name), each, line) for name, each in value.items()]
        return _settings(self.file, line, pairs, known, self.faults)

    def fault(self, reason: str, key: str, **data: str | int) -> None:
        """Note that a setting is wrong."""
        value = self.values.get(key)
        self.faults.append(
            Fault(
                reason,
                file=self.file,
                line=self.lines.get(key, self.line),
                value="" if value is None else clipped(str(value)),
                data={"key": key, **data},
            )
        )


def keys(table: Mapping[str, str]) -> Mapping[str, str]:
    """Every spelling of each English key of ``table``, whose values are further ones parted by blanks."""
    return {spelling: key for key, others in table.items() for spelling in (key, *others.split())}


def split_front(lines: Sequence[str], file: str) -> tuple[list[str], int, list[Fault]]:
    """The lines of the settings at the head of a text, the index of the first line below, and what is wrong."""
    start = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    if start == len(lines) or not _FENCE.fullmatch(lines[start]):
        return [], 0, []
    for number in range(start + 1, len(lines)):
        if _FENCE.fullmatch(lines[number]):
            return [*[""] * (start + 1), *lines[start + 1 : number]], number + 1, []
    return [], len(lines), [Fault(_NEVER_CLOSED, file=file, line=start + 1)]


def read_settings(lines: Sequence[str], file: str, known: Mapping[str, str]) -> Settings:
    """The settings that lines of YAML hold.

    Args:
        lines: the first is line 1 of the file.
        file: named in faults.
        known: English key for each spelling, see :func:`keys`.
    """
    text = _WIDE_COLON.sub(r"\1: ", "\n".join(lines))
    faults: list[Fault] = []
    if len(text) > MAX_FRONT:
        return Settings(file, 1, {}, {}, [Fault(_TOO_LONG, file=file, line=1)])
    try:
        pairs = _pairs(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = mark.line + 1 if mark else 1
        value = lines[at - 1] if at <= len(lines) else ""
        faults.append(Fault(_NO_YAML, file=file, line=at, value=clipped(value)))
        pairs = []
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError, TypeError, AttributeError):
        # PyYAML's own constructors fail in many ways on dates and numbers that are none.
        faults.append(Fault(_NO_YAML, file=file, line=1))
        pairs = []
    return _settings(file, 1, pairs, known, faults)


def _pairs(text: str) -> list[tuple[str, Any, int]]:
    """Keys, values and lines of a mapping.

    Raises:
        yaml.YAMLError, ValueError: it is none; aliases, which can explode, are refused too.
    """
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
        message = "aliases are not taken"
        raise ValueError(message)
    node = yaml.compose(text, yaml.SafeLoader)
    if node is None:
        return []
    if not isinstance(node, yaml.MappingNode):
        message = "no mapping"
        raise ValueError(message)  # noqa: TRY004  a value of the file, not of a caller
    loader = yaml.SafeLoader("")
    try:
        return [
            (
                str(loader.construct_object(key, deep=True)),
                loader.construct_object(value, deep=True),
                key.start_mark.line + 1,
            )
            for key, value in node.value
        ]
    finally:
        loader.dispose()


def _settings(
    file: str,
    line: int,
    pairs: Sequence[tuple[str, Any, int]],
    known: Mapping[str, str],
    faults: list[Fault],
) -> Settings:
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for written, value, at in pairs:
        key = known.get(one_line(written).lower())
        if key is None or key in values:
            reason = _UNKNOWN if key is None else _TWICE
            faults.append(Fault(reason, file=file, line=at, data={"key": clipped(written)}))
        else:
            values[key], lines[key] = value, at
    return Settings(file, line, values, lines, faults)
