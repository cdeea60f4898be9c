"""Settings: everything that may differ between two installations, and the only reader of the environment.

Every setting is an environment variable ``KB_<NAME>``; the README lists them all and a test compares the two.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_ROOT: Final = Path(__file__).resolve().parent.parent
# In a checkout both folders stand beside the packages; in a wheel they travel inside `web`.
_BUNDLED: Final = _ROOT / "web" / "_bundled"
_SHARED: Final = _BUNDLED if _BUNDLED.is_dir() else _ROOT

MIB: Final = 1024 * 1024


class Settings(BaseSettings):
    """One installation's settings; ``Settings()`` reads the environment, keyword arguments win over it."""

    model_config = SettingsConfigDict(env_prefix="KB_", extra="ignore", frozen=True)

    data_dir: Path = Field(
        default=Path("data"),
        description="Folder that holds everything: the database, the original files, the index, the secret.",
    )
    database_url: str = Field(
        default="",
        description="SQLAlchemy URL, e.g. postgresql+psycopg://…; empty means SQLite in the data folder.",
    )
    search_url: str = Field(
        default="",
        description="Search engine; empty means Whoosh in the data folder.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key that signs sign-in cookies; empty means one is made once and kept in the data folder.",
    )
    anonymous_role: str = Field(
        default="contributor",
        description="What a visitor who has not signed in may do: none, reader, contributor, curator.",
    )
    max_file_mib: int = Field(default=100, gt=0, description="Largest file taken, in MiB.")
    file_seconds: int = Field(
        default=60, gt=0, description="Longest time the reading of one file may take, in seconds."
    )
    file_memory_mib: int = Field(
        default=2048, gt=0, description="Most memory the reading of one file may take, in MiB."
    )
    workers: int = Field(
        default=0, ge=0, description="Processes that read files; 0 means one for each core."
    )
    posting_cache_mib: int = Field(
        default=128, ge=0, description="Memory for decoded postings of the index, in MiB."
    )
    query_log_days: int = Field(
        default=365,
        ge=0,
        description="Days that questions are kept, without names; 0 records none.",
    )
    templates_dir: Path = Field(
        default=_SHARED / "templates", description="Folder of the Jinja2 templates."
    )
    corpus_dir: Path = Field(
        default=_SHARED / "corpus", description="Folder of the bundled corpus."
    )
    house_style: Path | None = Field(
        default=None,
        description="Word file whose styles exported documents take; empty means the bundled one.",
    )
    max_upload_mib: int = Field(
        default=4096,
        gt=0,
        description="Most that one upload may hold, all its files together, in MiB.",
    )

    @property
    def effective_database_url(self) -> str:
        """The database URL in force: the one set, else SQLite in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'qianjian.sqlite3'}"

    @property
    def files_dir(self) -> Path:
        """Folder of the stored files, named by the hash of their content."""
        return self.data_dir / "files"

    @property
    def index_dir(self) -> Path:
        """Folder of the search index."""
        return self.data_dir / "search"
