"""Two servers on one data folder by mistake: the second one is told who is there, and a dead one blocks nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kb.errors import DataFolderError
from kb.folder_lock import FILE_NAME, DataFolderInUse, only_server

_HOLDER = (
    "import sys, time, pathlib; from kb.folder_lock import only_server\n"
    "with only_server(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
)


def test_the_second_server_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "数据"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(folder)], stdout=subprocess.PIPE, cwd=Path.cwd()
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(DataFolderInUse) as refused, only_server(folder):
            pass
        assert refused.value.data["pid"] == str(holder.pid)
        assert str(holder.pid) in str(refused.value)
        assert os.uname().nodename in str(refused.value)
        assert "Stop that server first" in refused.value.advice
        holder.send_signal(signal.SIGKILL)
    # What it wrote is still there, and blocks nobody.
    assert str(holder.pid) in (folder / FILE_NAME).read_text()
    with only_server(folder):
        pass
    with only_server(folder):
        pass


def test_what_stands_in_the_file_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"\xff\xfe broken")
    with only_server(tmp_path):
        assert str(os.getpid()) in (tmp_path / FILE_NAME).read_text()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderError), only_server(tmp_path / "file"):
        pass
