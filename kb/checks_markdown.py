"""Questions written as Markdown, in the form that people type them in and that reads back the same.

The form is told in :mod:`ingest.question_markdown`, which reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kb.course_texts import QuestionText


def as_markdown(questions: Sequence[QuestionText]) -> str:
    """All questions, one below the other."""
    return "\n".join("\n".join(_lines(question)) for question in questions)


def _lines(question: QuestionText) -> Iterator[str]:
    yield _continued("## ? ", question.text)
    if question.kind in {"single", "multiple"}:
        for position, option in enumerate(question.options):
            yield _continued(f"- [{'x' if position in question.right else ' '}] ", option)
    elif question.kind == "order":
        for position, option in enumerate(question.options, 1):
            yield _continued(f"{position}. ", option)
    else:
        mark = "@ find: " if question.kind == "find_it" else "= "
        for text in question.accepted:
            yield _continued(mark, text)
    for line in question.explanation.split("\n") if question.explanation else ():
        yield f"> {line}".rstrip()
    if question.points != 1:
        yield f"points: {question.points}"
    # Where the answers alone would tell another kind.
    if question.kind == "multiple" and len(question.right) == 1:
        yield "kind: multiple"
    if question.kind == "fill_in" and len(question.accepted) == 1:
        yield "kind: fill-in"
    yield ""


def _continued(mark: str, text: str) -> str:
    """A text behind its mark; its further lines are indented, which goes on with it."""
    first, *more = text.split("\n")
    return "\n".join((mark + first, *(f"    {line}" if line else "" for line in more)))
