"""Which character set plain text is written in, decided for Chinese office files.

Byte-order marks and pure ASCII decide at once. For the rest, each character set that decodes the
bytes without an error is judged by what it yields: everyday characters speak for it, rare,
unassigned and private ones against it. That works on a text of four characters, where statistics
over bytes do not. Only when none of the sets a Chinese office uses convinces is charset-normalizer
asked (Japanese, Korean, Cyrillic …).
"""

from __future__ import annotations

import codecs
import logging
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from charset_normalizer import from_bytes

# The 500 characters met most in modern Chinese text, and those of project papers that are not among them.
_FREQUENT_SIMPLIFIED: Final = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多"
    "定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因"
    "由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解"
    "问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少"
    "图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七"
    "海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目"
    "至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算"
    "低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精"
    "值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该"
    "铁价严项训险概预鉴范围施沟版编审批签订购货款供客户培附录模板初稿终里程碑风险登册采购章程范围变更汇总复盘纪要请"
    "测试验收交付需求进度成本质量资源人力相关方干系范甲乙丙丁册页码版权所有未经许可姓名职称岗位联系电话邮箱地址备注"
)
# The traditional forms of the same characters, where they differ.
_FREQUENT_TRADITIONAL: Final = frozenset(
    "這為個國時來們對會發動過說產種後學經進著電裡現實兩體機當點從業應開還關數樣與線內無氣質變條沒結問間軍題黨員"
    "總級統將組見計別運農幾區強決幹戰則據處隊給門規熱領東導壓濟階術極聯認權證轉單風帶場車務萬達積議聲報鬥類離華確"
    "張馬節話溫傳許廣記觀織裝書複兒須際驗連斷難礦辦習響約勞團歷構稱準號維劃選標寫親廠識適屬圓調滿縣參紅細聽該鐵價"
    "嚴項訓險預鑑範圍溝編審簽訂購貨錄終稿碼權請測試資長設較論鄉衛護網軟體檔電腦專案管理團隊團員檢討議題協調負責"
    "廠商預算執行單位時程會議紀錄變更實際狀況處歸納評估彙總圖頁誰讓"
)
_FREQUENT: Final = _FREQUENT_SIMPLIFIED | _FREQUENT_TRADITIONAL

# What one character that is not ASCII says for the character set that yielded it.
_FREQUENT_WEIGHT: Final = 3.0
_PUNCTUATION_WEIGHT: Final = 2.0
_COMMON_WEIGHT: Final = 0.7  # the 3,755 of GB 2312 level 1, the 5,401 of Big5 level 1
_RARE_WEIGHT: Final = -0.7
_LETTER_IN_WORD_WEIGHT: Final = 1.0  # é in café
_LETTERS_WEIGHT: Final = 0.3  # åäö beside each other: a word of Swedish, or any GBK read as Latin
_FOREIGN_WEIGHT: Final = -1.0
_IMPOSSIBLE_WEIGHT: Final = -8.0  # private, unassigned, control: what wrong decoding is full of

# Characters judged per candidate: more does not change the answer, only the time.
_JUDGED: Final = 4000
# A candidate must be this convincing per character that is not ASCII before charset-normalizer is asked instead.
_CONVINCING: Final = 0.5
_BROKEN_SHARE: Final = 0.02  # of characters that may not fit a set that otherwise does
# What decodes as UTF-8 is UTF-8, with one exception: one GBK pair in ten happens to be a two-byte sequence, so a few
# characters of nothing else can be either (为什么要 is ΪʲôҪ).
_UTF8_PRIOR: Final = 1.0
_UTF8_SURE_PRIOR: Final = 5.0
_UTF8_SURE: Final = 12

