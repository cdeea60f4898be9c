"""When two codes or two names mean the same project: what does not count is folded away before they are compared.

Width, case, accents, traditional or simplified characters and punctuation do not count, nor does the word 项目, 工程 or
"project" at the end of a name. Everything else does: 一期 is not 二期.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kb.search.folding import fold_text

KEY_CHARS: Final = 300
# What people add to a name or leave away: "蓉西医院上线项目", "Tuas AGV Integration Project".
_TAIL: Final = re.compile(r"(?:(?<=..)(?:项目工程|工程项目|项目|工程)|(?<=\w)\s+project)$")
_PARTS: Final = re.compile(r"[()\[\]【】/|]|\s[-–—]\s|\n")
# Where a name in one script ends and one in the other begins: 鹿特丹西港 Rotterdam Westhaven.
_SCRIPTS: Final = re.compile(
    r"(?<=[\u3400-\u9fff])\s+(?=[A-Za-z])|(?<=[A-Za-z.)])\s+(?=[\u3400-\u9fff])"
)
_APART: Final = re.compile(r"[\W_]+")


def code_key(code: str) -> str:
    """What two spellings of one code have in common: ``ＣＬ－2018－007`` and ``cl 2018/007`` are ``cl-2018-007``."""  # noqa: RUF002
    folded = fold_text(code)
    return (_APART.sub("-", folded).strip("-") or folded.strip())[:KEY_CHARS]


def bare_code(code: str) -> str:
    """A code without what parts it: ``cl2018007``. Not enough to tell codes apart: A-11-1 and A-1-11 have the same."""
    return code_key(code).replace("-", "")


def name_key(name: str) -> str:
    """What two spellings of one name have in common."""
    folded = fold_text(name).strip()
    trimmed = _TAIL.sub("", folded)
    return (_APART.sub("", trimmed) or _APART.sub("", folded) or folded)[:KEY_CHARS]


def name_parts(name: str) -> Iterator[str]:
    """The names that one field may hold: as a whole, then what stands in and around brackets, and in either script."""
    whole = name.strip()
    seen = {whole, ""}
    yield whole
    for pieces in (_PARTS.split(fold_width(whole)), _SCRIPTS.split(whole)):
        for piece in pieces:
            if (part := piece.strip(" :,;·")) not in seen:
                seen.add(part)
                yield part


def fold_width(text: str) -> str:
    """``text`` with its brackets and strokes in half width, all else as it is."""
    return text.translate(_HALF_WIDTH)


_HALF_WIDTH: Final = str.maketrans("（）［］／｜", "()[]/|")  # noqa: RUF001
