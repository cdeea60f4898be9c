"""A number in the letters and signs a Word list counts with (ISO 29500, ST_NumberFormat)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_DIGITS: Final = "〇一二三四五六七八九"
_LEGAL_SIMPLIFIED: Final = ("零壹贰叁肆伍陆柒捌玖", "拾佰仟", "万")
_LEGAL_TRADITIONAL: Final = ("零壹貳參肆伍陸柒捌玖", "拾佰仟", "萬")
_PLAIN: Final = ("零一二三四五六七八九", "十百千", "万")
_PLAIN_TRADITIONAL: Final = ("零一二三四五六七八九", "十百千", "萬")
_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES: Final = "子丑寅卯辰巳午未申酉戌亥"
_CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_CIRCLED_IDEOGRAPHS: Final = "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉"
_KATAKANA: Final = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
)
_IROHA: Final = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"
_GANADA: Final = "가나다라마바사아자차카타파하"
_CHOSUNG: Final = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
_RUSSIAN: Final = "абвгдежзиклмнопрстуфхцчшщыэюя"
_ROMAN: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_ONES: Final = (
    "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven",
    "Twelve", "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
)  # fmt: skip
_TENS: Final = (
    "", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety",
)  # fmt: skip
_ORDINALS: Final = {
    "One": "First", "Two": "Second", "Three": "Third", "Five": "Fifth", "Eight": "Eighth", "Nine": "Ninth",
    "Twelve": "Twelfth",
}  # fmt: skip
LARGEST: Final = (
    32_767  # Word counts no further; a larger number in a file is written in plain digits
)


def format_number(value: int, number_format: str) -> str:
    """Write ``value`` in one of Word's number formats; plain digits for a format or number it does not cover."""
    writer = _FORMATS.get(number_format)
    if writer is None or not 0 <= value <= LARGEST:
        return str(value)
    return writer(value) or str(value)


def _letters(alphabet: str) -> Callable[[int], str]:
    """A … z, aa, bb …: Word repeats the letter, it does not count in base 26."""

    def write(value: int) -> str:
        if value < 1:
            return ""
        rounds, index = divmod(value - 1, len(alphabet))
        return alphabet[index] * (rounds + 1)

    return write


def _series(signs: str) -> Callable[[int], str]:
    """A series of signs that ends; beyond it plain digits."""
    return lambda value: signs[value - 1] if 1 <= value <= len(signs) else ""


def _cycle(signs: str) -> Callable[[int], str]:
    return lambda value: signs[(value - 1) % len(signs)] if value else ""


def _roman(value: int) -> str:
    if value > 3_999:  # noqa: PLR2004  there is no sign for 5,000
        return ""
    written = ""
    for worth, sign in _ROMAN:
        while value >= worth:
            written += sign
            value -= worth
    return written


def _counting(signs: tuple[str, str, str], *, short_ten: bool) -> Callable[[int], str]:
    """Chinese counting with 十百千万: 十二, 一百零五; ``short_ten`` leaves out the 一 before a leading 十."""

    def write(value: int) -> str:
        digits, places, myriad = signs
        if value == 0:
            return digits[0]
        high, low = divmod(value, 10_000)
        written = ""
        if high:
            written = write(high) + myriad
            if low and low < 1_000:  # noqa: PLR2004
                written += digits[0]
        written += _below_myriad(low, digits, places)
        return written[1:] if short_ten and written.startswith(digits[1] + places[0]) else written

    return write


def _below_myriad(value: int, digits: str, places: str) -> str:
    written, gap = "", False
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if digit:
            if gap and written:
                written += digits[0]
            written += digits[digit] + (places[power - 1] if power else "")
            gap = False
        else:
            gap = True
    return written


def _digital(value: int) -> str:
    """Digit by digit: 一〇, 二一."""
    return "".join(_DIGITS[int(digit)] for digit in str(value))


def _chinese_counting(value: int) -> str:
    """一 … 十, 十一 … 九十九, then digit by digit."""
    return _TEN(value) if value < 100 else _digital(value)  # noqa: PLR2004


