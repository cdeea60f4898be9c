"""Readers that do what the file tells them to, among it everything a hostile file may do to a reader."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from ingest.limits import Limits
from kb.drafts import Count, Draft, Guess, Ledger
from kb.errors import DamagedFile


def read(path: Path, name: str, limits: Limits) -> Draft:
    """The file's words as a document, unless its first line is an order."""
    text = path.read_text(encoding="utf-8")
    order, _, argument = text.partition("\n")[0].partition(" ")
    if order == "!damaged":
        raise DamagedFile(name=name, reason="it ends in the middle of a sentence")
    if order == "!huge":
        text = "很大" * (100 * 1024 * 1024)
    elif order in ORDERS:
        answer = ORDERS[order](argument)
        if answer is not None:
            return answer  # type: ignore[no-any-return]
    words = len(text)
    ledger = Ledger({"characters": Count(words, words)}, ["1 chart was not carried."])
    return Draft(name, text, "zh", Guess("other"), "txt", ledger=ledger)


def _spin(_: str) -> None:
    while True:
        pass


def _allocate(_: str) -> None:
    hoard = []
    while True:
        hoard.append(bytes(16 * 1024 * 1024))


def _print(_: str) -> None:
    print("a library that prints", flush=True)
    sys.stdin.read()


ORDERS: Final[dict[str, Callable[[str], Any]]] = {
    "!hang": lambda _: time.sleep(3600),
    "!spin": _spin,
    "!allocate": _allocate,
    "!exit": lambda code: os._exit(int(code)),
    "!segfault": lambda _: ctypes.string_at(0),
    "!bug": lambda key: dict[str, str]()[key],
    "!code": lambda _: os.getcwd,
    "!print": _print,
    "!slow": lambda seconds: time.sleep(float(seconds)),
}


def environment(_name: str) -> Any:
    """What of the environment a reading process sees."""
    return dict(os.environ)
