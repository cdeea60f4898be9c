"""Limits of what is opened: how large a file may be, and how much may come out of a packed one.

All of them are about files that were built to exhaust a machine; no honest office file met so far comes near.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one file; those that depend on the installation are set from its settings.

    Attributes:
        file_mib: largest file taken, in MiB.
        unpacked_mib: most that may come out of one packed file or archive, in MiB. Ten times the largest file: real
            office files unpack to three to eight times their size.
        part_mib: largest single part of an office file, in MiB. An XML part takes about eight times its size in
            memory once parsed, and the reading of one file may take 2 GiB.
        ratio: how many times its packed size a part may grow, once it is larger than ``ratio_from_mib``. Deflate ends
            at 1032:1; the XML of large, mostly empty tables reaches 100:1.
        ratio_from_mib: parts below this size, in MiB, cannot do harm whatever their ratio.
        entries: most entries of one packed file. A presentation of 500 slides has about 3,000.
        depth: how deep archives may lie in archives. People zip a zip they were sent; nobody does so five times.
        file_seconds: longest time an outside program may take over one file, in seconds.
    """

    file_mib: int = 100
    unpacked_mib: int = 1000
    part_mib: int = 200
    ratio: int = 200
    ratio_from_mib: int = 16
    entries: int = 20_000
    depth: int = 5
    file_seconds: int = 60


DEFAULT_LIMITS: Final = Limits()
