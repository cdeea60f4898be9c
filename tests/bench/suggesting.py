"""How fast are suggestions, and what do they cost? Names of made-up documents, in a real database.

Run it with ``python -m tests.bench.suggesting [2000 20000 ...]``. Titles are put together from the names of the bundled
glossary, half Chinese and half English, each document with tags, people and a project; one in five is hidden from
whoever asks. What is typed are beginnings, parts, full pinyin, initials and mixtures of the names themselves.

Machines differ: read the ratios, not the milliseconds.
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sqlalchemy import insert

from kb.access import FOR_EVERYONE, SYSTEM, Audience, Role, anonymous
from kb.database import Database
from kb.glossary import Glossary
from kb.models import (
    Document,
    DocumentPerson,
    DocumentTag,
    Project,
    audience_id_of,
    record_change,
)
from kb.search.pinyin import spell
from kb.suggesting import Suggesting

GLOSSARY = Path(__file__).parents[2] / "corpus" / "glossary.csv"
READER = anonymous(Role.READER)
QUESTIONS = 300
HIDDEN = 5  # one document in so many
SURNAMES = "赵钱孙李周吴郑王冯陈郝单曾翟仇"
GIVEN = "建平文昭若兰重长行乐敏伟芳磊静涛"


def main() -> None:
    """Print one line for each number of documents given on the command line."""
    sizes = [int(argument) for argument in sys.argv[1:]] or [2_000, 20_000]
    print("documents | tables s | MB | first ms | p50 ms | p95 ms | max ms | after a change p50 ms")
    for size in sizes:
        measure(size)


def measure(size: int) -> None:
    """Make a database of ``size`` documents and ask it."""
    choice = random.Random(size)  # noqa: S311  nothing secret
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/test.sqlite3")
        database.migrate()
        glossary = Glossary(database)
        glossary.load_bundled(GLOSSARY)
        titles = _fill(database, size, choice)
        suggesting = Suggesting(database, glossary)
        tracemalloc.start()
        began = time.perf_counter()
        suggesting.warm_up()
        made = time.perf_counter() - began
        held = tracemalloc.get_traced_memory()[0] / 1e6
        tracemalloc.stop()
        typed = [_typed(choice.choice(titles), choice) for _ in range(QUESTIONS)]
        first = _milliseconds(suggesting, typed[:1])
        times = _milliseconds(suggesting, typed)
        changed = []
        for number, each in enumerate(typed[:30], 1):
            with database.write() as session:
                record_change(session, SYSTEM, "document", number, "store")
            changed += _milliseconds(suggesting, [each])
        print(
            f"{size:>9,} | {made:8.2f} | {held:5.1f} | {first[0]:8.2f} | {np.median(times):6.2f} | "
            f"{np.percentile(times, 95):6.2f} | {max(times):6.2f} | {np.median(changed):6.2f}"
        )
        suggesting.close()
        database.close()


def _milliseconds(suggesting: Suggesting, typed: Sequence[str]) -> list[float]:
    times = []
    for each in typed:
        began = time.perf_counter()
        suggesting.suggest(READER, each)
        times.append((time.perf_counter() - began) * 1000)
    return times


def _fill(database: Database, size: int, choice: random.Random) -> list[str]:
    with GLOSSARY.open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["zh"], row["en"]) for row in csv.DictReader(file)]
    titles = list(_titles(rows, size, choice))
    people = [a + b + c for a in SURNAMES for b in GIVEN for c in GIVEN]
    with database.write() as session:
        everyone = audience_id_of(session, FOR_EVERYONE)
        pmo = audience_id_of(session, Audience.parse("group:pmo"))
        session.add_all(
            Project(
                code=f"CL-{2000 + n // 100}-{n % 100:03}", name_zh=rows[n][0], name_en=rows[n][1]
            )
            for n in range(min(size // 20, len(rows)))
        )
        session.flush()
        projects = max(min(size // 20, len(rows)), 1)
        session.execute(
            insert(Document),
            [
                {
                    "title": title, "kind": "lesson", "language": "zh", "body": "", "state": "published",
                    "audience_id": pmo if n % HIDDEN == 0 else everyone, "project_id": n % projects + 1,
                }
                for n, title in enumerate(titles)
            ],
        )  # fmt: skip
        session.execute(
            insert(DocumentTag),
            [
                {"document_id": n + 1, "tag": tag}
                for n in range(size)
                for tag in {choice.choice(rows)[0] for _ in range(3)}
            ],
        )
        session.execute(
            insert(DocumentPerson),
            [
                {"document_id": n + 1, "position": place, "name": name}
                for n in range(size)
                for place, name in enumerate(choice.sample(people, 2))
            ],
        )
    return titles


def _titles(rows: Sequence[tuple[str, str]], size: int, choice: random.Random) -> Iterator[str]:
    for number in range(size):
        language = number % 2
        parts = [choice.choice(rows)[language] for _ in range(3)]
        yield f"{parts[0]}与{parts[1]}：{parts[2]}" if not language else " ".join(parts)


def _typed(title: str, choice: random.Random) -> str:
    part = title[choice.randrange(max(len(title) - 6, 1)) :][: choice.randint(1, 12)]
    spelled = spell(part)
    return choice.choice([part, title[: choice.randint(1, 8)], spelled.full, spelled.initials])


if __name__ == "__main__":
    main()
