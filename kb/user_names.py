"""What may be a sign-in name, the name of a group, an address of mail."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from kb.access import SYSTEM
from kb.errors import N_, InvalidInput

MAX_NAME_CHARS: Final = 100
MAX_SHOWN_NAME_CHARS: Final = 200
# RFC 5321 allows no longer path; what is in it decides the other mail server, not us.
MAX_EMAIL_CHARS: Final = 254
# The first two tear an audience apart, the others the address of a page; so do names of dots only.
_TEARING: Final = frozenset(":,/\\")
_EMAIL: Final = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")


def check_name(name: str) -> str:
    """A sign-in name in the form that is stored.

    Raises:
        InvalidInput: it is empty, too long, taken by the program, or would tear an audience apart.
    """
    text = unicodedata.normalize("NFKC", name).strip()
    if _torn(text) or text == SYSTEM.id:
        raise InvalidInput(
            field="name",
            reason=N_("it is empty, too long, or holds a space, a colon, a comma or a slash"),
        )
    return text


def check_groups(groups: Collection[str]) -> frozenset[str]:
    """Names of groups in the form that is stored.

    Raises:
        InvalidInput: one of them would tear an audience apart.
    """
    found = frozenset(unicodedata.normalize("NFKC", group).strip() for group in groups)
    wrong = next((group for group in found if _torn(group)), None)
    if wrong is not None:
        raise InvalidInput(
            field="group",
            reason=N_("it is empty, too long, or holds a space, a colon, a comma or a slash"),
        )
    return found


def check_email(email: str) -> str:
    """An address of mail, or an empty text.

    Raises:
        InvalidInput: it is no address.
    """
    text = email.strip()
    if text and (len(text) > MAX_EMAIL_CHARS or not _EMAIL.fullmatch(text)):
        raise InvalidInput(field="email", reason=N_("it is no address of mail"))
    return text


def _torn(text: str) -> bool:
    return (
        not text
        or len(text) > MAX_NAME_CHARS
        or any(c.isspace() or c in _TEARING or not c.isprintable() for c in text)
        or not text.strip(".")
    )
