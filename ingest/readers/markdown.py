"""Markdown with front matter. The body stays as its writer wrote it; only what leads nowhere any more is mended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote

import yaml

from ingest.charset import decode
from ingest.formats import Format
from ingest.metadata_dates import find_date
from ingest.readers.drafting import Findings, finish
from ingest.readers.writing import one_line, visible
from kb.drafts import Draft

# What a key of the front matter is about, in both languages.
_KEYS: Final[dict[str, str]] = {
    key: field
    for field, keys in (
        ("title", "title 标题 题目 名称"),
        ("kind", "kind type category 类型 文档类型 类别"),
        ("language", "language lang locale 语言"),
        ("project", "project project_name project-name 项目 项目名称"),
        ("authors", "author authors writer by 作者 编制人 撰写人"),
        ("dated", "date created published 日期 编制日期"),
        ("tags", "tags tag keywords 标签 关键词"),
    )
    for key in keys.split()
}
_FRONT_MATTER: Final = re.compile(r"\A---[ \t]*\n(.*?\n)??(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_MAX_FRONT_MATTER: Final = 64 * 1024  # characters; the longest met have 2,000
_FENCE: Final = re.compile(r"^(?P<mark> {0,3}(?:`{3,}|~{3,}))", re.MULTILINE)
_PICTURE: Final = re.compile(
    r"!\[(?P<alt>[^\]\n]*)\]\(\s*<?(?P<target>[^)\s>]+)>?(?:\s+[\"'][^)\n]*[\"'])?\s*\)"
)
_LINK: Final = re.compile(
    r"(?<![!\\])\[(?P<words>[^\[\]\n]+)\]\(\s*<?(?P<target>[^)\s>]+)>?(?:\s+[\"'][^)\n]*[\"'])?\s*\)"
)
_ANCHOR: Final = re.compile(
    r"<a\b[^>]*?\bhref\s*=\s*[\"'](?P<target>[^\"']+)[\"'][^>]*>(?P<words>.*?)</a>",
    re.IGNORECASE | re.DOTALL,
)
_OUTSIDE: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//|#)", re.IGNORECASE)
# What site builders write into Markdown for themselves: attribute lists, template marks, scripts, tags of the layout.
_SITE_MARKS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL), ""),
    (re.compile(r"<!--.*?-->", re.DOTALL), ""),
    (
        re.compile(
            r"</?(?:section|article|header|footer|nav|main|aside|font|center|picture|source|video|audio|iframe|button|form"
            r"|input|label|svg|path|use|time|address|big|tt|hgroup)\b[^<>]*>",
            re.IGNORECASE,
        ),
        "",
    ),
    (re.compile(r"(?<!\{)\{%.*?%\}"), ""),
    (
        re.compile(
            r"(?<![{\s])[ ]?\{:?[ ]*[#.][\w-][^{}\n]*\}(?!\})|^\{:[^{}\n]*\}[ ]*$", re.MULTILINE
        ),
        "",
    ),
)
_PICTURE_ENDINGS: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
_PICTURE_MAX: Final = 20 * 1024 * 1024  # bytes


def read_markdown(path: Path, name: str) -> Draft:
    """Read Markdown; YAML front matter gives title, kind, language, project, authors, date and tags.

    Pictures that lie beside the file travel along; links to files that did not come along become plain words.

    Raises:
        NoText: there is not a word in it.
    """
    decoded = decode(path.read_bytes())
    found = Findings()
    if decoded.replaced:
        found.lose(f"{decoded.replaced} bytes fit no character set and were replaced.")
    text = visible(decoded.text.replace("\r\n", "\n").replace("\r", "\n"))
    body = _front_matter(text, found)
    # Only a file that still lies where its name says has neighbours; in a store of files everybody is a neighbour.
    folder = path.parent if path.name == PurePosixPath(name.replace("\\", "/")).name else None
    found.body = (
        "".join(
            _mended(part, folder, found) if prose else part for prose, part in _parts(body)
        ).strip("\n")
        + "\n"
    )
    return finish(found, name, Format.MARKDOWN)


def _front_matter(text: str, found: Findings) -> str:
    """Take the front matter off and note what it says; return the rest."""
    match = _FRONT_MATTER.match(text)
    if not match:
        return text
    block = match.group(1) or ""
    values = _yaml(block)
    if values is None:
        # A thematic break and a paragraph look the same as front matter; nothing of it may get lost.
        return text
    for key, value in values.items():
        _note(str(key), value, found)
    return text[match.end() :]


def _yaml(block: str) -> dict[object, object] | None:
    """Return the mapping a block of YAML holds; None when it is none, or uses aliases, which can explode."""
    if len(block) > _MAX_FRONT_MATTER:
        return None
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(block, yaml.SafeLoader)):
            return None
        values = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return {} if values is None else values if isinstance(values, dict) else None


def _note(key: str, value: object, found: Findings) -> None:
    words = [one_line(str(item)) for item in (value if isinstance(value, list) else [value])]
    words = [word for word in words if word and word != "None"]
    if not words or isinstance(value, dict):
        return
    match _KEYS.get(key.strip().lower()):
        case "title":
            found.title = words[0]
        case "kind":
            found.kind = words[0]
        case "language":
            found.language = words[0]
        case "project":
            found.project = words[0]
        case "authors":
            found.authors = tuple(_split(words))
        case "tags":
            found.tags = tuple(_split(words))
        case "dated":
            found.dated = value if type(value) is date else find_date(str(value))
            found.dated_surely = True
    found.properties[one_line(key)] = ", ".join(words)


def _split(words: list[str]) -> list[str]:
    parts = [part.strip() for word in words for part in re.split(r"[,，;；、]", word)]
    return list(dict.fromkeys(part for part in parts if part))


def _parts(body: str) -> Iterator[tuple[bool, str]]:
    """Yield the body in parts with whether each is prose; what stands in fences is not touched."""
    position = 0
    while opening := _FENCE.search(body, position):
        mark = opening["mark"].strip()
        closing = re.compile(
            rf"^ {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$", re.MULTILINE
        ).search(body, opening.end())
        end = closing.end() if closing else len(body)
        yield True, body[position : opening.start()]
        yield False, body[opening.start() : end]
        position = end
    yield True, body[position:]


def _mended(prose: str, folder: Path | None, found: Findings) -> str:
    def picture(match: re.Match[str]) -> str:
        found.count("pictures", found=1)
        alt, target = match["alt"].strip(), match["target"]
        address = _beside(target, folder, found)
        if address:
            found.count("pictures", carried=1)
            return f"![{alt}]({address})"
        found.lose("Pictures that did not come with the file are named, not shown.")
        return alt or PurePosixPath(unquote(target)).name

    def link(match: re.Match[str]) -> str:
        if _OUTSIDE.match(match["target"]):
            return match.group()
        found.lose("Links to files that did not come along are kept as words.")
        return match["words"]

    for mark, instead in _SITE_MARKS:
        prose = mark.sub(instead, prose)
    return _LINK.sub(link, _ANCHOR.sub(link, _PICTURE.sub(picture, prose)))


def _beside(target: str, folder: Path | None, found: Findings) -> str:
    """Take along a picture that lies in the file's folder or below it; return its address or an empty string."""
    media_type = _PICTURE_ENDINGS.get(PurePosixPath(target).suffix.lower())
    if folder is None or media_type is None or _OUTSIDE.match(target):
        return ""
    file = (folder / unquote(target)).resolve()
    if (
        not file.is_relative_to(folder.resolve())
        or not file.is_file()
        or file.stat().st_size > _PICTURE_MAX
    ):
        return ""
    return found.picture(file.read_bytes(), media_type)
