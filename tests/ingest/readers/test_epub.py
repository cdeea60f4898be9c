"""E-books: the pages of the spine, in order, with their pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers import read
from kb.errors import DamagedFile, EncryptedFile, NoText
from tests.ingest.readers.office_files import PNG, words, zipped

CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
BOOK = (
    '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>项目管理手册</dc:title>'
    "<dc:creator>李娜</dc:creator></metadata><manifest>"
    '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    '<item id="b" href="ch%202.xhtml" media-type="application/xhtml+xml"/>'
    '<item id="a" href="ch1.xhtml" media-type="application/xhtml+xml"/>'
    '<item id="gone" href="gone.xhtml" media-type="application/xhtml+xml"/></manifest>'
    '<spine><itemref idref="nav"/><itemref idref="a"/><itemref idref="b"/><itemref idref="gone"/></spine></package>'
)
PARTS: dict[str, bytes | str] = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OPS/book.opf": BOOK,
    "OPS/nav.xhtml": "<html>目录</html>",
    "OPS/ch1.xhtml": "<html><h1>启动</h1><p>text<img src='img/x.png' alt='图'/></p></html>",
    "OPS/ch 2.xhtml": "<html><h1>收尾</h1></html>",
    "OPS/img/x.png": PNG,
}


def test_pages_come_in_the_order_of_the_spine(tmp_path: Path) -> None:
    found = read(zipped(tmp_path / "a.epub", PARTS, stored=["mimetype"]), "a.epub")
    (picture,) = found.pictures
    assert found.body == f"# 启动\n\ntext![图](files/{picture.name})\n\n# 收尾\n"
    assert (found.title, found.authors) == ("项目管理手册", ("李娜",))
    assert found.ledger.losses == ["The page “OPS/gone.xhtml” is missing from the file."]


def test_scrambled_fonts_are_no_lock_and_locked_pages_are(tmp_path: Path) -> None:
    def locked(algorithm: str) -> Path:
        listing = f'<encryption><EncryptedData><EncryptionMethod Algorithm="{algorithm}"/></EncryptedData></encryption>'
        return zipped(tmp_path / "a.epub", {**PARTS, "META-INF/encryption.xml": listing})

    assert "启动" in words(read(locked("http://www.idpf.org/2008/embedding"), "a.epub"))
    with pytest.raises(EncryptedFile):
        read(locked("http://www.w3.org/2001/04/xmlenc#aes128-cbc"), "a.epub")


def test_a_book_without_pages_or_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoText):
        read(
            zipped(
                tmp_path / "a.epub", {**PARTS, "OPS/ch1.xhtml": "", "OPS/ch 2.xhtml": "<html/>"}
            ),
            "a.epub",
        )
    with pytest.raises(DamagedFile):
        read(
            zipped(tmp_path / "b.epub", {**PARTS, "META-INF/container.xml": "<container/>"}),
            "b.epub",
        )
