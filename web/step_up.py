"""Deeds before which somebody who signed in a while ago shows again who they are.

A browser that was left alone, or a cookie that was stolen, can read; what is hard to undo or gives lasting access asks
for the password once more (or sends to the provider again) when the last time is longer ago than
:data:`kb.sessions.PROOF_COUNTS`. One table says before what; :func:`web.gate.gate` asks. Programs that show a token are
not asked: somebody made it for them right after showing who they are.

``POST /account/password`` is not here: it asks for the present password itself.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from starlette.requests import Request

# Each deed, and the page to come back to, where it is done once more.
FRESH: Final = {
    # Where mail goes is where a link for a new password goes.
    "POST /account": "/account",
    "POST /notifications/mail": "/notifications",
    "GET /account/link": "/account",
    "POST /account/factor/begin": "/account#factor",
    "POST /account/factor": "/account#factor",
    "POST /account/factor/codes": "/account#factor",
    "POST /account/factor/remove": "/account#factor",
    "POST /account/sessions": "/account#sessions",
    "POST /account/sessions/{session_id}": "/account#sessions",
    "POST /account/tokens": "/account#tokens",
    "POST /admin/users": "/admin/users",
    "POST /admin/users/invite": "/admin/users",
    "POST /admin/users/{user_id}/{step}": "/admin/users/{user_id}",
    "POST /admin/personal/export": "/admin/personal",
    "POST /admin/personal/erase": "/admin/personal",
    "POST /admin/backup/keep": "/admin",
    "POST /admin/backup/download": "/admin",
    "GET /admin/backup/{name}": "/admin",
}


def back_to(route: str, request: Request) -> str:
    """The page to come back to when proof is asked for before a deed."""
    gaps = {name: quote(str(value), safe="") for name, value in request.path_params.items()}
    return FRESH[route].format(**gaps)
