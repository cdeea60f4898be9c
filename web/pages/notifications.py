"""What I was told: the list, looked at one by one or all at once, and how mails are to come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.errors import InvalidInput
from kb.notifications import MAIL_LANGUAGES, PACES, PER_PAGE, MailWish, Pace, Told
from kb.notifying import ABOUT_ACCOUNT
from web import notification_labels as labels
from web.language import Language
from web.search_address import MAX_PAGE, thing_address
from web.visit import MAX_ID, Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

HERE: Final = "/notifications"
SIGN_IN_FIRST: Final = f"/sign-in?then={HERE}"


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One notification with its sentence, icon and address."""

    told: Told
    sentence: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class NotificationsPage:
    """Context of ``notifications/list.html``."""

    lines: tuple[ToldLine, ...]
    total: int
    unread: int
    here: str
    previous_url: str
    next_url: str
    wish: MailWish
    paces: tuple[str, ...]
    mail_languages: tuple[str, ...]
    mail_works: bool
    problem: str


@router.get("/notifications")
def notifications(visit: Visiting, page: int = 1) -> Response:
    """The list."""
    if not visit.actor.id:
        return visit.redirect(SIGN_IN_FIRST)
    return _list(visit, min(max(page, 1), MAX_PAGE))


@router.post("/notifications")
def mark(visit: Visiting, number: Annotated[int, Form(ge=0, le=MAX_ID)] = 0) -> Response:
    """Look at one notification, or at all where none is named."""
    visit.kb.notifications.mark(visit.actor, [number] if number else None)
    return _list(visit, 1) if visit.fragment else visit.redirect(HERE)


@router.get("/notifications/{notification_id}")
def open_one(visit: Visiting, notification_id: Id) -> Response:
    """Go on to the thing that a notification is about, which counts as looked at."""
    if not visit.actor.id:
        return visit.redirect(SIGN_IN_FIRST)
    found = visit.kb.notifications.one(visit.actor, notification_id)
    visit.kb.notifications.mark(visit.actor, [notification_id])
    return visit.redirect(address_of(found))


@router.post("/notifications/mail")
def wish_mail(
    visit: Visiting,
    address: Annotated[str, Form()] = "",
    pace: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
) -> Response:
    """Keep where and how often mails are to come."""
    chosen: Pace = next((known for known in PACES if known == pace), "none")
    wish = MailWish(address, chosen, language)
    try:
        visit.kb.notifications.wish_mail(visit.actor, wish)
    except InvalidInput as error:
        return _list(visit, 1, wish=wish, problem=visit.language.sentence(error))
    return visit.redirect(HERE)


def sentence(language: Language, told: Told) -> str:
    """What a notification says, in one language."""
    by = told.by or language.gettext(labels.NOBODY)
    return language.gettext(labels.SENTENCES[told.kind]) % {"by": by}


def address_of(told: Told) -> str:
    """The page of the thing that a notification is about."""
    if told.subject == ABOUT_ACCOUNT:
        return "/account"
    return thing_address(told.subject, told.number)


def _list(visit: Visit, page: int, *, wish: MailWish | None = None, problem: str = "") -> Response:
    found, total = visit.kb.notifications.all(visit.actor, page)
    shown = NotificationsPage(
        lines=tuple(
            ToldLine(
                told, sentence(visit.language, told), labels.ICONS[told.kind], f"{HERE}/{told.id}"
            )
            for told in found
        ),
        total=total,
        unread=visit.kb.notifications.unread(visit.actor),
        here=HERE,
        previous_url=f"{HERE}?page={page - 1}" if page > 1 else "",
        next_url=f"{HERE}?page={page + 1}" if page * PER_PAGE < total else "",
        wish=wish or visit.kb.notifications.mail_wish(visit.actor),
        paces=PACES,
        mail_languages=MAIL_LANGUAGES,
        mail_works=visit.kb.settings.sends_mail,
        problem=problem,
    )
    status = 422 if problem else 200
    return visit.page("notifications/list.html", shown, block="content", status=status)