_BOMS: Final[tuple[tuple[bytes, str], ...]] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CANDIDATES: Final = ("utf-8", "gb18030", "big5hkscs", "utf-16-le", "utf-16-be", "cp1252")
# What else files from elsewhere are written in; without EBCDIC and the like, which fit anything.
_OTHERS: Final = (
    "utf_8",
    "shift_jis",
    "euc_jp",
    "iso2022_jp",
    "euc_kr",
    "johab",
    "cp1250",
    "cp1251",
    "cp1252",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "koi8_r",
    "iso8859_2",
    "cp874",
)
_LONGEST_SEQUENCE: Final = 4  # bytes of the longest character in any of them
_BINARY_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_TOLERATED_CONTROLS: Final = (
    0.002  # share of control bytes in old text files (page marks, printer codes)
)
_PUNCTUATION: Final = frozenset("，。、；：？！“”‘’（）《》【】—…·「」『』〈〉～＋－／\u3000")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and the character set it was written in; ``replaced`` counts the bytes that fitted nowhere."""

    text: str
    encoding: str
    replaced: int = 0


def decode(data: bytes, *, declared: str = "", cut: bool = False) -> Decoded:
    """Decode text of unknown character set.

    Args:
        data: the bytes; a byte-order mark is taken off.
        declared: the set the file itself claims (HTML's ``charset=``). It is believed when its result convinces.
        cut: True when ``data`` may end in the middle of a character.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _with(data[len(mark) :], encoding)
    if not data or (data.isascii() and not _BINARY_CONTROLS.search(data)):
        return Decoded(data.decode("ascii"), "ascii")
    wide = _wide_latin(data)
    if wide:
        return _with(data, wide)
    scores = {
        encoding: score
        for encoding in _candidates(declared)
        if (score := _score(data, encoding, cut=cut)) is not None
    }
    if scores:
        best = max(scores, key=lambda encoding: scores[encoding])
        # Wrong claims are full of impossible characters; a right one is kept even where another set scores higher.
        if declared and scores.get(_name(declared), -1.0) > 0:
            best = _name(declared)
        if scores[best] >= _CONVINCING:
            return _with(data, best)
    return _asked(data, declared, scores)


def looks_like_text(data: bytes) -> bool:
    """True when the bytes can be the beginning of a text file rather than of a program's own format."""
    if data.startswith(tuple(mark for mark, _ in _BOMS)) or _wide_latin(data):
        return True
    controls = len(_BINARY_CONTROLS.findall(data))
    if controls <= _TOLERATED_CONTROLS * len(data):
        return True
    # UTF-16 without Latin in it has no zero bytes, but bytes of every other value.
    found = decode(data[: len(data) & ~1], cut=True)
    return found.encoding.startswith("utf-16") and not found.replaced


def _wide_latin(data: bytes) -> str:
    """Return the UTF-16 of a text with zero bytes in it, or an empty string.

    Every Latin character of UTF-16 has a zero byte, and so has 一 (U+4E00). No other set has any.
    """
    if b"\x00" not in data:
        return ""
    scores = {
        encoding: score
        for encoding in ("utf-16-le", "utf-16-be")
        if (score := _score(data, encoding, cut=True)) is not None
    }
    best = max(scores, key=lambda encoding: scores[encoding], default="")
    return best if best and scores[best] > 0 else ""


def _candidates(declared: str) -> tuple[str, ...]:
    name = _name(declared)
    return (name, *_CANDIDATES) if name and name not in _CANDIDATES else _CANDIDATES


@lru_cache(maxsize=64)
def _name(declared: str) -> str:
    """Python's name of a declared character set, widened to its superset; empty for none or an unknown one."""
    try:
        name = codecs.lookup(declared.strip()).name
    except (LookupError, ValueError):
        return ""
    wider = {
        "gb2312": "gb18030",
        "gbk": "gb18030",
        "big5": "big5hkscs",
        "cp950": "big5hkscs",
        "iso8859-1": "cp1252",
        "ascii": "utf-8",
        "utf-16": "utf-16-le",
    }
    return wider.get(name, name)


def _score(data: bytes, encoding: str, *, cut: bool) -> float | None:
    """Judge what ``encoding`` makes of the bytes, per character that is not ASCII; None when it cannot decode them."""
    sample = data[: _JUDGED * 3]
    text = _decoded(sample, encoding, cut=cut or len(sample) < len(data))
    if text is None:
        return None
    return _judged(text, encoding)


def _judged(text: str, encoding: str) -> float:
    judged = text[:_JUDGED]
    weights = [
        _weight(char, judged[index - 1 : index] + judged[index + 1 : index + 2])
        for index, char in enumerate(judged)
        if not (" " <= char <= "~" or char in "\t\r\n\f")
    ]
    if not weights:
        return 1.0
    score = sum(weights) / len(weights)
    if encoding == "utf-8":
        sure = len(weights) >= _UTF8_SURE or any(char > "\u07ff" for char in judged)
        score += _UTF8_SURE_PRIOR if sure else _UTF8_PRIOR
    return score


def _decoded(sample: bytes, encoding: str, *, cut: bool) -> str | None:
    for missing in range(_LONGEST_SEQUENCE if cut else 1):
        try:
            return sample[: len(sample) - missing].decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _weight(char: str, beside: str) -> float:
    if char in _FREQUENT:
        return _FREQUENT_WEIGHT
    if char in _PUNCTUATION or "\uff01" <= char <= "\uff5e":
        return _PUNCTUATION_WEIGHT
    if "\u4e00" <= char <= "\u9fff":
        return _COMMON_WEIGHT if _common(char) else _RARE_WEIGHT
    if "\u00c0" <= char <= "\u024f" and any(near < "\u0250" and near.isalpha() for near in beside):
        return _LETTER_IN_WORD_WEIGHT if any(map(str.isascii, beside)) else _LETTERS_WEIGHT
    return _weight_of_rest(char)


def _weight_of_rest(char: str) -> float:
    category = unicodedata.category(char)
    if category in {"Co", "Cn", "Cs", "Cc"}:
        return _IMPOSSIBLE_WEIGHT
    if category in {"So", "Sk"} and char > "\U0001f000":
        return _COMMON_WEIGHT
    if "\u3040" <= char <= "\u30ff" or "\u2010" <= char <= "\u2030" or char in "·×÷°±§©®«»¥£€ ":
        return 0.0
    return _RARE_WEIGHT if "\u3400" <= char <= "\U0003ffff" else _FOREIGN_WEIGHT


@lru_cache(maxsize=30_000)
def _common(char: str) -> bool:
    for encoding, low, high in (("gb2312", 0xB0A1, 0xD7F9), ("big5", 0xA440, 0xC67E)):
        try:
            code = int.from_bytes(char.encode(encoding))
        except UnicodeEncodeError:
            continue
        if low <= code <= high:
            return True
    return False


def _nearly(data: bytes) -> str:
    """Return the set that fits all but a few bytes and convinces: a file somebody cut or patched; else nothing."""
    found: dict[str, float] = {}
    for encoding in _CANDIDATES[:3]:
        text = data[: _JUDGED * 3].decode(encoding, "replace")
        if text.count("\ufffd") <= _BROKEN_SHARE * len(text):
            found[encoding] = _judged(text.replace("\ufffd", ""), encoding)
    best = max(found, key=lambda encoding: found[encoding], default="")
    return best if best and found[best] >= _CONVINCING else ""


def _asked(data: bytes, declared: str, scores: dict[str, float]) -> Decoded:
    """Ask charset-normalizer; where it knows nothing either, the best of ours, or Latin with replacements."""
    name = _name(declared)
    if name in scores and scores[name] > _FOREIGN_WEIGHT - 1:
        return _with(data, name)
    if nearly := _nearly(data):
        return _with(data, nearly)
    logging.getLogger("charset_normalizer").setLevel(logging.WARNING)
    guess = from_bytes(data[: 64 * 1024], cp_isolation=list(_OTHERS)).best()
    if guess is not None:
        found = _with(data, guess.encoding)
        if not found.replaced:
            return found
    best = max(scores, key=lambda encoding: scores[encoding], default="")
    if best and scores[best] > _IMPOSSIBLE_WEIGHT / 2:
        return _with(data, best)
    return _with(data, "utf-8" if _mostly_utf8(data) else "gb18030")


def _mostly_utf8(data: bytes) -> bool:
    return data.decode("utf-8", "replace").count("\ufffd") <= data.decode(
        "gb18030", "replace"
    ).count("\ufffd")


def _with(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace").lstrip("\ufeff")
    # A replacement character may stand in the file itself, as what an earlier program left.
    try:
        data.decode(encoding)
        replaced = 0
    except UnicodeDecodeError:
        replaced = text.count("\ufffd")
    return Decoded(text, encoding, replaced)
