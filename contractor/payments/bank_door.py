"""The folder exchange with the bank: we put files into `outbox`, it puts files into `inbox`. Never in a transaction.

A file appears whole or not at all: it is written aside, synced and linked to its name. The name is the message's own,
and a name that stands is never written again, so that handing over twice is handing over once.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from chassis.queue.failpoints import failpoint

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
LARGEST_BYTES = 64 * 1024 * 1024
ENDINGS = {"pain001": "xml", "csv": "csv"}


@dataclass(frozen=True)
class FolderDoor:
    """One county's exchange folder."""

    root: Path

    @classmethod
    def of(cls, data_dir: str | Path, county_code: str) -> FolderDoor:
        return cls(Path(data_dir) / "bank" / county_code)

    def hand_over(self, message_id: str, form: str, content: bytes) -> bool:
        """Put a batch's file out; whether it was not out yet."""
        failpoint("bank.write.before")
        target = self._folder("outbox") / f"{message_id}.{ENDINGS[form]}"
        aside = self._aside(target.name, content)
        failpoint("bank.send.before")
        try:
            os.link(aside, target)
        except FileExistsError:
            return False
        finally:
            aside.unlink()
        _sync(target.parent)
        failpoint("bank.send.after")
        return True

    def ask(self, message_id: str) -> None:
        """Ask what became of a message; the bank answers with a file like any other."""
        aside = self._aside(f"{message_id}.ask", message_id.encode())
        aside.replace(self._folder("outbox") / f"{message_id}.ask")

    def arrived(self) -> list[str]:
        """Names of the bank's files, oldest first; what is too large or oddly named is put away unread."""
        found = []
        for path in sorted(self._folder("inbox").iterdir(), key=lambda p: (p.stat().st_mtime_ns, p.name)):
            if path.name.startswith(".") or not path.is_file() or path.is_symlink():
                continue
            if NAME.fullmatch(path.name) and path.stat().st_size <= LARGEST_BYTES:
                found.append(path.name)
            else:
                path.replace(self._folder("refused") / f"{path.stat().st_ino}")
        return found

    def content(self, name: str) -> bytes | None:
        """What a file says; None once it was put away."""
        assert NAME.fullmatch(name), "a name the listing gave"
        try:
            return (self._folder("inbox") / name).read_bytes()
        except FileNotFoundError:
            return None

    def digest(self, name: str) -> bytes | None:
        """The SHA-256 of a file; None once it was put away."""
        content = self.content(name)
        return None if content is None else hashlib.sha256(content).digest()

    def put_away(self, name: str, *, where: str) -> None:
        """Out of the inbox, into `read` or `refused`, where it stays."""
        assert where in ("read", "refused")
        path = self._folder("inbox") / name
        if path.exists():
            path.replace(self._folder(where) / name)

    def _folder(self, name: str) -> Path:
        folder = self.root / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _aside(self, name: str, content: bytes) -> Path:
        aside = self._folder("aside") / f"{name}.{os.getpid()}"
        with aside.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return aside


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
