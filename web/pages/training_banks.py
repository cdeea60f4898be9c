"""Questions of a course: all of a bank in one text, and the import of a file, which is looked at before it is taken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from ingest.course_faults import Fault
from ingest.limits import Limits
from ingest.question_files import QuestionsRead, read_question_text, read_questions
from kb.access import Action
from kb.checks_banks import BankView
from kb.checks_markdown import as_markdown
from kb.course_texts import QuestionText
from kb.errors import N_, FileRefused, InvalidInput, NotFound
from web.language import Language
from web.pages.training_forms import Sent
from web.uploads import Received
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class FaultView:
    """Something wrong with a file or text: where it stands, why, what to do; in the reader's language."""

    where: str
    reason: str
    value: str
    advice: str


@dataclass(frozen=True, slots=True)
class BankPage:
    """Context of ``training/bank.html``.

    Attributes:
        text: the questions as Markdown, as stored or as typed.
        faults: what is wrong with it, or with the file.
        file: name of the file that waits to be taken; ``sha256`` where it lies; ``good`` its questions.
        total: how many questions the file tries to ask.
    """

    bank: BankView
    text: str
    faults: tuple[FaultView, ...]
    file: str
    sha256: str
    good: tuple[QuestionText, ...]
    total: int


@router.get("/training/banks/{bank_id}")
def bank(visit: Visiting, bank_id: Id) -> Response:
    """The questions of a bank, with how they went."""
    found = visit.kb.question_banks.get(visit.actor, bank_id)
    return _page(visit, found, as_markdown([line.question for line in found.lines]))


@router.post("/training/banks/{bank_id}")
def put(visit: Visiting, bank_id: Id, form: Sent) -> Response:
    """Store the questions that were typed; all of them or none."""
    found = visit.kb.question_banks.get(visit.actor, bank_id)
    text = form.text("text")
    if not text:
        visit.kb.question_banks.put(visit.actor, bank_id, ())
        return visit.redirect(f"/training/banks/{bank_id}")
    read = read_question_text(text.splitlines())
    if read.faults:
        return _page(visit, found, text, told_faults(visit.language, read.faults))
    visit.kb.question_banks.put(visit.actor, bank_id, read.questions)
    return visit.redirect(f"/training/banks/{bank_id}")


@router.post("/training/banks/{bank_id}/look")
def look(visit: Visiting, bank_id: Id, upload: Received) -> Response:
    """Read a file of questions and show what would be taken; nothing is stored yet."""
    found = visit.kb.question_banks.get(visit.actor, bank_id)
    given = next(iter(upload.files), None)
    if given is None or given.sha256 is None:
        reason = N_("no file was given") if given is None else N_("the file is too large")
        raise InvalidInput(field=N_("file"), reason=reason)
    return _look(visit, found, given.sha256, given.path.rsplit("/", 1)[-1])


@router.post("/training/banks/{bank_id}/take")
def take(
    visit: Visiting,
    bank_id: Id,
    sha256: Annotated[str, Form()],
    name: Annotated[str, Form()],
    replace: Annotated[str, Form()] = "",
) -> Response:
    """Take the good questions of a file that was looked at; all of them at once."""
    found = visit.kb.question_banks.get(visit.actor, bank_id)
    visit.actor.must(Action.AUTHOR_COURSES)
    if not _SHA256.fullmatch(sha256):
        raise NotFound(what="file", id=name[:100])
    read = _read(visit, found, sha256, name)
    if not read.questions:
        return _look(visit, found, sha256, name)
    visit.kb.question_banks.put(visit.actor, bank_id, read.questions, add=not replace)
    return visit.redirect(f"/training/banks/{bank_id}")


def told_faults(language: Language, faults: tuple[Fault, ...]) -> tuple[FaultView, ...]:
    """Faults in the reader's language."""
    say = language.gettext

    def where(fault: Fault) -> str:
        line = say(N_("line %(line)s")) % {"line": fault.line} if fault.line else ""
        return " · ".join(filter(None, (fault.file, line, fault.column)))

    return tuple(
        FaultView(
            where(fault),
            say(fault.reason) % fault.data,
            fault.value,
            say(fault.advice) % fault.data if fault.advice else "",
        )
        for fault in faults
    )


def _look(visit: Visit, found: BankView, sha256: str, name: str) -> Response:
    text = as_markdown([line.question for line in found.lines])
    try:
        read = _read(visit, found, sha256, name)
    except (FileRefused, InvalidInput) as error:
        fault = FaultView(name, visit.language.sentence(error), "", visit.language.advice(error))
        return _page(visit, found, text, (fault,))
    faults = told_faults(visit.language, read.faults)
    page = BankPage(found, text, faults, name, sha256, read.questions, read.total)
    return visit.page("training/bank.html", page, status=422 if faults else 200)


def _read(visit: Visit, found: BankView, sha256: str, name: str) -> QuestionsRead:
    settings = visit.site.settings
    limits = Limits(file_mib=settings.max_file_mib)
    return read_questions(visit.kb.files.path(sha256), name, language=found.language, limits=limits)


def _page(visit: Visit, found: BankView, text: str, faults: tuple[FaultView, ...] = ()) -> Response:
    page = BankPage(found, text, faults, "", "", (), 0)
    return visit.page("training/bank.html", page, status=422 if faults else 200)
