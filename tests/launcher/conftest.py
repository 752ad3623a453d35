"""Folders servers may live in, and a way to see what they left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chassis.launcher.processes import process_table

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture()
def folder() -> Iterator[Path]:
    """Short, and open to the account servers drop to; pytest's own tmp_path is neither."""
    made = Path(tempfile.mkdtemp(prefix="coopmed-launcher-")).resolve()
    made.chmod(0o711)
    yield made
    for pid in processes_about(made):
        os.kill(pid, signal.SIGKILL)
    for record in made.rglob("place.json"):
        shutil.rmtree(json.loads(record.read_text())["place"], ignore_errors=True)
    shutil.rmtree(made, ignore_errors=True)


def processes_about(folder: Path) -> list[int]:
    """Living processes that name `folder` in their command line, environment or working folder."""
    found = []
    for pid, _, _, state in process_table():
        if state in "ZX" or pid == os.getpid():
            continue
        try:
            told = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
            told += os.fsencode(Path(f"/proc/{pid}/cwd").readlink())
        except OSError:
            continue
        if os.fsencode(folder) in told:
            found.append(pid)
    return found


class RunningHouse:
    """A tiny house as a process of its own, with a bare environment, as a person would start it."""

    def __init__(self, folder: Path, *arguments: str, env: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.output = folder.parent / f"{folder.name}.output"
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.launcher.tiny_house", "run", str(folder), *arguments],
                cwd=PROJECT,
                env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "COOPMED_WEB_WORKERS": "1", **(env or {})},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def text(self) -> str:
        return self.output.read_text()

    def wait_ready(self, times: int = 1) -> RunningHouse:
        eventually(lambda: self.text().count("Ready after") >= times or self.process.poll() is not None)
        assert self.process.poll() is None, self.text()
        return self

    def ask(self, site: str, path: str = "/health", headers: dict[str, str] | None = None) -> str:
        address = json.loads((self.folder / "running.json").read_text())["sites"][site]
        question = urllib.request.Request(address + path, headers=headers or {})
        with urllib.request.urlopen(question, timeout=30) as answer:
            return answer.read().decode()

    def stop(self, sig: int = signal.SIGTERM) -> int:
        self.process.send_signal(sig)
        return self.process.wait(60)


@pytest.fixture()
def start_house(folder: Path) -> Iterator[Callable[..., RunningHouse]]:
    started: list[RunningHouse] = []

    def start(*arguments: str, env: dict[str, str] | None = None) -> RunningHouse:
        started.append(RunningHouse(folder / "house", *arguments, env=env))
        return started[-1]

    yield start
    for house in started:
        if house.process.poll() is None:
            house.stop()


def eventually(condition: Callable[[], object], *, seconds: float = 60) -> None:
    """Wait for what must come; the limit only keeps a broken test from hanging."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "this never came to be"
        time.sleep(0.05)
