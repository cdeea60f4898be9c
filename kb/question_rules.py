"""What may be asked and answered, and when somebody is reminded; everything here is pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from kb.access import Audience
from kb.errors import N_, Conflict, InvalidInput
from kb.models.questions import TITLE_CHARS
from kb.written_texts import clean, language_of

SUBJECT: Final = "question"
MAX_BODY_CHARS: Final = 20_000
MAX_ANSWER_CHARS: Final = 40_000
# Longer ones are answers.
MAX_COMMENT_CHARS: Final = 600
MAX_NOTE_CHARS: Final = 500
MAX_TAGS: Final = 10
MAX_TAG_CHARS: Final = 100
# More people than this feel addressed by nobody.
MAX_EXPERTS: Final = 8
SUGGESTED_EXPERTS: Final = 3
# Of what has no answer; beyond that it would look like spite.
MAX_ANSWERS: Final = 200
MAX_COMMENTS: Final = 500
_SATURDAY: Final = 5

# "waiting" is for curators: what nobody answered although those asked were reminded.
Tab = Literal["open", "unanswered", "mine", "to-me", "waiting", "all"]
TABS: Final[tuple[Tab, ...]] = ("open", "unanswered", "mine", "to-me", "waiting", "all")
Sort = Literal["active", "newest", "votes"]
SORTS: Final[tuple[Sort, ...]] = ("active", "newest", "votes")


class QuestionClosed(Conflict):
    """A question that was closed takes no more answers."""

    code = "question-closed"
    sentence = N_("This question was closed meanwhile, so it takes no more answers.")
    advice_template = N_("Copy your text, and open the question again or ask a new one.")


@dataclass(frozen=True, slots=True)
class QuestionText:
    """Everything about a question that its asker writes.

    ``body`` is Markdown; ``audience`` as :meth:`kb.access.Audience.parse` reads it; ``project`` a code, or empty;
    ``language`` ``zh`` or ``en``, or empty to be told from the text.
    """

    title: str
    body: str = ""
    tags: tuple[str, ...] = ()
    audience: str = "everyone"
    project: str = ""
    language: str = ""


def checked(text: QuestionText) -> QuestionText:
    """``text`` tidied, when it may be stored.

    Raises:
        InvalidInput: it may not.
    """
    title = " ".join(text.title.replace("\0", "").split())
    body = clean(text.body, MAX_BODY_CHARS, N_("question"))
    tags = tuple(dict.fromkeys(" ".join(tag.split()) for tag in text.tags if tag.strip()))
    if not title:
        raise InvalidInput(field=N_("question"), reason=N_("it is empty"))
    if len(title) > TITLE_CHARS:
        raise InvalidInput(
            field=N_("question"), reason=N_("its first line is longer than 300 characters")
        )
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG_CHARS for tag in tags):
        raise InvalidInput(field=N_("tags"), reason=N_("they are too many or too long"))
    Audience.parse(text.audience)
    language = text.language if text.language in {"zh", "en"} else language_of(f"{title}\n{body}")
    project = text.project.strip()
    return replace(text, title=title, body=body, tags=tags, language=language, project=project)


def working_days_before(moment: datetime, days: int) -> datetime:
    """The same time of day, ``days`` working days (Monday to Friday) before ``moment``.

    Public holidays are not known here; a reminder on one of them can wait until the day after.

    ::

        >>> from datetime import UTC
        >>> working_days_before(datetime(2026, 11, 23, 9, tzinfo=UTC), 3).date()  # a Monday
        datetime.date(2026, 11, 18)
    """
    while days:
        moment -= timedelta(days=1)
        if moment.weekday() < _SATURDAY:
            days -= 1
    return moment
