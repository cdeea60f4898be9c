"""All benchmarks, one after the other: ``make bench``, or ``python -m tests.bench NAME ...`` for some of them."""

from __future__ import annotations

import importlib
import sys
from typing import Final

BENCHMARKS: Final = ("word", "search", "suggesting")


def main() -> None:
    """Run the benchmarks named on the command line, or all."""
    chosen = sys.argv[1:] or list(BENCHMARKS)
    # Each benchmark reads its own sizes from the command line; here it gets its defaults.
    sys.argv = sys.argv[:1]
    for name in chosen:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"tests.bench.{name}").main()


if __name__ == "__main__":
    main()
