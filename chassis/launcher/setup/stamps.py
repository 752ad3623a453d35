"""A step of set-up is skipped when its inputs have the content they had when it last succeeded."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Stamps:
    """One small file per step under `folder`, holding the fingerprint of what the step was made from."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.folder, self.say = folder, say

    def step(
        self, name: str, *, inputs: Iterable[Path], extra: str = "", outputs: Iterable[Path], sentence: str
    ) -> Step | None:
        """None when there is nothing to do; else a step whose `done()` is called after success, and only then."""
        now = fingerprint(inputs, extra)
        stamp = self.folder / name
        if stamp.exists() and stamp.read_text() == now and all(output.exists() for output in outputs):
            return None
        stamp.unlink(missing_ok=True)
        self.say(sentence)
        return Step(stamp, now)


class Step:
    def __init__(self, stamp: Path, fingerprint_now: str) -> None:
        self._stamp, self._fingerprint = stamp, fingerprint_now

    def done(self) -> None:
        self._stamp.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._stamp.with_suffix(f".{os.getpid()}")
        unfinished.write_text(self._fingerprint)
        unfinished.replace(self._stamp)


def fingerprint(inputs: Iterable[Path], extra: str = "") -> str:
    """SHA-256 over names and contents; times do not count, a fresh clone is as good as an old one."""
    digest = hashlib.sha256(extra.encode())
    for path in sorted(inputs):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"\n{path}\0{content}".encode())
    return digest.hexdigest()


@contextmanager
def set_up_alone(lock: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Two set-ups of one folder run one after the other; the kernel frees the lock of one that died."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another set-up of this folder to finish …")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
