"""What may be wrong with an installation, looked for and, where that can be done without losing anything, mended.

Each look is a function of its own that yields :class:`Finding`; :class:`Checkup` goes through them. What is mended is
told just the same, so that nobody wonders where a file went. The looks themselves: :mod:`kb.checking_files` (files and
rows), :mod:`kb.checking_index` (the search index) and, below, the log and the set-up.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from typing import Final

from kb.audit import Audit
from kb.checking_files import damaged_files, leftovers, missing_files, orphan_files, orphan_rows
from kb.checking_findings import Finding
from kb.checking_index import index_drift
from kb.config import MIB, Settings
from kb.database import Database
from kb.errors import N_
from kb.files import FileStore
from kb.indexing import Indexing
from kb.search.engine import SearchEngine

# Below this an import of ordinary size may not fit any more.
LITTLE_ROOM: Final = 1024 * MIB
# Others on this machine may read or write what only the server should.
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
# What the reasons of :class:`kb.audit.Break` are to people.
BREAKS: Final = {
    "changed": N_("it was changed"),
    "missing": N_("it is missing"),
    "put in": N_("it does not follow from the one before"),
}


class Checkup:
    """Goes through all looks."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        files: FileStore,
        audit: Audit,
        index: tuple[Indexing, SearchEngine],
    ) -> None:
        """Look at everything that these hold."""
        self._settings = settings
        self._database = database
        self._files = files
        self._audit = audit
        self._indexing, self._engine = index

    def run(self, *, mend: bool = False, read_files: bool = True) -> list[Finding]:
        """Look for everything that may be wrong.

        Args:
            mend: also put right what can be.
            read_files: also compare each file with its hash, which reads all of them.
        """
        orphans = self._settings.data_dir / "orphans"
        looks: list[Callable[[], Iterator[Finding]]] = [
            lambda: database_faults(self._database),
            lambda: orphan_rows(self._database, orphans, mend=mend),
            lambda: missing_files(self._database, self._files),
            lambda: damaged_files(self._database, self._files) if read_files else iter(()),
            lambda: orphan_files(self._settings, self._database, self._files, orphans, mend=mend),
            lambda: leftovers(self._settings, mend=mend),
            lambda: index_drift(self._database, self._indexing, self._engine, mend=mend),
            lambda: audit_faults(self._audit),
            lambda: set_up_faults(self._settings, mend=mend),
        ]
        return [finding for look in looks for finding in look()]


def database_faults(database: Database) -> Iterator[Finding]:
    """Damage within the database's own file; a server looks after its files itself."""
    if database.engine.dialect.name != "sqlite":
        return
    with database.read() as session:
        told = [row[0] for row in session.connection().exec_driver_sql("PRAGMA quick_check(5)")]
    for reason in told:
        if reason != "ok":
            yield Finding(
                "database-damaged",
                N_("The database is damaged: %(reason)s."),
                N_("Stop the server, keep a copy of the data folder, and restore the last backup."),
                {"reason": str(reason)},
            )


def audit_faults(audit: Audit) -> Iterator[Finding]:
    """Places where the chain of the audit log does not hold."""
    for each in audit.verify().breaks:
        yield Finding(
            "audit-broken",
            N_("The audit log was tampered with at number %(number)s: %(reason)s."),
            N_("Compare with a backup made before; find out who can write to the database."),
            {"number": each.number, "reason": BREAKS[each.reason]},
        )


def set_up_faults(settings: Settings, *, mend: bool) -> Iterator[Finding]:
    """Settings and rights that make trouble sooner or later."""
    free = shutil.disk_usage(settings.data_dir).free
    if free < LITTLE_ROOM:
        yield Finding(
            "little-room",
            N_("The disk of the data folder has only %(mib)s MiB left."),
            N_("Free space; when it is full, nothing can be stored."),
            {"mib": free // MIB},
        )
    if not os.access(settings.data_dir, os.W_OK):
        yield Finding(
            "read-only",
            N_("The data folder %(path)s cannot be written."),
            N_("Give the server's account the right to write to it."),
            {"path": str(settings.data_dir)},
        )
    secret = settings.data_dir / "secret"
    if os.name == "posix" and secret.exists() and secret.stat().st_mode & _OTHERS:
        if mend:
            secret.chmod(0o600)
        yield Finding(
            "secret-open",
            N_("Others on this machine can read the secret that signs cookies."),
            N_(
                "Run “chmod 600” on it, and delete it if others may have read it: a new one is made."
            ),
            {"path": str(secret)},
            mended=mend,
        )
    for name in ("templates_dir", "corpus_dir", "house_style"):
        path = getattr(settings, name)
        if path is not None and not path.exists():
            yield Finding(
                "not-there",
                N_("%(setting)s is set to %(path)s, which is not there."),
                N_("Correct the setting or leave it out."),
                {"setting": f"KB_{name.upper()}", "path": str(path)},
            )
