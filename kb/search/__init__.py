"""Search: text to terms, question to tree, tree to hits.

In the order a question goes through::

    language      what somebody typed -> a tree        (the only user of Whoosh outside the engine)
    wording       words of a question -> slots, runs   (stop words, floors)
    expansion     words of a question -> what else they are called, in both languages
    lexicon       names of the glossary
    dictionary    CC-CEDICT, both ways
    analysis      text -> terms                        (the only user of jieba; the same for writing and asking)
    folding       one spelling for what should be found alike, with the way back to the original
    query         the tree
    feedback, latent    what the best hits have in common, and which words speak of the same matter
    engine        the contract: what every search engine promises, formula included
    scoring       the constants of the ranking, with reasons
    columns       filters, facets and sorting as arrays
    array_file    arrays in a file, read in place
    posting_codes, term_lists    counts, positions and posting lists in such a file
    run_*         entries to runs, runs to larger ones
    whoosh_*      the Whoosh engine: store, snapshot, matching, merging, rebuilding, engine
    passages, word_places    the part of a hit to show, with its words marked
    answers       what is asked and answered, for the page, the API and the command
    evaluation    judged questions against the live ranking

Start with :mod:`kb.search.engine`. What is searched comes from :mod:`kb.indexing`; who may see it is decided in
:mod:`kb.retrieval`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from kb.config import Settings
    from kb.search.engine import SearchEngine
    from kb.search.expansion import Expander
    from kb.search.lexicon import Lexicon

__all__ = ["open_engine", "open_expander"]

_MIB = 1024 * 1024


def open_engine(settings: Settings) -> SearchEngine:
    """The search engine that ``settings`` ask for. Nothing is read or made before its first use.

    Raises:
        InvalidInput: ``search_url`` names an engine that does not exist.
    """
    # Imported here because every reading process imports `kb.search.answers`, and none of them needs jieba.
    from kb.errors import InvalidInput  # noqa: PLC0415
    from kb.search import analysis  # noqa: PLC0415
    from kb.search.whoosh_engine import WhooshEngine  # noqa: PLC0415

    if settings.search_url:
        raise InvalidInput(
            field="KB_SEARCH_URL", reason="the only engine so far is Whoosh; leave it empty"
        )
    analysis.keep_dictionary_in(settings.data_dir / "cache")
    return WhooshEngine(settings.index_dir / "main", settings.posting_cache_mib * _MIB)


def open_expander(settings: Settings, lexicon: Callable[[], Lexicon]) -> Expander:
    """What widens questions, by the present ``lexicon`` and the dictionary. Nothing is read before its first use."""
    from kb.search.dictionary import Dictionary  # noqa: PLC0415
    from kb.search.expansion import Expander  # noqa: PLC0415

    return Expander(lexicon, Dictionary(settings.data_dir / "cache"))
