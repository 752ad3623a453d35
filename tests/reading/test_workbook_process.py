"""The process that parses a workbook can open nothing, knows nothing of the house and cannot fill the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chassis.reading.faults import FileRefused
from chassis.reading.workbooks import CHILD, workbook_rows
from tests.reading.making import rows_of, two_claims, xlsx_bytes

LIMITED = f"""
import importlib.util, sys
spec = importlib.util.spec_from_file_location("child", {str(CHILD)!r})
child = importlib.util.module_from_spec(spec)
spec.loader.exec_module(child)
import os, socket
child.limit_oneself()
"""


def tried(act: str) -> str:
    """What the process says when it does `act` after limiting itself."""
    code = (
        LIMITED + f"try:\n    {act}\n    print('done')\nexcept BaseException as error:\n    print(type(error).__name__)"
    )
    answer = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("open('/etc/passwd')", "OSError"),
        ("open('/tmp/x', 'w')", "OSError"),
        ("socket.socket()", "OSError"),
        ("os.pipe()", "OSError"),
        ("os.listdir('/')", "OSError"),
        ("bytearray(2 << 30)", "MemoryError"),
        ("len('harmless')", "done"),
    ],
)
def test_after_limiting_itself_the_process_opens_nothing_and_takes_no_more_memory(act, said):
    assert tried(act) == said


@pytest.fixture
def long_workbook(tmp_path) -> Path:
    """Long enough for the process to wait until its rows are read."""
    path = tmp_path / "long.xlsx"
    path.write_bytes(xlsx_bytes(rows_of(two_claims()) * 3_000))
    return path


def test_the_process_inherits_no_environment_and_no_open_file(long_workbook, monkeypatch):
    monkeypatch.setenv("COOPMED_SECRET_KEY_FILE", "a secret")
    with (long_workbook.parent / "other").open("wb") as other:
        os.set_inheritable(other.fileno(), True)
        rows = workbook_rows(long_workbook)
        next(rows)
        (process,) = (pid for pid in _children() if str(CHILD) in _read(pid, "cmdline"))
        assert _read(process, "environ") == ""
        assert sorted(os.listdir(f"/proc/{process}/fd")) == ["0", "1", "2"]
        limits = _read(process, "limits")
        assert [line.split()[3:5] for line in limits.splitlines() if line.startswith("Max open files")] == [["3", "3"]]
        rows.close()
    assert not _children(process), "the process was left behind"


def test_a_process_that_dies_refuses_the_file(long_workbook):
    rows = workbook_rows(long_workbook)
    next(rows)
    (process,) = (pid for pid in _children() if str(CHILD) in _read(pid, "cmdline"))
    os.kill(process, 9)
    with pytest.raises(FileRefused) as refused:
        list(rows)
    assert [fault.reason for fault in refused.value.faults] == ["unreadable_workbook"]


def _children(only: int | None = None) -> list[int]:
    """Processes that this one started and that still run."""
    mine = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        if parent == os.getpid() and only in (None, int(folder.name)):
            mine.append(int(folder.name))
    return mine


def _read(process: int, what: str) -> str:
    return Path(f"/proc/{process}/{what}").read_bytes().decode().replace("\0", " ").strip()
