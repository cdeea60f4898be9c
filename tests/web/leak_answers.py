"""How the leak test lays two answers side by side: what counts of them, and what is new with each answer.

Headers count as much as bodies; what is packed (zip, Word, Excel) is unpacked, of PDF the text is read.
"""

from __future__ import annotations

import difflib
import io
import json
import re
import zipfile
from collections import Counter
from typing import Any, Final

import pypdfium2

# Reasons for a score that come from what is learned of words.
_LEARNED: Final = frozenset({"matter", "more"})
# Of these the order and the passages shown follow scores, which other people's things may move.
_RANKED: Final = re.compile(r"^(/|/api/v1/(search(/why)?|suggest))$")
# These show only the best few by score, so which ones may be moved too: here status, headers and how many there are
# are compared, and no word may appear that stands only in what the user may not read (as everywhere).
_BEST_FEW: Final = re.compile(
    r"^(/api/v1/(links|experts)|/people/experts|/questions/new|/questions/\d+/experts|/documents/\d+/similar"
    r"|/search/(similar|why))$"
)
# How many reasons are told for each of the best few people follows scores too.
_NOT_COUNTED: Final = re.compile(r".*/experts$")
_RELATED: Final = re.compile(r"<h2>Related</h2>.*?</section>", re.DOTALL)
# What is new with each answer, whatever is asked.
_VOLATILE: Final = re.compile(
    r"""([?&]|&amp;)(s|token)=[\w-]+ | name="(origin|token|seen|form)"\ value="[^"]*"
    | /static/[\w.-]+/ | \d+(\.\d+)?(&nbsp;|\s|\u00a0)?(ms|毫秒) | \d\d:\d\d(:\d\d(\.\d+)?)?
    | \d+\ (second|minute)s?\ ago | just\ now | DTSTAMP:\w+ | (?<=,)\d+\.\d(?=,0,20)
    | <dcterms:\w+[^>]*>[^<]* """,
    re.VERBOSE,
)
_SCORES: Final = frozenset({"score", "took_ms", "share", "snippet", "points", "total_score"})
# Of headers everything is compared but these, and of cookies the names.
_NOT_HEADERS: Final = frozenset({"date", "content-length", "set-cookie", "server-timing"})
# A form that is sent back to be put right shows them too.
_WITH_LISTS: Final = frozenset({200, 422})
# What one thing of a list of the best few begins with.
_ONE_OF_FEW: Final = re.compile(r"<li\b|<article\b|<tr\b")


def told(path: str, answer: Any) -> tuple[Any, ...]:
    """An answer as it is compared: status, headers, names of cookies, and its text without what is new each time."""
    kind = answer.headers.get("content-type", "")
    headers = tuple(
        (name, _VOLATILE.sub("", value))
        for name, value in sorted(answer.headers.items())
        if name not in _NOT_HEADERS
    )
    cookies = tuple(
        sorted(line.partition("=")[0] for line in answer.headers.get_list("set-cookie"))
    )
    return answer.status_code, headers, cookies, _body(path, answer, kind)


def _body(path: str, answer: Any, kind: str) -> Any:
    ranked = bool(_RANKED.match(path))
    few = answer.status_code in _WITH_LISTS and _BEST_FEW.match(path)
    if "json" in kind:
        found = json.loads(answer.content)
        return _lengths(found) if few else _plain(found, ranked=ranked)
    if few:
        return 0 if _NOT_COUNTED.match(path) else len(_ONE_OF_FEW.findall(answer.text))
    if re.match(r"text/|application/(atom|xml)", kind):
        return _text(answer.text, ranked=ranked)
    if answer.content[:2] == b"PK":
        return _unpacked(answer.content)
    if answer.content[:4] == b"%PDF":
        with pypdfium2.PdfDocument(answer.content) as document:
            return [page.get_textpage().get_text_bounded() for page in document]
    return answer.content


def difference(full: tuple[Any, ...], reduced: tuple[Any, ...]) -> str:
    """The lines in which two answers differ, to be read by people."""
    if full[:3] != reduced[:3]:
        return f"    {set(map(str, full[:3])) ^ set(map(str, reduced[:3]))}"
    sides = []
    for body in (full[3], reduced[3]):
        text = (
            body
            if isinstance(body, str)
            else json.dumps(body, ensure_ascii=False, indent=1, default=str)
        )
        sides.append([line.strip() for line in text.splitlines() if line.strip()])
    lines = list(difflib.unified_diff(sides[0], sides[1], "all", "readable", n=0, lineterm=""))
    return "\n".join(f"    {line[:220]}" for line in lines[2:14])


def _text(text: str, *, ranked: bool) -> Any:
    body = _RELATED.sub("", _VOLATILE.sub("", text))
    return sorted(Counter(_shown(body)).items()) if ranked else body


def _shown(html: str) -> list[str]:
    """Lines of a page of hits, without the passages, which are chosen and cut by the weight of words."""
    html = re.sub(r'<p class="[^"]*(snippet|passage)[^"]*".*?</p>', "", html, flags=re.DOTALL)
    lines = (line.strip() for line in html.splitlines())
    return [line for line in lines if line]


def _plain(value: Any, *, ranked: bool) -> Any:
    if isinstance(value, dict):
        return {
            k: _plain(v, ranked=ranked) for k, v in value.items() if not ranked or k not in _SCORES
        }
    if isinstance(value, list):
        # What is learned of words from everything is told among the reasons, and only moves scores.
        kept = [
            each for each in value if not (isinstance(each, dict) and each.get("how") in _LEARNED)
        ]
        made = [_plain(each, ranked=ranked) for each in kept]
        return sorted(made, key=lambda each: json.dumps(each, sort_keys=True)) if ranked else made
    if isinstance(value, str):
        return _VOLATILE.sub("", value)
    return value


def _lengths(value: Any) -> Any:
    """How many there are in each list of an answer."""
    if isinstance(value, dict):
        return {name: _lengths(inner) for name, inner in value.items() if isinstance(inner, list)}
    return len(value)


def _unpacked(content: bytes) -> dict[str, Any]:
    """What is in an archive, which Word and Excel files are too, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found: dict[str, Any] = {}
        for name in archive.namelist():
            part = archive.read(name)
            try:
                found[name] = _VOLATILE.sub("", part.decode())
            except UnicodeDecodeError:
                found[name] = part
        return found
