"""Looks whether the search index holds what the database does: SQL is the truth, the index is derived from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from kb.checking_findings import Finding
from kb.database import Database
from kb.errors import N_, KnowledgeBaseError, SearchUnavailable
from kb.indexing import Indexing
from kb.models import Change
from kb.search.engine import Entry, Question, SearchEngine
from kb.things import parts

# More than any index holds: one answer with all of it.
_ALL: Final = 2**31
# Where this many are not as they should be, building anew is quicker than one by one.
_REBUILD_FROM: Final = 2_000
_TOLD: Final = 20

# What an entry says that can be asked for exactly; if it is not what the thing says, the entry is an old one.
_FACETS: Final = ("kind", "language", "project")


def index_drift(
    database: Database, indexing: Indexing, engine: SearchEngine, *, mend: bool
) -> Iterator[Finding]:
    """Things that the index does not hold, holds though they are gone, or holds as they were before.

    What waits in the change log is no drift. Old entries are told by audience, kind, language and project; whether each
    word of each text is the present one is not looked at.
    """
    reason = engine.state().rebuild_reason
    if reason:
        yield Finding(
            "index-unusable",
            N_("The search index cannot be used: %(reason)s."),
            N_("It is rebuilt when the server starts; with --mend, or by “pmo reindex”, now."),
            {"reason": reason},
            mended=mend and _rebuilt(indexing),
        )
        return
    waiting = indexing.waiting()
    try:
        wrong = _wrong(indexing, engine)
    except SearchUnavailable as error:
        yield Finding("index-unusable", error.sentence, error.advice_template, error.data)
        return
    waiting |= indexing.waiting()
    wrong = {key: why for key, why in wrong.items() if key not in waiting}
    if not wrong:
        return
    mended = mend and _mended(database, indexing, sorted(wrong))
    for key, why in sorted(wrong.items())[:_TOLD]:
        yield Finding("index-drift", why, _ADVICE, {"key": key}, mended=mended)
    if len(wrong) > _TOLD:
        more = N_("%(count)s more entries of the search index are not as they should be.")
        yield Finding("index-drift", more, _ADVICE, {"count": len(wrong) - _TOLD}, mended=mended)


_ADVICE: Final = N_("With --mend it is indexed anew; “pmo reindex” builds the whole index anew.")
_MISSING: Final = N_("The search index does not hold %(key)s.")
_EXTRA: Final = N_("The search index holds %(key)s, which is not to be found any more.")
_OLD: Final = N_("The search index holds %(key)s as it was before.")


def _wrong(indexing: Indexing, engine: SearchEngine) -> dict[str, str]:
    held = _keys(engine, Question(limit=_ALL))
    wrong: dict[str, str] = {}
    present: set[str] = set()
    by_audience: dict[int, set[str]] = defaultdict(set)
    by_value: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in indexing.entries():
        present.add(entry.key)
        by_audience[entry.audience].add(entry.key)
        for name, value in _values(entry):
            by_value[name, value].add(entry.key)
    for audience, keys in by_audience.items():
        found = _keys(engine, Question(limit=_ALL, audiences=frozenset({audience})))
        wrong |= dict.fromkeys(keys ^ found, _OLD)
    for (name, value), keys in by_value.items():
        found = _keys(engine, Question(limit=_ALL, filters={name: (value,)}))
        wrong |= dict.fromkeys(keys ^ found, _OLD)
    wrong |= dict.fromkeys(present - held, _MISSING)
    wrong |= dict.fromkeys(held - present, _EXTRA)
    return wrong


def _values(entry: Entry) -> Iterator[tuple[str, str]]:
    for name in _FACETS:
        value = getattr(entry, name)
        if value:
            yield name, value


def _keys(engine: SearchEngine, question: Question) -> set[str]:
    return {match.key for match in engine.search(question).matches}


def _mended(database: Database, indexing: Indexing, keys: list[str]) -> bool:
    if len(keys) >= _REBUILD_FROM:
        return _rebuilt(indexing)
    with database.write() as session:
        for key in keys:
            subject, number = parts(key)
            session.add(Change(subject=subject, subject_id=number, action="mend", by="system"))
    try:
        indexing.catch_up()
    except KnowledgeBaseError:
        return False
    return not indexing.waiting() & set(keys)


def _rebuilt(indexing: Indexing) -> bool:
    try:
        indexing.rebuild()
    except KnowledgeBaseError:
        return False
    return True
