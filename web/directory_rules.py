"""Settings that say what groups of a directory are here: ``theirs=ours, theirs=ours``."""

from __future__ import annotations

from kb.access import Role
from kb.errors import N_, InvalidInput


def pairs(text: str) -> dict[str, str]:
    """The right side by the left side of each pair.

    Raises:
        InvalidInput: a part is no pair.
    """
    found = {}
    for part in text.split(","):
        if not part.strip():
            continue
        theirs, sign, ours = part.rpartition("=")
        if not sign or not theirs.strip() or not ours.strip():
            raise InvalidInput(field=part.strip(), reason=N_("write theirs=ours, by commas"))
        found[theirs.strip()] = ours.strip()
    return found


def roles(text: str) -> dict[str, Role]:
    """The role by the name of each group.

    Raises:
        InvalidInput: a part is no pair, or there is no such role.
    """
    try:
        return {theirs: Role(ours) for theirs, ours in pairs(text).items()}
    except ValueError as error:
        raise InvalidInput(field=text, reason=N_("there is no such role")) from error
