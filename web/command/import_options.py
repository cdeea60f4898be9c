"""Options that ``pmo import`` and ``pmo watch`` share, checked before anything is begun."""

from __future__ import annotations

import typer

from kb.access import Audience
from kb.drafts import KINDS
from kb.errors import InvalidInput


def checked(kind: str, audience: str) -> Audience:
    """The audience, once it is known that neither option is wrong use."""
    if kind and kind not in KINDS:
        raise typer.BadParameter(f"“{kind}” is none of {', '.join(KINDS)}")
    try:
        return Audience.parse(audience, follows=True)
    except InvalidInput as error:
        raise typer.BadParameter(str(error)) from error
