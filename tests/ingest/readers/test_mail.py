"""Mails and saved pages: head, body and what was attached, in whatever character set and wrapping."""

from __future__ import annotations

import base64
import struct
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest.readers import read
from ingest.readers.msg import unpack_rtf
from kb.drafts import Draft
from kb.errors import DamagedFile, HostileFile, NoText
from tests.ingest.readers.office_files import PNG, draft, ole2, words

HEAD = "From: =?GB2312?B?{}?= <li.na@x.cn>\nTo: pmo@x.cn\nDate: Mon, 1 May 2023 08:00:00 +0800\nSubject: {}\n"
LI_NA = base64.b64encode("李娜".encode("gb2312")).decode()


def mail(body: str = "正文 body", *, html: str = "", charset: str = "utf-8") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "李娜 <li.na@x.cn>"
    message["To"] = "PMO <pmo@x.cn>"
    message["Subject"] = "供应商延期通知"
    message["Date"] = "Mon, 1 May 2023 08:00:00 +0800"
    if body:
        message.set_content(body, charset=charset)
    if html:
        message.add_alternative(html, subtype="html", charset=charset)
    return message


def taken(folder: Path, message: EmailMessage) -> Draft:
    return draft(folder, "a.eml", message.as_bytes())


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_head_and_body_are_read_in_their_character_set(tmp_path: Path, charset: str) -> None:
    found = taken(tmp_path, mail("第二批设备延期两周。\n\nPlease plan for it.", charset=charset))
    assert found.title == "供应商延期通知"
    assert found.authors == ("李娜",)
    assert str(found.dated) == "2023-05-01"
    assert found.metadata["To"] == "PMO <pmo@x.cn>"
    assert found.body.startswith("From: 李娜 &lt;li.na@x.cn>  \nTo: ")
    assert words(found).endswith("第二批设备延期两周。 Please plan for it.")
    assert found.ledger.coverage == 100.0


def test_encoded_and_raw_headers_are_both_read(tmp_path: Path) -> None:
    raw = (HEAD.format(LI_NA, "项目周报") + "\n正文").encode("gb18030")
    found = draft(tmp_path, "a.eml", raw)
    assert (found.title, found.authors) == ("项目周报", ("李娜",))


def test_html_is_preferred_and_its_pictures_come_along(tmp_path: Path) -> None:
    message = mail("plain", html="<p>见<b>图</b><img src='cid:p1' alt='进度'></p>")
    page = list(message.iter_parts())[1]
    assert isinstance(page, EmailMessage)
    page.add_related(PNG, "image", "png", cid="<p1>")
    found = taken(tmp_path, message)
    (picture,) = found.pictures
    assert f"见**图**![进度](files/{picture.name})" in found.body
    assert "plain" not in found.body


def test_attachments_are_named_and_named_as_not_read(tmp_path: Path) -> None:
    message = mail()
    message.add_attachment(b"x" * 3000, "application", "msword", filename="风险 登记册.doc")
    inner = mail("旧信")
    message.add_attachment(inner)
    found = taken(tmp_path, message)
    assert "- 风险 登记册.doc (3 KiB)" in found.body
    assert "供应商延期通知.eml" in found.body
    assert found.ledger.counts["attachments"].found == 2
    assert "风险 登记册.doc" in found.ledger.losses[0]


def test_a_mail_that_breaks_the_rules_is_still_read(tmp_path: Path) -> None:
    raw = (
        b"From \nFrom: x@y\nTo: z\nSubject: hi\nDate: no date\nContent-Type: text/plain; charset=no-such\n\n"
        + "正文".encode()
    )
    found = draft(tmp_path, "a.eml", raw)
    assert words(found).endswith("正文")
    assert found.dated is None


def test_parts_without_end_are_hostile(tmp_path: Path) -> None:
    def nested(depth: int) -> str:
        text = ""
        for level in range(depth):
            text += f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"
        return text

    with pytest.raises((HostileFile, NoText)):
        draft(tmp_path, "a.eml", f"From: a@b\nTo: c@d\nDate: x\n{nested(5000)}")
    many = "--b\n\nx\n" * 3000
    with pytest.raises(HostileFile):
        draft(
            tmp_path,
            "a.eml",
            f"From: a@b\nTo: c@d\nContent-Type: multipart/mixed; boundary=b\n\n{many}--b--",
        )


