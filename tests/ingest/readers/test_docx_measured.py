"""The Word reader on the real files beside the project: every word found, every file answered."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from ingest.readers.docx import read_docx
from kb.errors import FileRefused
from kb.markdown import plain_text
from tests.bench.word import FEWEST_WORDS, FOLDER, files, look, words

pytestmark = [
    pytest.mark.measure,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the data beside the project is not here"),
]


def test_no_word_of_a_readable_file_is_lost() -> None:
    recalls: dict[Path, float] = {}
    for path in files(FOLDER):
        seen = look(path)
        if seen.total() < FEWEST_WORDS:
            continue
        found = words(plain_text(read_docx(path, path.name).body))
        recalls[path] = (seen & found).total() / seen.total()
    assert len(recalls) > 90
    assert statistics.mean(recalls.values()) >= 0.999
    assert [path.name for path, recall in recalls.items() if recall < 0.99] == []


def test_every_word_file_gives_a_draft_or_a_refusal_that_says_why() -> None:
    refused = {}
    for path in files(FOLDER):
        try:
            draft = read_docx(path, path.name)
        except FileRefused as refusal:
            refused[path.name] = refusal.code
            continue
        assert draft.title
        assert draft.ledger.coverage >= 99, path.name
    assert set(refused.values()) <= {
        "no-text",
        "damaged-file",
        "encrypted-file",
        "mislabelled-file",
    }
    assert refused["testWORD_protected_passtika.docx"] == "encrypted-file"
