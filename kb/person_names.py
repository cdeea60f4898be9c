"""Names of people: what two spellings of one have in common, and how a Chinese name is spelled in pinyin.

Width, case, accents, traditional or simplified characters, spaces and punctuation do not count; nor, of a Latin name,
which of its words comes first. Pinyin says only how a name sounds: 王伟 and 汪炜 are both Wang Wei, so it makes nobody
sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kb.project_names import name_parts
from kb.search.folding import HAN, fold_text
from kb.search.pinyin import spell

KEY_CHARS: Final = 300
# Names whose keys are kept: all authors of a large knowledge base, who are looked up whenever a person changes.
_KEPT: Final = 20_000
# Surnames that are read otherwise than the character is in words.
_SURNAMES: Final = {
    "单": "shan", "解": "xie", "仇": "qiu", "查": "zha", "区": "ou", "曾": "zeng", "盖": "ge", "朴": "piao",
    "召": "shao", "员": "yun", "乐": "yue", "翟": "zhai", "覃": "qin", "缪": "miao", "折": "she", "繁": "po",
    "隗": "wei", "谌": "chen", "种": "chong", "重": "chong", "都": "du", "洗": "xian", "尉迟": "yuchi",
    "万俟": "moqi", "长孙": "zhangsun", "令狐": "linghu", "单于": "chanyu",
}  # fmt: skip
_LONG_SURNAME: Final = 2
_EMAIL: Final = re.compile(r"[\w.+-]{1,100}@[\w-]{1,100}(?:\.[\w-]{1,60}){1,5}", re.ASCII)
_HAS_HAN: Final = re.compile(f"[{HAN}]")
_ALL_HAN: Final = re.compile(f"[{HAN}]{{2,8}}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a name that stands somewhere asks the register for.

    Attributes:
        email: an address that stands beside it, or empty.
        handle: the key of a handle, should it be one.
        names: for each way to read it (as a whole, or one of two scripts) the keys that are the same name.
        sounds: how it would be spelled in pinyin, where it is Chinese.
    """

    email: str
    handle: str
    names: tuple[frozenset[str], ...]
    sounds: frozenset[str]

    @property
    def keys(self) -> frozenset[str]:
        """All of them."""
        return frozenset({self.email, self.handle, *self.sounds}.union(*self.names)) - {""}


def name_key(name: str) -> str:
    """What two spellings of a name have in common: Inês Carvalho and ines carvalho are one."""
    return "".join(sign for sign in fold_text(name) if sign.isalnum())[:KEY_CHARS]


def handle_key(text: str) -> str:
    """What two spellings of a handle have in common. Its full stops count: Wei Wang is no wei.wang."""
    return fold_text(text).strip()[:KEY_CHARS]


def email_key(text: str) -> str:
    """The first e-mail address in ``text`` in small letters; empty where there is none."""
    found = _EMAIL.search(fold_text(text))
    return found[0] if found else ""


@lru_cache(maxsize=_KEPT)
def wanted(text: str) -> Wanted:
    """What the name ``text``, as an author or a member is written, asks the register for.

    ::

        >>> sorted(wanted("HAO, Jianping").names[0])
        ['haojianping', 'jianpinghao']
        >>> sorted(wanted("郝建平").sounds)
        ['haojianping', 'jianpinghao', 'pinghaojian']
    """
    email = email_key(text)
    plain = _EMAIL.sub(" ", text).replace("<", "(").replace(">", ")") if email else text
    ways = tuple(keys for part in name_parts(plain) if (keys := frozenset(_same(part))))
    sounds = {sound for part in name_parts(plain) for sound in _sounds(part)}
    return Wanted(email, handle_key(text), ways, frozenset(sounds))


def register_keys(
    *, name_zh: str, name_en: str, handle: str, email: str, others: Iterable[str]
) -> frozenset[tuple[str, str]]:
    """What a person of the register is found by, as pairs of kind and key.

    The kinds: ``name`` (any name), ``handle``, ``email``, ``pinyin`` (of the Chinese names), ``latin`` (Latin names of
    somebody whose Chinese name is not known) and ``initials``.
    """
    others = tuple(others)
    keys = {("name", key) for name in (name_zh, name_en, *others) for key in _same(name)}
    keys |= {("handle", handle_key(handle)), ("email", email_key(email))}
    chinese = [name for name in (name_zh, *others) if _HAS_HAN.search(name)]
    for name in chinese:
        keys |= {("pinyin", sound) for sound in _sounds(name)}
        keys.add(("initials", name_key(spell(name).initials)))
    for name in (name_en, *others):
        words = fold_text(name).split()
        if len(words) > 1 and not _HAS_HAN.search(name):
            keys.add(("initials", "".join(word[0] for word in words)))
        if not chinese:
            keys |= {("latin", key) for key in _same(name)}
    return frozenset((kind, key[:KEY_CHARS]) for kind, key in keys if key)


def _same(name: str) -> Iterator[str]:
    """The keys of one name: as it stands, and with what stands first put last."""
    yield name_key(name)
    if _HAS_HAN.search(name):
        return
    last, comma, first = name.partition(",")
    words = name.split()
    if comma:
        yield name_key(f"{first} {last}")
    elif len(words) > 1:
        yield name_key(" ".join((*words[1:], words[0])))
        yield name_key(" ".join((words[-1], *words[:-1])))


def _sounds(name: str) -> Iterator[str]:
    """How a Chinese name is spelled, family name first and last; family names have readings of their own."""
    folded = name_key(name)
    if not _ALL_HAN.fullmatch(folded):
        return
    for size in (1, _LONG_SURNAME):
        family, given = folded[:size], folded[size:]
        if not given:
            continue
        readings = {name_key(spell(family).full), _SURNAMES.get(family, "")} - {""}
        for reading in readings:
            rest = name_key(spell(given).full)
            yield reading + rest
            yield rest + reading
