"""Certificates: the page that verifies one, as Word and PDF, and taking one back."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from ingest.exporting import Exported, can_make_pdf
from kb.certificates import CertificateView
from kb.errors import N_, NotAllowed
from web.language import Language, languages
from web.pages.exports import send
from web.visit import Visit, Visiting

router = APIRouter(include_in_schema=False)

_REASON_CHARS: Final = 1000


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """Context of ``training/certificate.html``; ``address`` is the verification link."""

    certificate: CertificateView
    address: str
    pdf: bool


@router.get("/certificates/{code}")
def certificate(visit: Visiting, code: str) -> Response:
    """What a certificate says and whether it holds."""
    found = visit.kb.certificates.verify(visit.actor, code)
    page = CertificatePage(found, _address(visit, found), can_make_pdf())
    return visit.page("training/certificate.html", page)


@router.get("/certificates/{code}/export/{form}")
def export(visit: Visiting, code: str, form: str) -> Response:
    """One's certificate as ``word`` or ``pdf``.

    Raises:
        NotAllowed: it is somebody else's, or it was taken back.
    """
    found = visit.kb.certificates.verify(visit.actor, code)
    if not (found.own or found.may_revoke) or not found.valid:
        raise NotAllowed(action="export")
    return send(visit, form, found.title, [_document(visit, found)])


@router.post("/certificates/{code}/revoke")
def revoke(visit: Visiting, code: str, reason: Annotated[str, Form()] = "") -> Response:
    """Take a certificate back."""
    visit.kb.certificates.revoke(visit.actor, code, reason[:_REASON_CHARS])
    return visit.redirect(f"/certificates/{code}")


def _address(visit: Visit, found: CertificateView) -> str:
    return f"{str(visit.request.base_url).rstrip('/')}/certificates/{found.code}"


def _document(visit: Visit, found: CertificateView) -> Exported:
    """A certificate in the language of its course, whoever takes it out."""
    language: Language = languages().get(found.language, visit.language)
    say, address = language.gettext, _address(visit, found)
    day = language.day(found.issued_at.date())
    told = say(N_("%(name)s has finished “%(title)s” on %(day)s.")) % {
        "name": found.name,
        "title": found.title,
        "day": day,
    }
    facts = [(say(N_("Name")), found.name), (say(N_("Finished")), day)]
    if found.minutes:
        facts.append((say(N_("Extent")), say(N_("%(num)s minutes")) % {"num": found.minutes}))
    if found.score is not None:
        facts.append((say(N_("Result")), language.percent(found.score * 100)))
    facts.append((say(N_("Verify at")), address))
    html = (
        f"<p>{escape(told)}</p><p>{escape(say(N_('Whether it still holds is shown at')))} "
        f'<a href="{escape(address)}">{escape(address)}</a></p>'
    )
    return Exported(
        document=None,
        title=f"{say(N_('Certificate'))} · {found.title}",
        language=found.language,
        body=f"{told}\n\n<{address}>\n",
        html=html,
        facts=facts,
        updated=found.issued_at,
    )
