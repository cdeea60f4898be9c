"""What is stored about whoever uses the site: told to everybody, before they sign in too."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from kb.access import Action
from kb.sign_in_delays import FORGOTTEN
from web.visit import KEPT_SECONDS, Visiting

router = APIRouter(include_in_schema=False)

_A_DAY = 24 * 60 * 60  # seconds


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """Context of ``help/privacy.html``: for how long what is kept, by the settings in force.

    Attributes:
        idle_hours, session_hours: a browser stays signed in, unused and in all.
        audit_days: rows of the audit log; 0 is for ever.
        question_days: questions without names; 0 keeps none.
        failure_days: the hashes that failed sign-ins are counted by.
        cookie_days: preferences in the browser.
        mails: whether mails are sent at all.
        administers: whether the reader can hand out and erase what is stored about somebody.
    """

    idle_hours: int
    session_hours: int
    audit_days: int
    question_days: int
    failure_days: int
    cookie_days: int
    mails: bool
    administers: bool


@router.get("/privacy")
def privacy(visit: Visiting) -> Response:
    """What is stored about whom, why, who sees it and for how long."""
    settings = visit.kb.settings
    page = PrivacyPage(
        idle_hours=settings.session_idle_hours,
        session_hours=settings.session_hours,
        audit_days=settings.audit_days,
        question_days=settings.query_log_days,
        failure_days=FORGOTTEN.days,
        cookie_days=KEPT_SECONDS // _A_DAY,
        mails=settings.sends_mail,
        administers=Action.ADMINISTER in visit.actor.actions,
    )
    return visit.page("help/privacy.html", page)
