"""Texts of the API's bodies that are no texts: JSON can write half a character, which nothing can store or search."""

from __future__ import annotations

import json
import re
from typing import Final

from starlette.requests import Request

from kb.errors import N_, InvalidInput
from web.bodies import is_json

# Half of a character outside the first 65,536, as JSON writes it; two halves in a row make a whole one.
_HALF: Final = re.compile(rb"\\u[dD][89a-fA-F]")
BODY_FIELD: Final = "body"


async def whole_texts_only(request: Request) -> None:
    """A dependency of the whole API: refuse a JSON body that holds half a character.

    Raises:
        InvalidInput: it does.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not is_json(kind):
        return
    body = await request.body()
    if _HALF.search(body) is None:
        return
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        reason = N_("it holds half of a character")
        raise InvalidInput(field=BODY_FIELD, reason=reason) from error
    except (ValueError, RecursionError):
        # It is no JSON; whoever reads it says so.
        return
