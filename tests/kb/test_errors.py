"""Errors: each is drawn in the tree, says a sentence and an advice, and carries its subject."""

from __future__ import annotations

import re

import pytest

from kb import errors
from kb.errors import FileTooLarge, KnowledgeBaseError


def _all(kind: type[KnowledgeBaseError]) -> list[type[KnowledgeBaseError]]:
    return [kind] + [below for child in kind.__subclasses__() for below in _all(child)]


ALL = [kind for kind in _all(KnowledgeBaseError) if kind.__module__ == "kb.errors"]


def test_the_tree_in_the_docstring_names_every_error_and_no_other() -> None:
    drawn = re.findall(
        r"^\W*([A-Z]\w+)", (errors.__doc__ or "").split("Each error")[0], re.MULTILINE
    )
    assert drawn[0] == "Every"
    assert sorted(drawn[1:]) == sorted(kind.__name__ for kind in ALL)


@pytest.mark.parametrize("kind", ALL)
def test_sentence_and_advice_are_filled_with_the_same_data(kind: type[KnowledgeBaseError]) -> None:
    names = re.findall(r"%\((\w+)\)s", kind.sentence + kind.advice_template)
    error = kind(**dict.fromkeys(names, "项目 𠮷"))
    assert "%(" not in f"{error} {error.advice}"
    assert str(error).endswith(".")


def test_no_two_errors_share_a_code() -> None:
    codes = [kind.code for kind in ALL]
    assert len(codes) == len(set(codes))


def test_an_error_tells_what_happened_to_which_thing_and_what_to_do() -> None:
    error = FileTooLarge(name="总结.docx", size_mib=501, limit_mib=100)
    assert str(error) == "总结.docx has 501 MiB; the limit is 100 MiB."
    assert error.advice.startswith("Split the file")
