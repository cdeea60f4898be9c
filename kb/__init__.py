r"""The knowledge base: what it holds, decides and finds. No HTTP, no terminal, no file formats.

A tour (``tests/kb/test_tour.py`` runs it)::

    from kb import open_kb
    from kb.access import SYSTEM
    from kb.config import Settings
    from kb.drafts import Draft, Guess
    from kb.search.answers import SearchRequest

    with open_kb(Settings(data_dir=folder)) as kb:
        draft = Draft(
            title="管廊探测的教训",
            body="## 建议\n\n开工前用探地雷达探明旧管廊。",
            language="zh",
            kind=Guess("lesson"),
            format="md",
        )
        stored = kb.documents.store(SYSTEM, draft, place="/notes/管廊.md")
        kb.indexing.catch_up()
        answer = kb.search(SYSTEM, SearchRequest(query="探地雷达"))
        assert answer.hits[0].id == stored.document_id
        assert answer.hits[0].section.heading == "建议"

Where to start reading: :mod:`kb.knowledge_base` (the wiring), :mod:`kb.documents` (a typical subject),
:mod:`kb.access` (who may see what), :mod:`kb.search` (from text to tokens, from question to hits).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.config import Settings
    from kb.knowledge_base import KnowledgeBase

__all__ = ["open_kb"]


def open_kb(settings: Settings | None = None) -> KnowledgeBase:
    """Open the knowledge base that ``settings`` (by default: the environment) describe.

    Raises:
        DataFolderError: the data folder cannot be used.
    """
    # Imported here because every reading process imports `kb.drafts`, and none of them needs the engine and jieba.
    from kb.config import Settings  # noqa: PLC0415
    from kb.knowledge_base import KnowledgeBase  # noqa: PLC0415

    return KnowledgeBase(settings or Settings())
