"""The one place that wires database, files, search engine and subjects together."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from kb.access import Actor
from kb.accounts import Accounts
from kb.candidates import Candidates
from kb.config import Settings
from kb.database import Database
from kb.documents import Documents
from kb.errors import DataFolderError
from kb.files import FileStore
from kb.glossary import Glossary
from kb.imports import Imports
from kb.indexing import Indexing
from kb.insights import Insights
from kb.installation import Installation
from kb.publishing import Publishing
from kb.question_log import QuestionLog
from kb.registers import Registers
from kb.retrieval import Retrieval
from kb.saved_searches import SavedSearches
from kb.search import analysis, open_engine, open_expander
from kb.search.answers import Hit, SearchAnswer, SearchRequest, Suggestion, Why
from kb.search.lexicon import CurrentLexicon
from kb.second_thoughts import SecondThoughts
from kb.suggesting import Suggesting


class KnowledgeBase:
    """Everything Qianjian knows; one object for a process, safe to share between threads.

    Attributes:
        settings: the settings it was opened with.
        documents, imports, publishing, candidates, insights, saved_searches, accounts, registers, installation:
            the subjects.
        indexing: keeps the search index up with the change log.
    """

    def __init__(self, settings: Settings) -> None:
        """Open, and where needed create, the data folder, the database and the index.

        Raises:
            DataFolderError: the data folder cannot be used.
        """
        self.settings = settings
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataFolderError(
                path=str(settings.data_dir), reason=error.strerror or str(error)
            ) from error
        self.database = Database(settings.effective_database_url)
        self.database.migrate()
        self.files = FileStore(settings.files_dir)
        self._engine = open_engine(settings)
        self.documents = Documents(self.database, self.files)
        self.imports = Imports(self.database, self.files)
        self.publishing = Publishing(self.database)
        self.candidates = Candidates(self.database)
        self.accounts = Accounts(self.database)
        self.registers = Registers(self.database)
        self.installation = Installation(self.database)
        self.glossary = Glossary(self.database)
        self.lexicon = CurrentLexicon(
            self.glossary, on_change=lambda lexicon: analysis.use_words(lexicon.words())
        )
        self.indexing = Indexing(self.database, self._engine, self.lexicon)
        self._suggesting = Suggesting(self.database, self.glossary)
        self._retrieval = Retrieval(
            self.database,
            self._engine,
            open_expander(settings, self.lexicon.get),
            SecondThoughts(self.database, self._engine, self._suggesting, self.lexicon.get),
        )
        self.insights = Insights(self.database, QuestionLog(self.database, settings.query_log_days))
        self.saved_searches = SavedSearches(self.database, self._retrieval.search)

    def search(self, actor: Actor, request: SearchRequest) -> SearchAnswer:
        """Answer a question with what ``actor`` may read; see :class:`kb.retrieval.Retrieval`."""
        self.lexicon.get()
        return self._retrieval.search(actor, request)

    def suggest(self, actor: Actor, prefix: str, limit: int = 8) -> Sequence[Suggestion]:
        """What completes ``prefix``, of what ``actor`` may read."""
        return self._suggesting.suggest(actor, prefix, limit)

    def why(self, actor: Actor, request: SearchRequest, document_id: int) -> Why:
        """Why a document is a hit of a search, told word by word.

        Raises:
            NotFound: the document is not there, or not for this actor.
        """
        self.lexicon.get()
        return self._retrieval.why(actor, request, document_id)

    def similar(self, actor: Actor, document_id: int, limit: int = 5) -> Sequence[Hit]:
        """Documents like this one that ``actor`` may read.

        Raises:
            NotFound: the document is not there, or not for this actor.
        """
        return self._retrieval.similar(actor, document_id, limit)

    def secret_key(self) -> str:
        """The key that signs cookies: the one set, else one made once and kept in the data folder."""
        given = self.settings.secret_key.get_secret_value()
        return given or _kept_secret(self.settings.data_dir / "secret")

    def close(self) -> None:
        """Give the database and the index back; the object is of no use afterwards."""
        self.insights.log.close()
        self._suggesting.close()
        self._engine.close()
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _kept_secret(path: Path) -> str:
    if not path.exists():
        # Written beside and linked: of two processes that start together exactly one makes the secret, and neither
        # ever reads half of it.
        beside = path.with_name(f".secret-{os.getpid()}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(beside, path)
        beside.unlink()
    return path.read_text(encoding="ascii")
