"""Second factors of accounts that have a password here: codes of a device (RFC 6238), and recovery codes for its loss.

A code counts for its half minute and the ones before and after, once. Who signs in by a directory is not asked: what is
asked for there is the directory's matter.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final, Literal

from pyotp import TOTP
from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from kb.access import SYSTEM, Action, Actor, Role
from kb.account_news import tell_owner
from kb.auditing import record_audit
from kb.database import Database
from kb.errors import N_, InvalidInput, NotAllowed, NotFound, TooManyRequests
from kb.models import RecoveryCode, SecondFactor, User, utc_now
from kb.sealing import Seal
from kb.secret_texts import hash_of
from kb.sign_in_delays import delay, forget_failures, record_failure
from kb.user_rows import end_sessions

Asked = Literal["off", "administrators", "everyone"]
Need = Literal["nothing", "code", "set-up"]
# Ways of signing in of which this is the second factor.
OWN_WAYS: Final = frozenset({"password", "link"})
RECOVERY_CODES: Final = 10
# 120 bits are 24 characters of base 32: too many to guess, so that a plain hash of them is enough.
_RECOVERY_BYTES: Final = 15
_GROUP_CHARS: Final = 4
# RFC 6238, the values that all apps understand: codes of 6 figures, a new one every 30 seconds.
_STEP_SECONDS: Final = 30
# A device's clock may be half a minute wrong.
_STEPS_AROUND: Final = (0, -1, 1)


@dataclass(frozen=True, slots=True)
class FactorState:
    """Whether an account asks for a second factor, since when, and how many recovery codes are left."""

    since: datetime | None
    codes_left: int


class SecondFactors:
    """Use cases around second factors; every method is one transaction."""

    def __init__(
        self,
        database: Database,
        secret_key: Callable[[], str],
        asked: Asked,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Keep factors in ``database``, sealed with ``secret_key``; ``asked`` says of whom one is required."""
        self._database = database
        self._secret_key = secret_key
        self._asked = asked
        self._now = now

    def required_of(self, role: Role) -> bool:
        """Whether whoever has this role must have a second factor."""
        return is_required(self._asked, role)

    def need(self, actor: Actor) -> Need:
        """What is still to be done after the password was right."""
        if self.state(actor.id).since is not None:
            return "code"
        return "set-up" if self.required_of(actor.role) else "nothing"

    def state(self, user_id: str) -> FactorState:
        """What there is of a user."""
        with self._database.read() as session:
            row = session.get(SecondFactor, user_id)
            left = session.scalar(
                select(func.count())
                .select_from(RecoveryCode)
                .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
            )
        return FactorState(row.confirmed_at if row is not None else None, left or 0)

    def begin(self, actor: Actor) -> str:
        """The secret to put into a device, in base 32; the same until its first code was right.

        Raises:
            NotAllowed: it is a token's, nobody's or a directory's account, or there is a factor already.
        """
        with self._database.write() as session:
            user = _own(session, actor)
            row = session.get(SecondFactor, user.id)
            if row is not None and row.confirmed_at is not None:
                raise NotAllowed(action=N_("set up a second factor where there is one"))
            secret = self._seal.open(row.secret) if row is not None else None
            if secret is None:
                secret = base64.b32encode(secrets.token_bytes(20)).decode("ascii")
                sealed = self._seal.close(secret)
                session.merge(SecondFactor(user_id=user.id, secret=sealed, created_at=self._now()))
            return secret

    def confirm(self, actor: Actor, code: str, address: str = "") -> list[str]:
        """Take the device into use when its code is right; returns the recovery codes, this once.

        Raises:
            NotAllowed: as :meth:`begin`.
            NotFound: nothing was begun, or it is in use already.
            InvalidInput: the code is wrong.
            TooManyRequests: it was wrong too often.
        """
        self._must_not_wait(actor.id, address)
        with self._database.write() as session:
            user = _own(session, actor)
            row = session.get(SecondFactor, user.id)
            if row is None or row.confirmed_at is not None:
                raise NotFound(what=N_("second factor"), id=user.id)
            step = self._step_of(row, code)
            if step is not None:
                row.confirmed_at, row.last_step = self._now(), step
                end_sessions(session, user.id)
                tell_owner(session, user.id, "factor-set")
                record_audit(session, actor, "set-factor", "user", user.id)
                return self._new_codes(session, user.id)
        self._failed(actor.id, address)
        raise InvalidInput(field="code", reason=N_("it is not the device's present code"))

    def check(self, user_id: str, code: str, address: str = "") -> bool:
        """Whether this is the present code of a user's device, or a recovery code; either counts once.

        Raises:
            TooManyRequests: it was wrong too often.
        """
        self._must_not_wait(user_id, address)
        with self._database.write() as session:
            row = session.get(SecondFactor, user_id)
            if row is not None and row.confirmed_at is not None:
                step = self._step_of(row, code)
                if step is not None and self._use_step(session, user_id, step):
                    forget_failures(session, _guesses_of(user_id), address)
                    return True
                if self._use_recovery(session, user_id, code):
                    forget_failures(session, _guesses_of(user_id), address)
                    tell_owner(session, user_id, "recovery-used")
                    record_audit(session, SYSTEM, "use-recovery-code", "user", user_id)
                    return True
                if step is not None:
                    # Somebody looked over a shoulder, or keeps what was sent.
                    tell_owner(session, user_id, "code-reused")
        self._failed(user_id, address)
        return False

    def renew_codes(self, actor: Actor) -> list[str]:
        """New recovery codes in place of those before; returned this once.

        Raises:
            NotAllowed: it is not a browser that asks.
            NotFound: there is no factor.
        """
        with self._database.write() as session:
            user = _own(session, actor)
            row = session.get(SecondFactor, user.id)
            if row is None or row.confirmed_at is None:
                raise NotFound(what=N_("second factor"), id=user.id)
            tell_owner(session, user.id, "recovery-renewed")
            record_audit(session, actor, "renew-recovery-codes", "user", user.id)
            return self._new_codes(session, user.id)

    def remove(self, actor: Actor, user_id: str) -> None:
        """Ask a user for no second factor any more; one of somebody else's is taken away after its loss.

        Raises:
            NotFound: there is no such user, or it is not the actor's business.
            NotAllowed: one's own is required, or a token asks.
        """
        own = actor.id == user_id
        if actor.limit is not None:
            raise NotAllowed(action=N_("change a second factor with a token"))
        if not own and Action.ADMINISTER_USERS not in actor.actions:
            raise NotFound(what="user", id=user_id)
        with self._database.write() as session:
            user = session.get(User, user_id)
            if user is None:
                raise NotFound(what="user", id=user_id)
            if own and self.required_of(Role(user.role)):
                raise NotAllowed(action=N_("do without a second factor where it is required"))
            row = session.get(SecondFactor, user_id)
            if row is None:
                return
            session.delete(row)
            session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
            if not own:
                end_sessions(session, user_id)
            tell_owner(session, user_id, "factor-removed")
            record_audit(session, actor, "remove-factor", "user", user_id)

    @cached_property
    def _seal(self) -> Seal:
        return Seal(self._secret_key(), "second factor")

    def _step_of(self, row: SecondFactor, code: str) -> int | None:
        """The half minute, now or around now, whose code this is, used before or not."""
        secret = self._seal.open(row.secret)
        typed = "".join(code.split())
        if secret is None or not (typed.isascii() and typed.isdigit()):
            return None
        device = TOTP(secret)
        now = int(self._now().timestamp()) // _STEP_SECONDS
        for step in (now + around for around in _STEPS_AROUND):
            if hmac.compare_digest(device.at(step * _STEP_SECONDS), typed):
                return step
        return None

    def _use_step(self, session: Session, user_id: str, step: int) -> bool:
        # The condition, not the look before it, decides between two who show one code at once.
        done = session.execute(
            update(SecondFactor)
            .where(SecondFactor.user_id == user_id, SecondFactor.last_step < step)
            .values(last_step=step)
        )
        return isinstance(done, CursorResult) and done.rowcount == 1

    def _use_recovery(self, session: Session, user_id: str, code: str) -> bool:
        typed = "".join(sign for sign in code.upper() if sign.isascii() and sign.isalnum())
        done = session.execute(
            update(RecoveryCode)
            .where(
                RecoveryCode.user_id == user_id,
                RecoveryCode.secret_hash == hash_of(typed),
                RecoveryCode.used_at.is_(None),
            )
            .values(used_at=self._now())
        )
        return isinstance(done, CursorResult) and done.rowcount == 1

    def _new_codes(self, session: Session, user_id: str) -> list[str]:
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        codes = [
            base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode("ascii")
            for _ in range(RECOVERY_CODES)
        ]
        session.add_all(
            RecoveryCode(user_id=user_id, secret_hash=hash_of(code), created_at=self._now())
            for code in codes
        )
        return [
            "-".join(code[at : at + _GROUP_CHARS] for at in range(0, len(code), _GROUP_CHARS))
            for code in codes
        ]

    def _must_not_wait(self, user_id: str, address: str) -> None:
        with self._database.read() as session:
            wait = delay(session, _guesses_of(user_id), address, self._now())
        if wait:
            raise TooManyRequests(seconds=wait)

    def _failed(self, user_id: str, address: str) -> None:
        with self._database.write() as session:
            record_failure(session, _guesses_of(user_id), address, self._now())
            record_audit(session, SYSTEM, "wrong-code", "user", user_id)


def is_required(asked: Asked, role: Role) -> bool:
    """Whether whoever has this role must have a second factor."""
    return asked == "everyone" or (asked == "administrators" and role is Role.ADMINISTRATOR)


def _guesses_of(user_id: str) -> str:
    # Counted apart from passwords: the right password must not forgive wrong codes. No sign-in name has a space.
    return f"{user_id} code"


def _own(session: Session, actor: Actor) -> User:
    user = session.get(User, actor.id) if actor.id and actor.limit is None else None
    if user is None or not user.active or not user.password_hash:
        raise NotAllowed(action=N_("set up a second factor without a password here"))
    return user
