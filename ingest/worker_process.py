"""One reading process as its parent holds it: started, asked, ended, and started anew after whatever befell it."""

from __future__ import annotations

import io
import logging
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

from ingest.reading_process import Reply, receive, send
from kb.errors import ImportFault, ReaderCrashed, ReadTimedOut
from kb.importing_rules import refusal
from kb.processes import is_alive

_log = logging.getLogger(__name__)

# The pickled outcome of one file: text and pictures. More than twice the largest file taken by
# default, and small enough that every thread of an import can hold one.
MAX_RESULT_MIB: Final = 256
# Start-up is Python and the readers' libraries: under a second; a loaded machine may take long.
_START_SECONDS: Final = 60.0
# Libraries leak a little with each file; a fresh process costs a fraction of a second.
_CALLS_PER_PROCESS: Final = 500
# How long a process whose pipe has closed may take to be gone with its own exit code.
_OWN_END_SECONDS: Final = 0.5
# What a reading process may see of the environment. Not the settings: they hold secrets.
_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "LD_LIBRARY_PATH")
# Nothing but plain data is unpickled from a process that a hostile file may have taken over.
_PLAIN_MODULES: Final = ("kb.drafts", "kb.candidates_found", "ingest.archives", "ingest.formats")
_PLAIN_NAMES: Final = {
    ("datetime", "date"),
    ("datetime", "datetime"),
    ("datetime", "timezone"),
    ("kb.markdown", "Section"),
}
# What a killed process left is removed when it is so old that even a process with the same number in
# another container cannot still be at it.
_SWEEP_SECONDS: Final = 3600.0
_TEMPORARY: Final = "reading"
_MIB: Final = 1024 * 1024


class PoolClosed(Exception):
    """The pool was closed while, or before, the call was made; nothing is known of the file."""


