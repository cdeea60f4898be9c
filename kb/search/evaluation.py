"""Evaluation: judged questions against the ranking that is live, apart from the live data.

A set is a folder with ``corpus.jsonl`` (``{"id","title","text"}``), ``queries.jsonl`` (``{"id","text"}``) and
``qrels.tsv`` (query, document, relevance). Its documents are written with the live analysis into an index in a temporary
folder; its questions go the way any question goes: query language, tree, engine.

Measures are those of trec_eval: gain = relevance, discount = log2(rank + 1), a question's ideal ranking from all its
judgements, means over all questions that have a relevant document.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any, Final

from kb.errors import InvalidInput
from kb.search.engine import Entry, Question
from kb.search.language import understood
from kb.search.whoosh_engine import WholeIndex

_CACHE_BYTES: Final = 256 * 1024 * 1024
