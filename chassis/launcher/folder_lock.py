"""One server per folder. The kernel drops the lock when its holder dies, so nothing stale is ever left to clear."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from chassis.launcher.errors import CannotStart


class FolderLock:
    def __init__(self, path: Path, what: str) -> None:
        self.path, self.what = path, what
        self._fd: int | None = None

    def take(self) -> None:
        """Refused with a sentence when another process holds it; taking it twice in one object is the same as once."""
        if self._fd is not None:
            return
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(fd, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(fd)
            raise CannotStart(
                f"{self.what} in {self.path.parent} is already in use by process {holder}. "
                "Stop that one first (Ctrl-C in its terminal), or choose another folder."
            ) from None
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self._fd = fd

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def is_held_by_someone(self) -> bool:
        """Whether another process, or another object of this one, holds the lock now."""
        if not self.path.exists():
            return False
        fd = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(fd)
        return False
