"""All benchmarks, one after the other: ``make bench``, or ``python -m tests.bench NAME ... [options]`` for some.

Options, from the first one that begins with ``--`` on, go to each benchmark named.
"""

from __future__ import annotations

import importlib
import sys
from typing import Final

BENCHMARKS: Final = ("word", "office", "killing", "bulk", "search", "serving", "suggesting", "load")


def main() -> None:
    """Run the benchmarks named on the command line, or all."""
    given = sys.argv[1:]
    first = next((at for at, word in enumerate(given) if word.startswith("--")), len(given))
    chosen = given[:first] or list(BENCHMARKS)
    sys.argv = [sys.argv[0], *given[first:]]
    for name in chosen:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"tests.bench.{name}").main()


if __name__ == "__main__":
    main()
