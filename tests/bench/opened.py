"""What opening an index costs, in a process of its own: ``python -m tests.bench.opened FOLDER``, questions on stdin."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from kb.search.engine import Question
from kb.search.whoosh_engine import WhooshEngine
from kb.search.wording import bag

# What an installation has by default.
CACHE_BYTES = 128 << 20


def main() -> None:
    """Open the index, ask, print one line."""
    questions = [Question(bag(text)) for text in json.load(sys.stdin)]
    before = resident()
    engine = WhooshEngine(Path(sys.argv[1]), CACHE_BYTES)
    began = time.perf_counter()
    engine.search(Question())
    opened = time.perf_counter() - began
    after = resident()
    for question in questions:
        engine.search(question)
    asked = resident()
    print(
        f"opened in {opened * 1000:.1f} ms with {after[0] - before[0]:.1f} MB more;"
        f" after {len(questions)} questions {asked[0] - before[0]:.1f} MB more,"
        f" {asked[1] - before[1]:.1f} MB of them its own, the rest pages of the index"
    )
    engine.close()


def resident() -> tuple[float, float]:
    """Megabytes in memory: all, and those that are no pages of files. Of Linux; elsewhere 0."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0, 0.0
    known = {line.partition(":")[0]: line.split()[1] for line in lines if line.startswith("Rss")}
    kib = [int(known[name]) for name in ("RssAnon", "RssFile", "RssShmem")]
    return sum(kib) / 1024, kib[0] / 1024


if __name__ == "__main__":
    main()
