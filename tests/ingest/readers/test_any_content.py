# ruff: noqa: RUF001, E501  full-width signs are part of what is tested; tables of pieces read better in long lines
"""Whatever a file holds, reading it gives a draft or one of our own errors in words, never anything else."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from ingest.archives import members
from ingest.limits import Limits
from ingest.readers import read
from kb.drafts import Draft
from kb.errors import KnowledgeBaseError
from tests.ingest.readers.word_files import write

MODEST: Final = settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
WORDS: Final = (
    "风险管理",
    "Risk",
    "ＡＢＣ１２３",
    "𠮷👍",
    "\ufeff",
    "\x00",
    "\u202e",
    "\r\n",
    "",
    " ",
)
PIECES: Final = {
    "md": ("---\n", "a: [", "&x *x\n", "# ", "| ", "|---|\n", "```\n", "[^1]: ", "<table>", "- " * 40, "\n\n", "!!python/object "),
    "csv": (",", ";", "\t", '"', '""', "\n", "=1+1", "，"),
    "html": ("<table><tr><td colspan=99999>", "<td rowspan='-1'>", "</p>", "<!--", "<![CDATA[", "<svg>", "<b ", "&#xD800;", "&#0;", "<meta charset=utf-7>", "<ol start=99999999999999999999>"),
    "eml": ("From: x\r\n", "Subject: =?gb2312?B?!!!!?=\r\n", "Date: 31 Feb 99999\r\n", "Content-Type: multipart/mixed; boundary=b\r\n", "\r\n--b\r\n", "Content-Transfer-Encoding: base64\r\n\r\n", "Content-Type: text/html; charset=no-such\r\n", "--b--\r\n", "\r\n"),
    "rtf": ("{\\rtf1 ", "{", "}", "\\u-1 ?", "\\'ff", "\\bin99999 ", "\\trowd\\cellx9 ", "\\cell", "\\row ", "\\par "),
    "adoc": ("= T\n", "|===\n", "|a\n", "----\n", "* ", "include::/etc/passwd[]\n", "== ", "\n"),
}  # fmt: skip
TAGS: Final = (
    "w:p", "w:r", "w:t", "w:tbl", "w:tr", "w:tc", "w:tcPr", "w:sdt", "w:sdtContent", "w:ins", "w:del", "w:hyperlink", "w:pPr",
    "w:fldChar", "w:instrText", "w:drawing", "mc:AlternateContent", "mc:Choice", "m:oMath", "w:txbxContent", "w:smartTag",
)  # fmt: skip
EMPTY: Final = (
    '<w:gridSpan w:val="-3"/>', '<w:gridSpan w:val="99999"/>', '<w:vMerge/>', '<w:numPr><w:ilvl w:val="x"/><w:numId w:val="7"/></w:numPr>',
    '<w:pStyle w:val="&#x98CE;"/>', '<w:fldChar w:fldCharType="end"/>', '<w:fldChar w:fldCharType="begin"/>', '<w:sym w:char="ZZ"/>',
    '<w:footnoteReference w:id="99"/>', '<w:br w:type="page"/>', '<a:blip r:embed="rId99"/>', '<w:t>风险 Ａ 𠮷</w:t>', "<w:t/>", "<!-- x -->",
)  # fmt: skip


def attempt(path: Path) -> None:
    """Read a file; what is ours to say is said with one of our errors."""
    try:
        made = read(path, path.name)
    except KnowledgeBaseError:
        return
    assert isinstance(made, Draft)
    # Half a character could not be stored.
    made.body.encode()


@pytest.mark.parametrize("extension", sorted(PIECES))
@seed(20261122)
@MODEST
@given(data=st.data())
def test_any_text_is_read_or_refused_in_words(
    tmp_path: Path, extension: str, data: st.DataObject
) -> None:
    pieces = st.sampled_from((*PIECES[extension], *WORDS))
    text = "".join(data.draw(st.lists(pieces, max_size=20)))
    raw = data.draw(st.binary(max_size=6))
    path = tmp_path / f"a.{extension}"
    path.write_bytes(text.encode(data.draw(st.sampled_from(("utf-8", "utf-16")))) + raw)
    attempt(path)


@seed(20261122)
@MODEST
@given(
    st.recursive(
        st.sampled_from(EMPTY),
        lambda inner: st.builds(
            lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
            st.sampled_from(TAGS),
            st.lists(inner, max_size=4),
        ),
        max_leaves=25,
    )
)
def test_any_order_of_the_elements_of_word_is_read(tmp_path: Path, inside: str) -> None:
    path = tmp_path / "a.docx"
    write(path, f"<w:p><w:r><w:t>头</w:t></w:r></w:p>{inside}")
    attempt(path)


@seed(20261122)
@MODEST
@given(
    st.lists(
        st.text(
            st.one_of(
                st.sampled_from("/\\.:*?<>|\x00\x01~ 风险ＡＢＣ𠮷"),
                st.characters(exclude_categories=["Cs"]),
            ),
            min_size=1,
            max_size=60,
        ),
        max_size=6,
    ),
    st.integers(0, 400),
)
def test_any_names_in_an_archive_stay_within_it(tmp_path: Path, names: list[str], cut: int) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in dict.fromkeys(names):
            archive.writestr(zipfile.ZipInfo(name), b"x")
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    content = stream.getvalue()
    for kept in (content, content[:cut]):
        path = tmp_path / "a.zip"
        path.write_bytes(kept)
        with suppress(KnowledgeBaseError):
            for member in members(path, "a.zip", work, Limits()):
                assert not member.path.startswith("/")
                assert ".." not in member.path.split("/")
                assert "\x00" not in member.path
    assert {each.name for each in tmp_path.iterdir()} <= {"a.zip", "work"}
    assert not list(work.iterdir())
