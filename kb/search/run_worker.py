"""A process that builds runs for :mod:`kb.search.run_making`: entries in by a pipe, a run into a file, a byte back."""

from __future__ import annotations

import os
import pickle
import sys
from typing import Final

from kb.search import analysis
from kb.search.run_building import build_run

# Whoever asks a question meanwhile comes first.
_NICENESS: Final = 5


def main() -> None:
    """Work until the pipe is closed. What stands in it comes from the process that started this one."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    words, folder = pickle.load(asked)  # noqa: S301  from our own parent
    if folder is not None:
        analysis.keep_dictionary_in(folder)
    if words:
        analysis.use_words(words)
    while True:
        try:
            entries, path = pickle.load(asked)  # noqa: S301  from our own parent
        except EOFError:
            return
        build_run(entries, path)
        answers.write(b"1")
        answers.flush()
