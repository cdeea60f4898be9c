"""Errors as answers: the only place that knows HTTP status codes.

A program (any path below ``/api/``) gets RFC 9457 problem details, a person a page in the usual look. Neither ever sees
a stack trace; those are in the log.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from kb.access import Actor, Role
from kb.errors import (
    N_,
    Conflict,
    DataFolderError,
    FileRefused,
    FileTooLarge,
    InvalidInput,
    KnowledgeBaseError,
    NotAllowed,
    NotFound,
    ProofNeeded,
    SearchUnavailable,
    SignInNeeded,
    SignInUnavailable,
    TooManyRequests,
)
from web import language as languages
from web.actors import actor_of
from web.gate import route_of
from web.security import SECURITY_HEADERS
from web.site import site_of
from web.step_up import back_to
from web.visit import Visit

_log = logging.getLogger(__name__)

PROBLEM_JSON: Final = "application/problem+json"

# The nearest class of an error's family decides.
STATUS: Final[dict[type[KnowledgeBaseError], int]] = {
    NotFound: 404,
    NotAllowed: 403,
    SignInNeeded: 401,
    ProofNeeded: 403,
    TooManyRequests: 429,
    Conflict: 409,
    InvalidInput: 422,
    FileRefused: 422,
    FileTooLarge: 413,
    DataFolderError: 503,
    SearchUnavailable: 503,
    SignInUnavailable: 503,
    KnowledgeBaseError: 500,
}

_TITLES: Final = {
    400: N_("The request cannot be understood"),
    401: N_("Please sign in"),
    403: N_("Not allowed"),
    404: N_("Nothing here"),
    405: N_("Not possible here"),
    409: N_("Changed meanwhile"),
    413: N_("Too large"),
    415: N_("Not taken in this form"),
    422: N_("Cannot be used as it is"),
    429: N_("Too often"),
    500: N_("Something went wrong"),
    503: N_("Not available just now"),
}
_SENTENCES: Final = {
    403: N_("This request was refused."),
    404: N_("This page does not exist, or it is not for you."),
    405: N_("This address exists, but it cannot be used this way."),
    413: N_("More was sent than is taken at once."),
    415: N_("What was sent is of a type that is not taken at this address."),
    422: N_("Something in the request has the wrong form."),
    500: N_(
        "The mistake is ours and has been written to the log. Nothing that was stored is lost."
    ),
}
_ADVICE: Final = {
    404: N_("Check the address, or search for it."),
    413: N_("Send fewer or smaller files."),
    415: N_("Send forms from the pages of this site; programs send JSON, and files as a form."),
    500: N_("Try again; if it happens again, tell whoever runs this site."),
}


# Of a field of a form that no form of ours sends so; programs are told more exactly.
_WRONG_FORM: Final = N_("it is missing, too long or not of the kind that is asked for")


class Problem(BaseModel):
    """RFC 9457 problem details, with advice and the stable name of the error."""

    type: str = Field(
        description="Identifies the kind of problem; a relative reference to the help page."
    )
    title: str = Field(description="The kind of problem in words, the same for all of its kind.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened, to which thing.")
    advice: str = Field(description="What to do now; may be empty.")
    code: str = Field(description="Stable name of the error.")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """Context of the error page."""

    status: int
    title: str
    sentence: str
    advice: str
    may_sign_in: bool


def add_error_answers(app: FastAPI) -> None:
    """Let ``app`` answer every error in the way described above."""
    app.add_exception_handler(KnowledgeBaseError, _expected)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _surprise)


def status_of(error: KnowledgeBaseError) -> int:
    """The HTTP status for an error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, KnowledgeBaseError)  # noqa: S101  registered for this class
    language = languages.choose(request)
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("%s %s: %s", request.method, request.url.path, error)
    if isinstance(error, SignInNeeded) and not request.url.path.startswith("/api/"):
        return _sent_to(request, "/sign-in", _wanted(request))
    if isinstance(error, ProofNeeded):
        return _sent_to(request, "/prove", back_to(route_of(request), request))
    answer = _answer(request, status, error.code, language.sentence(error), language.advice(error))
    if isinstance(error, TooManyRequests):
        answer.headers["Retry-After"] = str(error.data["seconds"])
    if isinstance(error, SignInNeeded):
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _wanted(request: Request) -> str:
    """Where somebody wanted to go."""
    url = request.url
    here = url.path + (f"?{url.query}" if url.query else "")
    return here if request.method == "GET" else "/"


def _sent_to(request: Request, place: str, back: str) -> Response:
    """Send somebody first to where they show who they are, and from there to ``back``."""
    to = f"{place}?" + urlencode({"then" if place == "/prove" else "next": back})
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": to})
    return RedirectResponse(to, status_code=303)


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class
    if not request.url.path.startswith("/api/") and any(
        "path" in issue["loc"] for issue in error.errors()
    ):
        # An address that cannot be one of ours, such as /documents/abc, is no different from one that leads nowhere.
        return _plain(request, 404, "not-found")
    if not request.url.path.startswith("/api/"):
        fields = dict.fromkeys(str(issue["loc"][-1]) for issue in error.errors())
        return _expected(request, InvalidInput(field=", ".join(fields), reason=_WRONG_FORM))
    told = "; ".join(
        f"{'.'.join(str(part) for part in issue['loc'][1:])}: {issue['msg']}"
        for issue in error.errors()
    )
    return _answer(request, 422, InvalidInput.code, told, "")


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    response = _plain(request, error.status_code, code)
    response.headers.update(error.headers or {})
    return response


def _surprise(request: Request, _error: Exception) -> Response:
    """A bug. Starlette logs it with its trace after this answer has been sent."""
    response = _plain(request, 500, KnowledgeBaseError.code)
    # This answer is given outside of all middleware.
    response.headers.update(SECURITY_HEADERS)
    return response


def _plain(request: Request, status: int, code: str) -> Response:
    language = languages.choose(request)
    sentence = language.gettext(_SENTENCES.get(status, ""))
    return _answer(request, status, code, sentence, language.gettext(_ADVICE.get(status, "")))


def _answer(request: Request, status: int, code: str, sentence: str, advice: str) -> Response:
    language = languages.choose(request)
    title = language.gettext(_TITLES.get(status, "")) or HTTPStatus(status).phrase
    if request.url.path.startswith("/api/"):
        problem = Problem(
            type=f"/help#{code}",
            title=title,
            status=status,
            detail=sentence or title,
            advice=advice,
            code=code,
        )
        return JSONResponse(problem.model_dump(), status, media_type=PROBLEM_JSON)
    visit = Visit(request, site_of(request), _actor(request), language)
    page = ErrorPage(
        status=status,
        title=title,
        sentence=sentence or title,
        advice=advice,
        may_sign_in=status in {401, 403} and not visit.actor.id,
    )
    return visit.page("errors/page.html", page, block="message", status=status)


def _actor(request: Request) -> Actor:
    """Who asks; nobody when even that cannot be found out, because the error page must not fail itself."""
    site = site_of(request)
    try:
        return actor_of(request, site.kb)
    except Exception:  # noqa: BLE001  the database may be what is broken
        return Actor(id="", name="", role=Role.NONE)
