"""What a document keeps on its way from Word to a page and back to Word: words, headings, tables, in percent.

Run ``python -m tests.bench.roundtrip`` beside ``../shared``. Each readable .docx is read, its page written to Word with
the house style, and that file read again. Words are counted as a bag: pieces of letters and digits, single Chinese
characters.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
from collections import Counter
from pathlib import Path

from ingest.readers import read
from ingest.writers.word import Page, Properties, write_word
from kb.config import Settings
from kb.drafts import Draft
from kb.errors import KnowledgeBaseError
from kb.markdown import plain_text, render, sections

FOLDER = Path(__file__).parents[3] / "shared/data/office"
WORD = re.compile(r"[㐀-鿿\U00020000-\U000323af]|[^\W_㐀-鿿]+")


def words(text: str) -> Counter[str]:
    """The words of a text, with how often each stands there."""
    return Counter(WORD.findall(text))


def kept(before: Counter[str], after: Counter[str]) -> float:
    """The share of ``before`` that is in ``after`` too; 1 where there was nothing."""
    total = before.total()
    return (before & after).total() / total if total else 1.0


def there_and_back(draft: Draft, folder: Path) -> Draft:
    """The draft that a reader makes of the Word file written from ``draft``."""
    pictures = {picture.name: picture.content for picture in draft.pictures}
    page = Page(draft.title, draft.language, render(draft.body, "files/"), picture=pictures.get)
    written = write_word(
        [page], Properties(draft.title), Settings().corpus_dir / "house-style.docx"
    )
    path = folder / "back.docx"
    path.write_bytes(written)
    return read(path, path.name)


def main() -> None:
    """Print the table."""
    if not FOLDER.is_dir():
        sys.exit("../shared/data/office is not there; there is nothing to measure on.")
    recalls: list[float] = []
    worst: list[tuple[float, str]] = []
    heads, tables, pictures = Counter[str](), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(FOLDER.rglob("*.docx")):
            try:
                draft = read(path, path.name)
            except KnowledgeBaseError:
                continue
            back = there_and_back(draft, Path(folder))
            share = kept(words(plain_text(draft.body)), words(plain_text(back.body)))
            recalls.append(share)
            worst.append((share, path.name))
            for found, which in ((draft, "before"), (back, "after")):
                heads[which] += sum(bool(section.heading) for section in sections(found.body))
                tables[which] += found.body.count("| --- |") + found.body.count("<table>")
                pictures[which] += len(found.pictures)
    print(f"{len(recalls)} files; words kept: mean {statistics.fmean(recalls):.4f}, "
          f"under .99: {sum(share < 0.99 for share in recalls)}")  # fmt: skip
    for name, count in (("headings", heads), ("tables", tables), ("pictures", pictures)):
        print(f"{name}: {count['before']} before, {count['after']} after")
    for share, name in sorted(worst)[:8]:
        print(f"  {share:.4f} {name}")


if __name__ == "__main__":
    main()
