"""Lessons in the fields of a form: a closing sheet whose cell ``存在问题及改进建议`` holds some lines of text."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from ingest.harvest_grid import Cell, Grid
from ingest.harvest_headings import Topic, Weight, is_foreign, is_pure_topic, topic_of
from ingest.harvest_outline import Paragraph
from ingest.harvest_points import of_parts
from ingest.harvest_text import Telling

_LONGEST_LABEL: Final = 24  # characters
_SHORTEST_TEXT: Final = 12  # characters: what is written into such a field is at least a clause


def form_lessons(grid: Grid) -> list[tuple[str, Topic, Telling]]:
    """The lessons in the fields of a form, each with the label of its field and what that announces."""
    found: list[tuple[str, Topic, Telling]] = []
    seen: set[int] = set()
    for row in grid.rows:
        cells = [cell for cell in dict.fromkeys(row) if cell.text and id(cell) not in seen]
        seen.update(map(id, cells))
        for label, value in pairwise(cells):
            topic = _topic(label)
            if topic is None or _topic(value) or len(value.text) < _SHORTEST_TEXT:
                continue
            lines = [Paragraph(line) for line in value.text.split("\n")]
            found += [(label.text, topic, telling) for telling in of_parts(lines)]
    return found


def _topic(label: Cell) -> Topic | None:
    """What a label announces, where it says nothing else and leaves no doubt."""
    text = " ".join(label.text.split())
    if len(text) > _LONGEST_LABEL or is_foreign(text) or not is_pure_topic(text):
        return None
    topic = topic_of(text)
    return topic if topic and topic.weight > Weight.WEAK else None
