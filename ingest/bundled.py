"""The bundled corpus: what a first start with ``--demo`` puts into an empty knowledge base."""

from __future__ import annotations

import csv
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from ingest.bundled_courses import load_courses
from ingest.bundled_lessons import load_lessons
from ingest.bundled_topics import load_topics
from ingest.doctemplate_bundle import load_templates
from ingest.jobs import run_job
from ingest.pipeline import Pipeline
from ingest.reading import open_pool
from ingest.register_of_people import people_register
from ingest.register_of_projects import projects_register
from ingest.register_runs import import_file
from kb.access import SYSTEM
from kb.import_queue import new_runner
from kb.importing_rules import Entry, Overrides
from kb.knowledge_base import KnowledgeBase

MILESTONE: Final = "bundled-corpus"


def load_bundled(
    kb: KnowledgeBase, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> int:
    """Import the bundled corpus unless that was done before; return how many documents were on their way.

    Safe to repeat after an interruption: what is stored already stays as it is.

    Args:
        kb: where to.
        progress: called with how many are done and how many there are.
    """
    # Not kept back by the milestone: a later version of the product brings new entries.
    kb.glossary.load_bundled(kb.settings.corpus_dir / "glossary.csv")
    if kb.installation.reached(MILESTONE):
        load_templates(kb)
        load_courses(kb)
        return 0
    corpus = kb.settings.corpus_dir
    people = list(_rows(corpus / "people.csv"))
    import_file(people_register(kb), kb.database, SYSTEM, corpus / "people.csv")
    import_file(projects_register(kb), kb.database, SYSTEM, corpus / "projects.csv")
    entries = list(_entries(corpus / "documents", {row["id"]: row for row in people}))
    _import(kb, entries, progress)
    load_lessons(kb, corpus / "lessons.csv")
    load_topics(kb, corpus / "topics.csv")
    # After the documents, some of which are their guides.
    load_templates(kb)
    # Last: they lead to all of the above.
    load_courses(kb)
    kb.indexing.catch_up()
    kb.installation.reach(MILESTONE)
    return len(entries)


def _import(kb: KnowledgeBase, entries: list[Entry], progress: Callable[[int, int], None]) -> None:
    done = 0
    counting = threading.Lock()

    def count(*_: object) -> None:
        nonlocal done
        with counting:
            done += 1
            progress(done, len(entries))

    runner = new_runner()
    progress(0, len(entries))
    job_id = kb.imports.create(SYSTEM, entries, runner=runner)
    job = kb.imports.queue.claim(runner, job_id)
    if job is None:
        message = f"the job {job_id} just made for this runner is not its own"
        raise RuntimeError(message)
    with open_pool(kb.settings) as pool:
        run_job(kb, job, Pipeline(kb, pool), stop=threading.Event(), progress=count)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _entries(documents: Path, people: dict[str, dict[str, str]]) -> Iterator[Entry]:
    for manifest in sorted(documents.glob("*/manifest.csv")):
        for row in _rows(manifest):
            path = row["path"]
            given = Overrides.parse(row)
            names = tuple(
                people[handle]["name_zh" if given.language == "zh" else "name_en"]
                for handle in given.authors
            )
            yield Entry(
                path=path,
                # Not where the files lie on this machine: the same corpus is the same wherever it is installed.
                place=f"corpus:{path}",
                local_path=bytes(documents / path),
                overrides=replace(given, authors=names),
            )