_TEN: Final = _counting(_PLAIN, short_ten=True)


def _ordinal(value: int) -> str:
    suffix = (
        "th" if value % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    )
    return f"{value}{suffix}"


def _cardinal_text(value: int) -> str:
    if value < 20:  # noqa: PLR2004
        return _ONES[value]
    if value < 100:  # noqa: PLR2004
        tens, ones = divmod(value, 10)
        return _TENS[tens] + (f"-{_ONES[ones].lower()}" if ones else "")
    if value < 1_000:  # noqa: PLR2004
        hundreds, rest = divmod(value, 100)
        return f"{_ONES[hundreds]} Hundred" + (f" {_cardinal_text(rest)}" if rest else "")
    return ""


def _ordinal_text(value: int) -> str:
    words = _cardinal_text(value)
    if not words:
        return ""
    head, dash, last = words.rpartition("-") if "-" in words else words.rpartition(" ")
    plain = last.capitalize()
    ordinal = _ORDINALS.get(plain) or (plain[:-1] + "ieth" if plain.endswith("y") else plain + "th")
    return head + dash + (ordinal.lower() if dash == "-" else ordinal)


def _full_width(value: int) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in str(value))


def _sexagenary(value: int) -> str:
    return _STEMS[(value - 1) % 10] + _BRANCHES[(value - 1) % 12] if value else ""


_ENGLISH: Final = "abcdefghijklmnopqrstuvwxyz"
_FORMATS: Final[dict[str, Callable[[int], str]]] = {
    "decimal": str,
    "decimalHalfWidth": str,
    "decimalZero": lambda value: f"{value:02d}",
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
    "upperRoman": lambda value: _roman(value).upper(),
    "lowerRoman": _roman,
    "upperLetter": _letters(_ENGLISH.upper()),
    "lowerLetter": _letters(_ENGLISH),
    "russianLower": _letters(_RUSSIAN),
    "russianUpper": _letters(_RUSSIAN.upper()),
    "ordinal": _ordinal,
    "cardinalText": _cardinal_text,
    "ordinalText": _ordinal_text,
    "hex": lambda value: f"{value:X}",
    "numberInDash": lambda value: f"- {value} -",
    "chicago": lambda value: "*†‡§"[(value - 1) % 4] * ((value - 1) // 4 + 1) if value else "",
    "decimalEnclosedCircle": _series(_CIRCLED),
    "decimalEnclosedCircleChinese": _series(_CIRCLED),
    "decimalEnclosedFullstop": _series("⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"),
    "decimalEnclosedParen": _series("⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"),
    "ideographEnclosedCircle": _series(_CIRCLED_IDEOGRAPHS),
    "chineseCounting": _chinese_counting,
    "chineseCountingThousand": _counting(_PLAIN, short_ten=True),
    "chineseLegalSimplified": _counting(_LEGAL_SIMPLIFIED, short_ten=False),
    "ideographLegalTraditional": _counting(_LEGAL_TRADITIONAL, short_ten=False),
    "taiwaneseCounting": _chinese_counting,
    "taiwaneseCountingThousand": _counting(_PLAIN_TRADITIONAL, short_ten=True),
    "taiwaneseDigital": _digital,
    "japaneseCounting": _counting(_PLAIN, short_ten=True),
    "japaneseLegal": _counting(_LEGAL_TRADITIONAL, short_ten=False),
    "japaneseDigitalTenThousand": _digital,
    "ideographDigital": _digital,
    "ideographTraditional": _series(_STEMS),
    "ideographZodiac": _series(_BRANCHES),
    "ideographZodiacTraditional": _sexagenary,
    "aiueo": _cycle(_KATAKANA),
    "aiueoFullWidth": _cycle(_KATAKANA),
    "iroha": _cycle(_IROHA),
    "irohaFullWidth": _cycle(_IROHA),
    "ganada": _cycle(_GANADA),
    "chosung": _cycle(_CHOSUNG),
}
