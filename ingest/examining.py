"""What a reading process does with one file: read it, describe it, cut it into sections, look for lessons.

All of it takes as long as the file is large or strange, so all of it happens where time and memory are limited. Called
by name through :mod:`ingest.reading`.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

from ingest.harvest import harvest
from ingest.limits import Limits
from kb.candidates_found import FoundLesson
from kb.drafts import Draft
from kb.importing_rules import Overrides, with_overrides
from kb.markdown import Section, sections


def examine(
    readers: str, path: Path | str, name: str, limits: Limits, given: Overrides
) -> tuple[Draft, list[Section]]:
    """The draft of a file as it is to be stored, and the sections of its body.

    Args:
        readers: the module with ``read``.
        path: where the bytes of the file are.
        name: how people know it.
        limits: how large it may be, and what may come out of it.
        given: what was said of it beforehand; it wins over what it says itself.

    Raises:
        FileRefused: of the kind that says why.
    """
    draft: Draft = importlib.import_module(readers).read(path, name, limits)
    described = with_overrides(draft, given)
    if described.kind.value != draft.kind.value:
        # Whether a text tells lessons depends on its kind: a template or a course holds none of its own.
        found = lessons_of(described.body, described.title, described.kind.value)
        described = replace(described, lessons=tuple(found))
    return described, sections(described.body)


def lessons_of(body: str, title: str, kind: str) -> list[FoundLesson]:
    """What a document of this ``kind`` says was learned; ``body`` is Markdown."""
    return harvest(body, title=title, kind=kind)
