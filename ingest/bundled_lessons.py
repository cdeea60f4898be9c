"""The bundled lessons: told, judged, built in and applied by the people of the corpus, by the same doors as anyone's.

Each line of ``corpus/lessons.csv`` is one lesson. ``source`` and ``more`` name a document by its path, ``built`` a
document, section and note, ``uses`` what came of it in other projects; parts are parted by ``|``, uses by ``;;``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from kb.access import Actor, Role
from kb.knowledge_base import KnowledgeBase
from kb.lesson_rules import TEXT_FIELDS, LessonText
from kb.lesson_sources import SourceRef
from kb.models import DocumentSource


def load_lessons(kb: KnowledgeBase, path: Path) -> int:
    """Take in the lessons of a table; returns how many it has.

    Safe to repeat: a lesson that is there already goes on from where it was left.

    Args:
        kb: where to; the documents that the lessons name have been imported.
        path: of the table.
    """
    rows = list(_rows(path))
    for row in rows:
        _load(kb, row)
    return len(rows)


def _load(kb: KnowledgeBase, row: Mapping[str, str]) -> None:
    teller = Actor(row["owner"], "", Role.CURATOR)
    sources = [_source(kb, row["source"], row["heading"])] if row["source"] else []
    if row["more"]:
        place, _, heading = row["more"].partition("|")
        sources.append(_source(kb, place, heading))
    lesson_id = kb.lessons.submit(teller, _text(row), sources=sources, token=f"corpus-{row['id']}")
    state = kb.lessons.get(teller, lesson_id).state
    if not row["verdict"]:
        return
    expert = Actor(row["expert"], "", Role.CURATOR)
    if state == "submitted":
        kb.lessons.validate(expert, lesson_id, row["verdict"], row["note"])
    if row["built"] and state != "built-in":
        place, heading, note = row["built"].split("|")
        named = _source(kb, place, heading)
        kb.lesson_closures.build_in(
            expert, lesson_id, named.document_id or 0, anchor=named.anchor, note=note
        )
    for use in filter(None, row["uses"].split(";;")):
        project, person, outcome, days, note = use.split("|")
        kb.lesson_reuse.record(
            Actor(person, "", Role.CONTRIBUTOR),
            lesson_id,
            project,
            outcome,
            note=note,
            days_saved=float(days) if days else None,
        )


def _text(row: Mapping[str, str]) -> LessonText:
    texts: dict[str, Any] = {name: row[name] for name in TEXT_FIELDS if name != "audience"}
    return LessonText(
        **texts,
        impact_days=float(row["impact_days"]) if row["impact_days"] else None,
        impact_money=float(row["impact_money"]) if row["impact_money"] else None,
        impact_quality=int(row["impact_quality"]) if row["impact_quality"] else None,
        on_risk_register={"yes": True, "no": False}.get(row["on_risk_register"]),
        happened_on=_day(row["happened_on"]),
        review_on=_day(row["review_on"]),
        tags=tuple(row["tags"].split(";")),
    )


def _source(kb: KnowledgeBase, path: str, heading: str) -> SourceRef:
    """The document of the corpus at ``path``, and its section with this heading.

    Raises:
        LookupError: there is none.
    """
    with kb.database.read() as session:
        found = session.scalar(
            select(DocumentSource.document_id).where(DocumentSource.place == f"corpus:{path}")
        )
    if found is None:
        message = f"no document of the corpus lies at {path}"
        raise LookupError(message)
    if not heading:
        return SourceRef(found)
    reader = Actor("", "", Role.READER)
    for section in kb.documents.get(reader, found).sections:
        if section.heading == heading:
            return SourceRef(found, section.anchor, section.heading)
    message = f"{path} has no section “{heading}”"
    raise LookupError(message)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