class WorkerProcess:
    """One reading process and its successors; used by one thread at a time, closed by any."""

    def __init__(
        self, seconds: float, memory_mib: int, folder: Path, preload: tuple[str, ...]
    ) -> None:
        self._seconds = seconds
        self._memory_mib = memory_mib
        self._folder = folder
        self._preload = preload
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._temporary: Path | None = None
        self._calls = 0
        self._closed = False

    def start(self) -> subprocess.Popen[bytes]:
        """The process, ready for a call.

        Raises:
            PoolClosed: it was closed.
        """
        child = self._child
        if child is not None and child.poll() is None and self._calls < _CALLS_PER_PROCESS:
            return child
        self._end()
        with self._lock:
            if self._closed:
                raise PoolClosed
            self._temporary = temporary_folder(self._folder)
            child = self._child = self._launch(self._temporary)
            self._calls = 0
        ready, _ = _receive(child, _START_SECONDS)
        if ready is None:
            self._end()
            if self._closed:
                raise PoolClosed
            message = "no reading process starts; see: python -m ingest.reading_process 999"
            raise RuntimeError(message)
        return child

    def call(
        self, module: str, function: str, arguments: tuple[object, ...], name: str, times: int = 1
    ) -> Any:
        """See :meth:`ReadingPool.call`."""
        child = self.start()
        seconds = times * self._seconds
        self._calls += 1
        reply, timed_out = None, False
        try:
            # A pipe that was closed while somebody read from it is a ValueError: the pool is being closed.
            with suppress(BrokenPipeError, ValueError):
                send(_pipe(child.stdin), Reply.CALL, (module, function, arguments, seconds))
                reply, timed_out = _receive(child, seconds)
        except OverflowError:
            self._end()
            reason = f"its text and pictures come to more than {MAX_RESULT_MIB} MiB"
            raise ReaderCrashed(name=name, reason=reason) from None
        if reply is not None:
            return self._answer(reply, name)
        code = self._end(patience=_OWN_END_SECONDS)
        if self._closed:
            raise PoolClosed
        if timed_out:
            raise ReadTimedOut(name=name, seconds=round(seconds))
        raise ReaderCrashed(name=name, reason=_reason(code))

    def close(self) -> None:
        """End the process for good."""
        with self._lock:
            self._closed = True
        self._end()

    def _launch(self, temporary: Path) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        environment |= {
            "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(temporary),
            "TMPDIR": str(temporary),
        }
        arguments = [str(self._memory_mib), *self._preload]
        return subprocess.Popen(  # noqa: S603  our own module, no word of a user in it
            [sys.executable, "-m", "ingest.reading_process", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            # Its own group, so that what a reader starts (LibreOffice) is ended with it, and so that a
            # Ctrl-C in the terminal is the parent's to answer.
            start_new_session=True,
        )

    def _answer(self, reply: tuple[bytes, bytes], name: str) -> Any:
        letter, content = reply
        try:
            answer = _PlainUnpickler(io.BytesIO(content)).load()
        except pickle.UnpicklingError as error:
            self._end()
            raise ReaderCrashed(name=name, reason=str(error)) from error
        if letter == Reply.RESULT:
            return answer
        if letter == Reply.REFUSED:
            raise refusal(*answer)
        if letter == Reply.MEMORY:
            self._end()
            reason = f"it needed more than {self._memory_mib} MiB of memory"
            raise ReaderCrashed(name=name, reason=reason)
        sentence, trace = answer
        _log.error("A reader met a bug in %s:\n%s", name, trace)
        raise ImportFault(name=name, reason=sentence)

    def _end(self, patience: float = 0.0) -> int | None:
        """Make sure the process is gone, with its children and its temporary files; returns its exit code.

        A process that seems to have died by itself is given ``patience`` seconds, so that the code is its own.
        """
        with self._lock:
            child, self._child = self._child, None
            temporary, self._temporary = self._temporary, None
        code = None
        if child is not None:
            with suppress(subprocess.TimeoutExpired):
                child.wait(patience)
            _kill_group(child)
            code = child.wait()
            for pipe in (child.stdin, child.stdout):
                with suppress(OSError):
                    _pipe(pipe).close()
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        return code


def temporary_folder(folder: Path) -> Path:
    """A new folder in ``folder`` for the caller to remove; should it be killed first, a later pool does."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=folder, prefix=f"{_TEMPORARY}-{os.getpid()}-"))


def sweep(folder: Path) -> None:
    """Remove the temporary files of processes that were killed before they could."""
    for left in folder.glob(f"{_TEMPORARY}-*-*"):
        pid = left.name.split("-")[1]
        with suppress(OSError):
            old = time.time() - left.stat().st_mtime > _SWEEP_SECONDS
            if old and pid.isdigit() and not is_alive(int(pid)):
                shutil.rmtree(left, ignore_errors=True)


class _PlainUnpickler(pickle.Unpickler):
    """Knows the classes of plain data and refuses the rest."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        plain = module_name in _PLAIN_MODULES or (module_name, global_name) in _PLAIN_NAMES
        if plain and "." not in global_name:
            found = super().find_class(module_name, global_name)
            if isinstance(found, type) and found.__module__ == module_name:
                return found
        message = f"{module_name}.{global_name} is not plain data"
        raise pickle.UnpicklingError(message)


def _receive(
    child: subprocess.Popen[bytes], seconds: float
) -> tuple[tuple[bytes, bytes] | None, bool]:
    """The next message of ``child``, None when it ended; and whether it was ended here, after ``seconds``."""
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        _kill_group(child)

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        return receive(_pipe(child.stdout), MAX_RESULT_MIB * _MIB), expired.is_set()
    finally:
        timer.cancel()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101  for the type checker: every child is started with both pipes
    return pipe


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    if os.name != "posix":
        child.kill()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _reason(code: int | None) -> str:
    """Why a process ended, in words."""
    if code is None or code >= 0:
        return f"its process ended with exit code {code}"
    try:
        return f"its process was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"its process was ended by signal {-code}"
