"""Every register that can be imported, in one place: a colleague adds a subject's by one line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ingest.register_of_lessons import lessons_register
from ingest.register_of_people import people_register
from ingest.register_of_projects import projects_register
from ingest.registers import RegisterKind
from kb.errors import N_, NotFound
from kb.knowledge_base import KnowledgeBase

# The name in the address, and what makes the register of a knowledge base.
KINDS: Final[dict[str, Callable[[KnowledgeBase], RegisterKind]]] = {
    "projects": projects_register,
    "lessons": lessons_register,
    "people": people_register,
}


def register_kind(kb: KnowledgeBase, name: str) -> RegisterKind:
    """The register with this name.

    Raises:
        NotFound: there is none.
    """
    try:
        return KINDS[name](kb)
    except KeyError as error:
        raise NotFound(what=N_("register"), id=name) from error
