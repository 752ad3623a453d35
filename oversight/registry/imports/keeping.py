"""A file between its preview and its import: kept sealed under its fingerprint, for whoever sent it, for an hour.

It holds identity numbers: its text is nowhere on disk, and it goes as soon as it is taken in.
NOT MODELLED: portals on several machines would need a folder they share.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from chassis.errors import Refusal
from chassis.vault.keyring import Keyring
from chassis.vault.sealed_files import SealedFile, write_sealed
from chassis.visitors import Visitor

KEPT_FOR = dt.timedelta(hours=1)
PURPOSE = "sent_file"
_FINGERPRINT = re.compile("[0-9a-f]{64}")


class FileNoLongerKept(Refusal):
    """More than an hour passed between preview and import, or the file was taken in."""

    status, key = 410, "file_no_longer_kept"


@dataclass(frozen=True)
class Shelf:
    """The files of one person."""

    folder: Path
    keyring: Keyring

    def keep(self, sent: BinaryIO) -> str:
        """Seal it; the fingerprint of its text is its name."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fingerprint = hashlib.file_digest(sent, "sha256").hexdigest()
        sent.seek(0)
        # Whole or not there at all; its name is part of its seal, so it is written under that name.
        with tempfile.TemporaryDirectory(prefix="part-", dir=self.folder.parent) as beside:
            part = Path(beside, fingerprint)
            write_sealed(sent, part, self.keyring, PURPOSE)
            part.replace(self.folder / fingerprint)
        return fingerprint

    def kept(self, fingerprint: str) -> SealedFile:
        """Raises: FileNoLongerKept, SealBroken."""
        try:
            return SealedFile(self._path_of(fingerprint), self.keyring, PURPOSE)
        except FileNotFoundError:
            raise FileNoLongerKept() from None

    def drop(self, fingerprint: str) -> None:
        self._path_of(fingerprint).unlink(missing_ok=True)

    def _path_of(self, fingerprint: str) -> Path:
        if not _FINGERPRINT.fullmatch(fingerprint):
            raise FileNoLongerKept()
        return self.folder / fingerprint


def shelf_of(data_dir: str, keyring: Keyring, visitor: Visitor, *, at: dt.datetime) -> Shelf:
    """The visitor's own shelf, with everybody's old files cleared away first."""
    root = Path(data_dir) / "registry-imports"
    oldest = (at - KEPT_FOR).timestamp()
    for path in root.glob("*/*/*"):
        with suppress(FileNotFoundError):  # another visitor clears as well
            if path.stat().st_mtime < oldest:
                path.unlink()
    return Shelf(root / visitor.county_code / str(visitor.person_id), keyring)
