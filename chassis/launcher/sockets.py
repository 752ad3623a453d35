"""A folder for a server's socket: beside its data, or in a temporary folder where the path would be too long."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from pathlib import Path

from chassis.launcher.accounts import Account

# sun_path of Linux holds 108 bytes, the closing NUL included.
LONGEST_BYTES = 107


class SocketFolder:
    """Private to the server's account (0700). `open` gives the same path again while the object lives."""

    def __init__(self, beside: Path, file_name: str, account: Account | None) -> None:
        self.account = account
        self.path = beside / "run"
        self.is_temporary = len(os.fsencode(self.path / file_name)) > LONGEST_BYTES
        if self.is_temporary:
            self.path = Path(tempfile.mkdtemp(prefix="coopmed-", dir=_short_temporary_folder()))

    def open(self) -> Path:
        self.path.mkdir(mode=0o700, exist_ok=True)
        if self.path.is_symlink() or self.path.stat().st_uid not in self._trusted():
            raise PermissionError(f"{self.path} belongs to someone else.")
        self.path.chmod(0o700)
        if self.account:
            os.chown(self.path, self.account.uid, self.account.gid)
        return self.path

    def close(self) -> None:
        """Only a folder made for this run is removed; the one beside the data stays for the next."""
        if self.is_temporary:
            shutil.rmtree(self.path, ignore_errors=True)

    def _trusted(self) -> set[int]:
        return {os.geteuid()} | ({self.account.uid} if self.account else set())


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def _short_temporary_folder() -> str:
    """TMPDIR itself may be the long path; /tmp is short and there on every Linux."""
    wanted = tempfile.gettempdir()
    return wanted if len(os.fsencode(wanted)) < 60 else "/tmp"  # noqa: S108 - mkdtemp makes a private folder in it
