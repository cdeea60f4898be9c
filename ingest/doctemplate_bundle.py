"""The bundled standard templates: what a first start puts into the library.

``corpus/doctemplates/manifest.csv`` has a row for each file; the answers of its example lie beside it as JSON and are
filled in here, so that an example always is what the template makes of them.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from ingest.doctemplates import Inspected, fill, inspect, media_type, text_of
from kb.access import SYSTEM, Actor, Role
from kb.doctemplate_answers import answers_from_json, checked, prefilled
from kb.doctemplate_rules import tags_of
from kb.doctemplate_views import Details, TemplateFile
from kb.errors import InvalidInput
from kb.knowledge_base import KnowledgeBase

_FOLDER: Final = "doctemplates"
# Examples are dated by themselves where it matters.
_EXAMPLE_DAY: Final = date(2026, 9, 1)


def load_templates(kb: KnowledgeBase) -> int:
    """Put bundled templates that are not in the library yet into it; returns how many.

    Safe to repeat, and repeated at each start: a later version of the product brings new ones, and a new file for one
    that nobody changed meanwhile becomes its next version.
    """
    folder = kb.settings.corpus_dir / _FOLDER
    if not (folder / "manifest.csv").is_file():
        return 0
    known = kb.doctemplates.bundled()
    loaded = 0
    for row in _rows(folder / "manifest.csv"):
        place = f"corpus:{_FOLDER}/{row['path']}"
        content = (folder / row["path"]).read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        if place not in known:
            file = _file(kb, folder, row, content)
            kb.doctemplates.add(SYSTEM, _details(row), file, place=place)
        elif known[place].sha256 != sha256 and known[place].untouched:
            kb.doctemplates.add_version(SYSTEM, known[place].id, _file(kb, folder, row, content))
        else:
            continue
        loaded += 1
    return loaded


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _details(row: dict[str, str]) -> Details:
    return Details(
        title=row["title"],
        kind=row["kind"],
        phase=row["phase"],
        language=row["language"],
        purpose=row["purpose"],
        when_to_use=row["when_to_use"],
        owner=row["owner"],
        tags=tuple(tags_of(row["tags"])),
        guide=f"corpus:{row['guide']}" if row["guide"] else None,
    )


def _file(kb: KnowledgeBase, folder: Path, row: dict[str, str], content: bytes) -> TemplateFile:
    name = row["path"].rpartition("/")[2]
    found = inspect(content, name, row["language"])
    example = None
    if row["example"]:
        given = json.loads((folder / row["example"]).read_text(encoding="utf-8"))
        example = _example(kb, content, name, found, given)
    return TemplateFile(
        content=content,
        name=name,
        media_type=media_type(found.format),
        format=found.format,
        fields=found.fields,
        body=found.body,
        example=example,
    )


def _example(
    kb: KnowledgeBase, content: bytes, name: str, found: Inspected, given: dict[str, Any]
) -> tuple[bytes, str]:
    """The template filled in with the answers of its example, and its text."""
    person = Actor(id=given["me"], name=given["me"], role=Role.READER)
    known = kb.doctemplate_forms.known(person, given["project"], found.language, _EXAMPLE_DAY)
    fields = found.fields
    answers, problems = checked(fields, prefilled(fields, answers_from_json(given), known))
    if problems:
        place, problem = next(iter(problems.items()))
        raise InvalidInput(field=f"{name}: {place[2]}", reason=problem.why % problem.data)
    filled = fill(content, name, fields, answers, found.language, mark_open=False, guidance=False)
    return filled, text_of(filled, name)[1]
