"""A process that reads files for another: ``python -m ingest.reading_process``, started by :mod:`ingest.workers`.

It waits on standard input for a call (a pickled ``(module, function, arguments, seconds)``), makes it within
its limits, writes the outcome to standard output, and ends when its input is closed. Whatever a
file does to a reader happens here and nowhere else.

Each message is a letter (:class:`Reply`), eight bytes of length, and that many bytes.
"""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import struct
import sys
import traceback
from typing import IO, Any, Final

from kb.errors import FileRefused

HEADER: Final = struct.Struct(">cQ")
# Should the parent be killed while a reader hangs, nobody is left to stop it: it then ends itself,
# so many seconds after the parent would have done it. The kernel does it, so no hang can prevent it.
GRACE_SECONDS: Final = 5.0
# Pages and searches go before imports on a machine that has both to do.
_NICENESS: Final = 5
_MIB: Final = 1024 * 1024


class Reply:
    """The letters of the protocol."""

    READY: Final = b"Y"  # the process is up
    CALL: Final = b"C"  # (module, function, arguments, seconds it may take)
    RESULT: Final = b"R"  # what the function returned
    REFUSED: Final = b"F"  # (code, data) of the FileRefused it raised
    MEMORY: Final = b"M"  # it needed more memory than allowed; the process ends
    BUG: Final = b"B"  # (sentence, traceback) of any other exception


def main() -> None:
    """Serve calls until the input ends. Arguments: MiB for one call, modules to import early."""
    memory_mib, *modules = sys.argv[1:]
    calls = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    # What a library prints must not end up between two messages.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    for module in modules:
        importlib.import_module(module)
    _limit_memory(int(memory_mib))
    send(replies, Reply.READY, None)
    while (call := receive(calls)) is not None:
        module, function, arguments, seconds = pickle.loads(call[1])  # noqa: S301  our own parent wrote it
        _alarm(seconds + GRACE_SECONDS)
        letter, answer = _answer(module, function, arguments)
        try:
            send(replies, letter, answer)
        except MemoryError:
            letter = Reply.MEMORY
            send(replies, letter, None)
        _alarm(0)
        if letter == Reply.MEMORY:
            return
        del answer, arguments, call


def send(stream: IO[bytes], letter: bytes, content: object) -> None:
    """Write one message."""
    packed = pickle.dumps(content, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(HEADER.pack(letter, len(packed)))
    stream.write(packed)
    stream.flush()


def receive(stream: IO[bytes], largest: int = sys.maxsize) -> tuple[bytes, bytes] | None:
    """Read one message: its letter and its content, still pickled; None when the stream ended before or in it.

    Raises:
        OverflowError: the message is larger than ``largest`` bytes.
    """
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    letter, length = HEADER.unpack(header)
    if length > largest:
        raise OverflowError(length)
    content = stream.read(length)
    return (letter, content) if len(content) == length else None


def _answer(module: str, function: str, arguments: tuple[Any, ...]) -> tuple[bytes, object]:
    try:
        return Reply.RESULT, getattr(importlib.import_module(module), function)(*arguments)
    except FileRefused as refused:
        return Reply.REFUSED, (refused.code, refused.data)
    except MemoryError:
        return Reply.MEMORY, None
    except Exception as error:  # noqa: BLE001  the parent tells, logs and goes on
        return Reply.BUG, (f"{type(error).__name__}: {error}"[:500], traceback.format_exc()[-4000:])


def _limit_memory(mib: int) -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  there is none on Windows

    resource.setrlimit(resource.RLIMIT_AS, (mib * _MIB, mib * _MIB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(_NICENESS)


def _alarm(seconds: float) -> None:
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    main()