def test_a_saved_page_is_read_with_its_pictures(tmp_path: Path) -> None:
    picture = base64.b64encode(PNG).decode()
    text = (
        "From: <Saved by Blink>\nSubject: =?utf-8?B?"
        + base64.b64encode("管理办法".encode()).decode()
        + "?=\n"
        "MIME-Version: 1.0\nContent-Type: multipart/related; "
        "boundary=b\n\n--b\nContent-Type: text/html; charset=gb2312\n"
        "Content-Transfer-Encoding: 8bit\n\n<html><h1>风险管理办法</h1><img src='http://x.cn/p.png' alt='图'></html>\n"
        f"--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\nContent-Location: http://x.cn/p.png\n\n{picture}\n--b--\n"
    )
    found = draft(tmp_path, "a.mht", text.encode("gb18030"))
    assert found.format == "mhtml"
    assert words(found).startswith("风险管理办法")
    assert [one.content for one in found.pictures] == [PNG]


def property_stream(code_page: int, sent: int = 0) -> bytes:
    entries = struct.pack("<HHIII", 0x0003, 0x3FFD, 0, code_page, 0)
    entries += struct.pack("<HHIQ", 0x0040, 0x0039, 0, sent)
    return bytes(32) + entries


def outlook(folder: Path, properties: dict[str, bytes], **more: bytes) -> Draft:
    streams = {"__properties_version1.0": property_stream(936, 133_273_728_000_000_000)}
    streams |= {f"__substg1.0_{tag}": content for tag, content in properties.items()}
    streams |= {
        name.replace("__0", "__attach_version1.0_#00000000/__substg1.0_"): part
        for name, part in more.items()
    }
    return read(ole2(folder / "a.msg", streams), "a.msg")


def test_an_outlook_message_is_read_in_both_sorts_of_text(tmp_path: Path) -> None:
    wide = {
        "0037001F": "供应商延期",
        "0C1A001F": "李娜",
        "0E04001F": "PMO",
        "1000001F": "第二批设备延期。𠮷",
    }
    narrow = {
        "0037001E": "供应商延期",
        "0C1A001E": "李娜",
        "0E04001E": "PMO",
        "1000001E": "第二批设备延期。",
    }
    for texts, encoding in ((wide, "utf-16-le"), (narrow, "gbk")):
        found = outlook(tmp_path, {tag: text.encode(encoding) for tag, text in texts.items()})
        assert (found.title, found.authors) == ("供应商延期", ("李娜",))
        assert str(found.dated) == "2023-05-01"
        assert "第二批设备延期。" in words(found)


def test_the_html_of_an_outlook_message_is_preferred_and_attachments_are_named(
    tmp_path: Path,
) -> None:
    found = outlook(
        tmp_path,
        {"1000001F": "plain".encode("utf-16-le"), "10130102": "<p>正文<b>粗</b></p>".encode("gbk")},
        __03707001F="登记册.xlsx".encode("utf-16-le"),
        __037010102=b"x" * 5000,
    )
    assert "正文**粗**" in found.body
    assert "- 登记册.xlsx (5 KiB)" in found.body
    assert "plain" not in found.body


def test_compressed_rich_text_is_unpacked() -> None:
    # The example of [MS-OXRTFCP] 4.1.1, and one that repeats itself (4.1.2).
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert unpack_rtf(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    repeated = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert unpack_rtf(repeated) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"
    assert unpack_rtf(packed[:30]).startswith(b"{\\rtf1\\ansi\\ansicpg125")
    assert unpack_rtf(b"") == unpack_rtf(b"x" * 40) == b""


def test_a_message_without_a_word_has_no_text(tmp_path: Path) -> None:
    with pytest.raises(NoText):
        outlook(tmp_path, {"001A001F": "IPM.Note".encode("utf-16-le")})


def test_a_broken_container_is_damaged(tmp_path: Path) -> None:
    path = ole2(tmp_path / "a.msg", {"__properties_version1.0": b""})
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(DamagedFile):
        read(path, "a.msg")
