"""What is to stand in the place of each placeholder, for the writers of every format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kb.doctemplate_answers import Answers, clean, written
from kb.doctemplate_fields import Field


@dataclass(frozen=True, slots=True)
class Row:
    """One row that repeats: its list, its number from 1, and its answers; None when the list has none."""

    group: str
    number: int
    answered: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Filling:
    """Answers on their way into a file.

    Attributes:
        fields: of the template, by group and name.
        answers: checked ones.
        language: of the template.
        mark_open: put the label in brackets where nothing was answered, so that it is found in Word.
        guidance: keep the paragraphs that say how to fill in.
    """

    fields: Mapping[tuple[str, str], Field]
    answers: Answers
    language: str
    mark_open: bool
    guidance: bool = True

    @classmethod
    def of(
        cls,
        fields: Iterable[Field],
        answers: Answers,
        language: str,
        *,
        mark_open: bool,
        guidance: bool = True,
    ) -> Filling:
        """A filling from plain lists."""
        return cls({each.key: each for each in fields}, answers, language, mark_open, guidance)

    def text(self, field: Field, row: Row | None = None) -> str:
        """What stands in the place of a placeholder; ``row`` where it stands in a row that repeats."""
        asked = self.fields.get(field.key, field)
        if asked.type == "rownumber":
            return str(row.number) if row else ""
        raw = self.raw(field, row)
        if raw or (row and field.group and row.answered is not None):
            return written(asked, raw, self.language)
        return self._open(asked)

    def raw(self, field: Field, row: Row | None = None) -> str:
        """The answer as it is kept, with what XML cannot hold taken out."""
        if not field.group:
            return clean(self.answers.values.get(field.name, ""))
        return clean(row.answered.get(field.name, "")) if row and row.answered else ""

    def rows(self, group: str) -> Sequence[Mapping[str, str]]:
        """The rows that were answered for a list."""
        return self.answers.rows.get(group, ())

    def type(self, field: Field) -> str:
        """The type of a field, as its fullest placeholder gives it."""
        return self.fields.get(field.key, field).type

    def _open(self, asked: Field) -> str:
        if not self.mark_open:
            return ""
        label = asked.label(self.language)
        return f"【{label}】" if self.language == "zh" else f"[{label}]"
