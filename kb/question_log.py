"""The question log: what was asked is remembered without slowing a search down and without saying who asked.

A question waits in memory for a few seconds. What the same visitor types on meanwhile replaces it, so that searching as
one types leaves one question and not twenty; then a thread of the log's own writes what has settled, many in one
transaction. A process that is killed loses those few seconds of the log, and nothing else.

Typing is recognised within one process. Several web processes behind a proxy that spreads the requests of one browser
may each keep a part of it.

What is read out of the log is :mod:`kb.insights`.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.database import Database
from kb.models.base import utc_now
from kb.models.insights import (
    MAX_QUESTION_CHARS,
    AskedQuestion,
    OpenedHit,
    SettledQuestion,
    VisitorSalt,
)
from kb.popular_questions import count_popular
from kb.search.folding import fold_text

_log = logging.getLogger(__name__)

Door = Literal["page", "api", "command"]

# A question counts once this has passed without typing on: longer than a pause for thought within a question, shorter
# than it takes to read an answer and ask something else.
SETTLE: Final = timedelta(seconds=4)
# The same question again within this time is turning pages, going back, reloading.
REPEAT: Final = timedelta(minutes=30)
# How often settled questions are written, in seconds.
WRITE_SECONDS: Final = 2.0
# Counting what is popular reads three months of the log, 0.2 s of them at 100,000 questions a year.
TIDY_EVERY: Final = timedelta(minutes=15)
# More than this in memory means that the database cannot be written: what comes then is not logged.
MAX_WAITING: Final = 5_000
MAX_VISITORS: Final = 10_000  # whose last question is remembered, for REPEAT
_TOKEN_BYTES: Final = 12
_TOKEN_CHARS: Final = 24
_IDS_IN_ONE_STATEMENT: Final = 500  # below every database's limit of parameters


@dataclass(slots=True, eq=False)
class _Asked:
    """A question before it is written; ``visitor`` is whoever asked and never leaves memory."""

    token: str
    visitor: str
    at: datetime
    text: str
    key: str
    filters: dict[str, object]
    total: int
    took_ms: float
    door: Door
    best_document: int | None
    opened: set[int] = field(default_factory=set)


def question_key(text: str) -> str:
    """What all ways of writing a question have in common: width, case, script and spaces folded."""
    return " ".join(fold_text(text).split())[:MAX_QUESTION_CHARS].rstrip()


def week_of(moment: datetime) -> date:
    """The Monday of the week of ``moment``, which is in UTC."""
    day = moment.date()
    return day - timedelta(days=day.weekday())


def typed_on(earlier: str, later: str) -> bool:
    """True when two keys asked right after each other are steps of typing one question, forwards or backwards."""
    return later.startswith(earlier) or earlier.startswith(later)


class QuestionLog:
    """Remembers questions for ``keep_days``. Safe to share between threads; none of its failures fails a search."""

    def __init__(
        self, database: Database, keep_days: int, clock: Callable[[], datetime] = utc_now
    ) -> None:
        """Write to ``database``; 0 ``keep_days`` means that nothing is recorded and what there is is deleted."""
        self.keep_days = keep_days
        self._database = database
        self._clock = clock
        self._waiting: OrderedDict[str, _Asked] = OrderedDict()
        self._openings: list[tuple[str, int]] = []
        self._last: OrderedDict[str, _Asked] = OrderedDict()
        self._tidied: datetime | None = None
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def record(
        self,
        actor: Actor,
        text: str,
        *,
        filters: Mapping[str, object],
        total: int,
        took_ms: float,
        door: Door,
        visitor: str = "",
        best_document: int | None = None,
    ) -> str:
        """Remember that ``actor`` asked something; returns the token that :meth:`opened` wants. Never raises.

        Args:
            actor: whoever asked; who that is is not stored.
            text: the question as it was typed.
            filters: those in force by name, in values that JSON can hold.
            total: how many things were found.
            took_ms: how long the search took, in milliseconds.
            door: where it was asked.
            visitor: tells visitors who have not signed in from each other, e.g. their address; not stored.
            best_document: the first hit.

        Returns:
            The token; empty when the question is not recorded.
        """
        try:
            text = " ".join(text.split())[:MAX_QUESTION_CHARS].rstrip()
            asked = _Asked(
                token=secrets.token_urlsafe(_TOKEN_BYTES),
                visitor=f"user:{actor.id}" if actor.id else visitor and f"at:{visitor}",
                at=self._clock(),
                text=text,
                key=question_key(text),
                filters=dict(filters),
                total=total,
                took_ms=took_ms,
                door=door,
                best_document=best_document,
            )
            self._start()
            return self._remember(asked) if asked.key and self.keep_days else ""
        except Exception:  # noqa: BLE001  whatever is wrong with the log, the search has its answer already
            _log.exception("A question could not be logged")
            return ""

    def opened(self, token: str, document_id: int) -> None:
        """Remember that a document was opened from the answer that ``token`` belongs to. Never raises.

        Whether the reader may read the document is decided before; tokens that belong to nothing are forgotten.
        """
        if not 0 < len(token) <= _TOKEN_CHARS or not self.keep_days:
            return
        with self._lock:
            asked = self._waiting.get(token)
            if asked is not None:
                asked.opened.add(document_id)
            elif len(self._openings) < MAX_WAITING:
                self._openings.append((token, document_id))

    def flush(self, *, unsettled: bool = False) -> int:
        """Write what has settled, or with ``unsettled`` everything; returns how many questions.

        Raises:
            DataFolderError: it could not be written; it is kept, and written the next time.
        """
        with self._writing:
            now = self._clock()
            settled = now - SETTLE
            with self._lock:
                self._forget_visitors(now - REPEAT)
                asked = [a for a in self._waiting.values() if unsettled or a.at <= settled]
                for each in asked:
                    del self._waiting[each.token]
                openings, self._openings = self._openings, []
            try:
                if asked or openings:
                    self._write(asked, openings)
            except BaseException:
                with self._lock:
                    self._waiting = OrderedDict((a.token, a) for a in asked) | self._waiting
                    self._openings = openings + self._openings
                raise
            return len(asked)

    def tidy(self) -> None:
        """Delete what is older than it may get and the keys of weeks that are over, and count what is popular.

        Raises:
            DataFolderError: it could not be written.
        """
        now = self._clock()
        oldest = now - timedelta(days=self.keep_days)
        with self._database.write() as session:
            session.execute(delete(AskedQuestion).where(AskedQuestion.asked_at <= oldest))
            session.execute(delete(SettledQuestion).where(SettledQuestion.settled_at <= oldest))
            session.execute(delete(VisitorSalt).where(VisitorSalt.week < week_of(now)))
            count_popular(session, now)
        self._tidied = now

    def close(self) -> None:
        """Write what is waiting and stop. Never raises; the log records nothing afterwards."""
        self._stop.set()
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
        try:
            self.flush(unsettled=True)
        except Exception:  # noqa: BLE001  closing goes on
            _log.exception("The last questions could not be logged")

    def _remember(self, asked: _Asked) -> str:
        with self._lock:
            last = self._last.get(asked.visitor) if asked.visitor else None
            if last is not None:
                passed = asked.at - last.at
                if (last.key, last.filters) == (asked.key, asked.filters) and passed < REPEAT:
                    return last.token
                if passed <= SETTLE and typed_on(last.key, asked.key) and not last.opened:
                    self._waiting.pop(last.token, None)
            if len(self._waiting) >= MAX_WAITING:
                return ""
            self._waiting[asked.token] = asked
            if asked.visitor:
                self._last[asked.visitor] = asked
                self._last.move_to_end(asked.visitor)
                if len(self._last) > MAX_VISITORS:
                    self._last.popitem(last=False)
            return asked.token

    def _forget_visitors(self, before: datetime) -> None:
        while self._last and next(iter(self._last.values())).at < before:
            self._last.popitem(last=False)

    def _start(self) -> None:
        if self._thread is not None or self._stop.is_set():
            return
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="question-log", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(WRITE_SECONDS):
            try:
                self.flush()
                if self._tidied is None or self._clock() - self._tidied >= TIDY_EVERY:
                    self.tidy()
            except Exception:  # noqa: BLE001  the next round tries again
                _log.exception("Questions could not be logged; they are kept in memory")

    def _write(self, asked: Iterable[_Asked], openings: Iterable[tuple[str, int]]) -> None:
        with self._database.write() as session:
            salts: dict[date, bytes] = {}
            opened = set(openings)
            for each in asked:
                week = week_of(each.at)
                if week not in salts:
                    salts[week] = _salt(session, week)
                session.add(_row(each, week, salts[week]))
                opened |= {(each.token, document_id) for document_id in each.opened}
            session.flush()
            _write_openings(session, opened)


def _row(asked: _Asked, week: date, salt: bytes) -> AskedQuestion:
    # The question is part of what is hashed, so that the questions of one visitor cannot be put together.
    told = f"{asked.key}\0{asked.visitor}".encode()
    return AskedQuestion(
        token=asked.token,
        asked_at=asked.at,
        week=week,
        text=asked.text,
        key=asked.key,
        filters=asked.filters,
        narrowed=bool(asked.filters),
        total=asked.total,
        took_ms=asked.took_ms,
        door=asked.door,
        visitor=hashlib.blake2b(told, key=salt, digest_size=16).hexdigest(),
        best_document=asked.best_document,
    )


def _salt(session: Session, week: date) -> bytes:
    found = session.get(VisitorSalt, week)
    if found is None:
        found = VisitorSalt(week=week, salt=secrets.token_bytes(32))
        session.add(found)
    return found.salt


def _write_openings(session: Session, opened: set[tuple[str, int]]) -> None:
    tokens = sorted({token for token, _ in opened})
    ids: dict[str, int] = {}
    for first in range(0, len(tokens), _IDS_IN_ONE_STATEMENT):
        part = tokens[first : first + _IDS_IN_ONE_STATEMENT]
        rows = session.execute(
            select(AskedQuestion.token, AskedQuestion.id).where(AskedQuestion.token.in_(part))
        )
        ids.update((token, question_id) for token, question_id in rows)
    for token, document_id in sorted(opened):
        key = (ids.get(token), document_id)
        if token in ids and session.get(OpenedHit, key) is None:
            session.add(OpenedHit(question_id=ids[token], document_id=document_id))
