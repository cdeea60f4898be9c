"""Second factors: which codes count, how often, and what is stored of them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyotp import TOTP

from kb.access import SYSTEM, Action, Actor, Role
from kb.accounts import Accounts
from kb.database import Database
from kb.errors import InvalidInput, NotAllowed, NotFound, TooManyRequests
from kb.models import SecondFactor
from kb.sealing import Seal
from kb.second_factors import RECOVERY_CODES, Asked, SecondFactors

LI_NA = Actor("li.na", "李娜", Role.CURATOR)
BOSS = Actor("boss", "Boss", Role.ADMINISTRATOR)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(database: Database) -> Database:
    accounts = Accounts(database)
    accounts.add("li.na", "李娜", "x", Role.CURATOR, published=True)
    accounts.add("boss", "Boss", "x", Role.ADMINISTRATOR, published=True)
    accounts.add_service(SYSTEM, "robot", "夜间导入", Role.READER)
    return database


def factors(database: Database, clock: Clock, asked: Asked = "off") -> SecondFactors:
    return SecondFactors(database, lambda: "the secret of this site", asked, clock)


def with_device(made: SecondFactors, actor: Actor, clock: Clock) -> tuple[TOTP, list[str]]:
    """A device of ``actor`` that was set up a minute ago, and the recovery codes."""
    device = TOTP(made.begin(actor))
    codes = made.confirm(actor, device.at(clock.now))
    clock.now += timedelta(minutes=1)
    return device, codes


# RFC 6238, appendix B, for SHA-1: seconds since 1970 and the last 6 of the 8 figures there.
@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(
    people: Database, clock: Clock, seconds: int, code: str
) -> None:
    made = factors(people, clock)
    clock.now = datetime.fromtimestamp(seconds, UTC)
    made.begin(LI_NA)
    secret = base64.b32encode(b"12345678901234567890").decode()
    with people.write() as session:
        row = session.get_one(SecondFactor, "li.na")
        row.secret = Seal("the secret of this site", "second factor").close(secret)
    assert made.confirm(LI_NA, code)


def test_a_code_counts_for_its_half_minute_and_those_around_it_and_only_once(
    people: Database, clock: Clock
) -> None:
    made = factors(people, clock)
    device, _ = with_device(made, LI_NA, clock)
    for away, right in (
        (-60, False),
        (-30, True),
        (0, True),
        (0, False),
        (-30, False),
        (60, False),
    ):
        code = device.at(clock.now + timedelta(seconds=away))
        assert made.check("li.na", f" {code[:3]} {code[3:]} ") is right, away
    clock.now += timedelta(minutes=2)
    ahead = device.at(clock.now + timedelta(seconds=30))
    assert made.check("li.na", ahead)
    assert not made.check("li.na", device.at(clock.now)), "older than the last one used"
    for nonsense in ("", "𠮷", "１２３４５６", "abcdef", "0" * 100):  # noqa: RUF001  full-width on purpose
        assert not made.check("li.na", nonsense)
    assert not made.check("boss", device.at(clock.now))


def test_guessing_waits_and_the_right_password_does_not_forgive_it(
    people: Database, clock: Clock
) -> None:
    made = factors(people, clock)
    device, _ = with_device(made, LI_NA, clock)
    right = device.at(clock.now)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(5):
        made.check("li.na", wrong, "198.51.100.7")
    assert Accounts(people, now=clock).authenticate("li.na", "x", "198.51.100.7")
    with pytest.raises(TooManyRequests):
        made.check("li.na", right, "198.51.100.7")
    clock.now += timedelta(seconds=2)
    assert made.check("li.na", device.at(clock.now), "198.51.100.7")
    other = factors(people, clock)
    other.begin(BOSS)
    for _ in range(5):
        with pytest.raises(InvalidInput):
            other.confirm(BOSS, "nothing")
    clock.now += timedelta(milliseconds=1)
    assert made.state("boss").since is None


def test_a_recovery_code_lets_in_once_however_it_is_typed(people: Database, clock: Clock) -> None:
    made = factors(people, clock)
    _, codes = with_device(made, LI_NA, clock)
    assert len(set(codes)) == RECOVERY_CODES == made.state("li.na").codes_left
    assert not made.check("boss", codes[0])
    assert made.check("li.na", codes[0].lower().replace("-", " "))
    assert not made.check("li.na", codes[0])
    assert made.state("li.na").codes_left == RECOVERY_CODES - 1
    fresh = made.renew_codes(LI_NA)
    assert not made.check("li.na", codes[1])
    assert made.check("li.na", fresh[1])


def test_nothing_that_opens_an_account_is_readable_in_the_database(
    people: Database, clock: Clock, tmp_path: Path
) -> None:
    made = factors(people, clock)
    device, codes = with_device(made, LI_NA, clock)
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("test.sqlite3*"))
    for secret in (device.secret, codes[0], codes[0].replace("-", "")):
        assert secret.encode() not in stored
    replaced = SecondFactors(people, lambda: "another secret", "off", clock)
    assert not replaced.check("li.na", device.at(clock.now))
    assert replaced.check("li.na", codes[0]), "recovery codes need no secret of the site"


@pytest.mark.parametrize(
    ("asked", "curator", "administrator"),
    [
        ("off", "nothing", "nothing"),
        ("administrators", "nothing", "set-up"),
        ("everyone", "set-up", "set-up"),
    ],
)
def test_of_whom_it_is_required_stands_in_the_setting(
    people: Database, clock: Clock, asked: Asked, curator: str, administrator: str
) -> None:
    made = factors(people, clock, asked)
    assert (made.need(LI_NA), made.need(BOSS)) == (curator, administrator)
    with_device(made, BOSS, clock)
    assert made.need(BOSS) == "code"
    if asked == "off":
        made.remove(BOSS, "boss")
        assert made.need(BOSS) == "nothing"
    else:
        with pytest.raises(NotAllowed):
            made.remove(BOSS, "boss")
        made.remove(SYSTEM, "boss")
        assert made.need(BOSS) == "set-up"


def test_only_a_person_with_a_password_here_has_one_and_only_its_business(
    people: Database, clock: Clock
) -> None:
    made = factors(people, clock)
    token = Actor("li.na", "李娜", Role.CURATOR, limit=frozenset(Action))
    for actor in (Actor("robot", "R", Role.READER), Actor("", "", Role.READER), token):
        with pytest.raises(NotAllowed):
            made.begin(actor)
    with_device(made, BOSS, clock)
    with pytest.raises(NotAllowed):
        made.begin(BOSS)
    for unfounded in (made.renew_codes, lambda actor: made.confirm(actor, "123456")):
        with pytest.raises(NotFound):
            unfounded(LI_NA)
    with pytest.raises(NotFound):
        made.remove(LI_NA, "boss")
    with pytest.raises(NotFound):
        made.remove(BOSS, "nobody")
