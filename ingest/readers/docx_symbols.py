# ruff: noqa: RUF001  the signs themselves are the subject
"""Letters of symbol fonts as the characters they show.

Fonts such as Symbol and Wingdings put pictures in the places of letters; Word writes them as ``w:sym`` or as characters
of the private area U+F000 to U+F0FF. The tables are those of the fonts' makers, with the nearest character that common
fonts have.
"""

from __future__ import annotations

from typing import Final

PRIVATE_FIRST: Final = 0xF000
PRIVATE_LAST: Final = 0xF0FF


def _table(first: int, signs: str) -> dict[int, str]:
    """Signs parted by spaces, for the codes from ``first`` on; a dot leaves a code out."""
    return {first + at: sign for at, sign in enumerate(signs.split()) if sign != "."}


_SYMBOL: Final = (
    {0x20: " "}
    | _table(
        0x21,
        "! ∀ # ∃ % & ∋ ( ) ∗ + , − . / 0 1 2 3 4 5 6 7 8 9 : ; < = > ?"
        " ≅ Α Β Χ Δ Ε Φ Γ Η Ι ϑ Κ Λ Μ Ν Ο Π Θ Ρ Σ Τ Υ ς Ω Ξ Ψ Ζ [ ∴ ] ⊥"
        " _ ‾ α β χ δ ε φ γ η ι ϕ κ λ μ ν ο π θ ρ σ τ υ ϖ ω ξ ψ ζ { | } ∼",
    )
    | {0x2E: "."}
    | _table(
        0xA0,
        "€ ϒ ′ ≤ ⁄ ∞ ƒ ♣ ♦ ♥ ♠ ↔ ← ↑ → ↓ ° ± ″ ≥ × ∝ ∂ • ÷ ≠ ≡ ≈ … | ―"
        " ↵ ℵ ℑ ℜ ℘ ⊗ ⊕ ∅ ∩ ∪ ⊃ ⊇ ⊄ ⊂ ⊆ ∈ ∉ ∠ ∇ ® © ™ ∏ √ ⋅ ¬ ∧ ∨ ⇔ ⇐ ⇑"
        " ⇒ ⇓ ◊ 〈 ® © ™ ∑ ⎛ ⎜ ⎝ ⎡ ⎢ ⎣ ⎧ ⎨ ⎩ ⎪ . 〉 ∫ ⌠ ⎮ ⌡ ⎞ ⎟ ⎠ ⎤ ⎥ ⎦ ⎫ ⎬ ⎭",
    )
)
_WINGDINGS: Final = (
    {0x20: " "}
    | _table(
        0x21,
        "✎ ✂ ✁ 👓 🔔 📖 🕯 ☎ ✆ ✉ 📨 📪 📫 📬 📭 📁 📂 📄 📃 📑 🗄 ⌛ ⌨ 🖰 🖲 💻 🖴 💾 🖬 ✇ ✍"
        " 🖎 ✌ 👌 👍 👎 ☜ ☞ ☝ ☟ ✋ ☺ 😐 ☹ 💣 ☠ ⚐ ⚑ ✈ ☼ 💧 ❄ ✝ ✞ 🕈 ✠ ✡ ☪ ☯ ॐ ☸ ♈"
        " ♉ ♊ ♋ ♌ ♍ ♎ ♏ ♐ ♑ ♒ ♓ & & ● ❍ ■ □ ❐ ❑ ❒ ⬧ ⧫ ◆ ❖ ⬥ ⌧ ⍓ ⌘ ❀ ✿ ❝ ❞",
    )
    | _table(
        0x80,
        "⓪ ① ② ③ ④ ⑤ ⑥ ⑦ ⑧ ⑨ ⑩ ⓿ ❶ ❷ ❸ ❹ ❺ ❻ ❼ ❽ ❾ ❿"
        " . . . . . . . . · • ▪ ○ ○ ○ ◉ ◎ ○ ▪ □ ▲ ✦ ★"
        " ✶ ✴ ✹ ✵ . ⌖ ⟡ ⌑ . ✪ ✰ 🕐 🕑 🕒 🕓 🕔 🕕 🕖 🕗 🕘 🕙 🕚 🕛",
    )
    | _table(
        0xD5, "⌫ ⌦ . ➢ . . . ➲ . . ← → ↑ ↓ ↖ ↗ ↙ ↘ ← ➔ ↑ ↓ ↖ ↗ ↙ ↘ ⇦ ⇨ ⇧ ⇩ ⇔ ⇕ ⇖ ⇗ ⇙ ⇘ ▭ ▫ ✗ ✓ ☒ ☑"
    )
)
_WINGDINGS_2: Final = {
    0x2A: "☐", 0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x97: "●", 0x98: "•",
    0x99: "○", 0xA0: "▪", 0xA2: "■", 0xA3: "□",
}  # fmt: skip
_WINGDINGS_3: Final = {
    0x66: "←", 0x67: "→", 0x68: "↑", 0x69: "↓", 0x70: "▲", 0x71: "▼", 0x74: "◀", 0x75: "▶", 0x7D: "▶", 0x84: "■",
}  # fmt: skip
_WEBDINGS: Final = {0x61: "✓", 0x63: "□", 0x67: "■", 0x69: "ℹ", 0x6E: "●", 0x72: "✗"}

_FONTS: Final = {
    "symbol": _SYMBOL,
    "wingdings": _WINGDINGS,
    "wingdings 2": _WINGDINGS_2,
    "wingdings 3": _WINGDINGS_3,
    "webdings": _WEBDINGS,
}


def symbol(font: str, code: int) -> str:
    """The character that ``font`` shows for a code; the character of that code itself for any other font."""
    table = _FONTS.get(font.strip().lower())
    low = code - PRIVATE_FIRST if PRIVATE_FIRST <= code <= PRIVATE_LAST else code
    if table is not None:
        return table.get(low, chr(code))
    if not 0 < code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004  what is no character at all
        return ""
    return chr(code)


def without_private(text: str, font: str) -> str:
    """Text in which the private characters of a symbol font are what they show."""
    if font.strip().lower() not in _FONTS:
        return text
    return "".join(
        symbol(font, ord(sign)) if PRIVATE_FIRST <= ord(sign) <= PRIVATE_LAST else sign
        for sign in text
    )
