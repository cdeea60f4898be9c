"""The bundled courses and paths, stored as anybody's are; a later version of the product brings new and better ones."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from ingest.course_files import read_courses
from kb.access import FOR_EVERYONE, SYSTEM
from kb.course_texts import CoursesText
from kb.knowledge_base import KnowledgeBase

_FOLDER: Final = "courses"
# Followed by the hash of the files: the same files are stored once.
_MILESTONE: Final = "bundled-courses-"
_HASH_CHARS: Final = 24


def load_courses(kb: KnowledgeBase) -> int:
    """Store the bundled courses and paths that are not there as they are in the files; returns how many.

    Safe to repeat, and repeated at each start. What somebody has changed by hand stays as it is; progress always does.

    Raises:
        LookupError: a bundled file is wrong, which is a fault of this product.
    """
    folder = kb.settings.corpus_dir / _FOLDER
    if not folder.is_dir():
        return 0
    milestone = _MILESTONE + _hash(folder)
    if kb.installation.reached(milestone):
        return 0
    read = read_courses(folder)
    if read.texts is None:
        message = f"a bundled course is wrong: {read.faults[0]}"
        raise LookupError(message)
    kept = kb.course_files.changed_by_hand(SYSTEM.id)
    texts = CoursesText(
        tuple(course for course in read.texts.courses if course.id not in kept),
        tuple(path for path in read.texts.paths if path.id not in kept),
    )
    kb.course_files.store(SYSTEM, texts, audience=FOR_EVERYONE)
    kb.installation.reach(milestone)
    return len(texts.courses) + len(texts.paths)


def _hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(file.relative_to(folder)).encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:_HASH_CHARS]
