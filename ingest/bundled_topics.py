"""The bundled tree of topics: what ``corpus/topics.csv`` files where.

Each line is a topic: its ``level`` (1 at the top), names, a description, and the documents filed in it, by their paths.
"""

from __future__ import annotations

import csv
from pathlib import Path

from sqlalchemy import select

from kb.access import SYSTEM
from kb.knowledge_base import KnowledgeBase
from kb.models import DocumentSource
from kb.search.answers import Names


def load_topics(kb: KnowledgeBase, path: Path) -> int:
    """Make the tree, unless there is one already; return how many topics were made."""
    if kb.topics.tree(SYSTEM):
        return 0
    parents: list[int] = []
    made = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            level = int(row["level"])
            del parents[level - 1 :]
            topic = kb.topics.add(
                SYSTEM,
                Names(row["zh"], row["en"]),
                parent=parents[-1] if parents else None,
                about=row["about"],
            )
            parents.append(topic)
            made += 1
            for document in filter(None, row["documents"].split(";")):
                kb.topics.file(SYSTEM, topic, _document(kb, document))
    return made


def _document(kb: KnowledgeBase, path: str) -> int:
    with kb.database.read() as session:
        return session.scalars(
            select(DocumentSource.document_id).where(DocumentSource.place == f"corpus:{path}")
        ).one()
