"""A file between its preview and its import: kept on disk under its fingerprint, for whoever sent it, for an hour.

It holds identity numbers, so it lies in a folder of its own that nobody else can open, and goes as soon as it is
taken in. NOT MODELLED: portals on several machines would need a folder they share.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from chassis.errors import Refusal
from chassis.visitors import Visitor

KEPT_FOR = dt.timedelta(hours=1)
PIECE = 1 << 20
_FINGERPRINT = re.compile("[0-9a-f]{64}")


class FileNoLongerKept(Refusal):
    """More than an hour passed between preview and import, or the file was taken in."""

    status, key = 410, "file_no_longer_kept"


@dataclass(frozen=True)
class Shelf:
    """The files of one person."""

    folder: Path

    def keep(self, sent: IO[bytes]) -> str:
        """Write it down; its fingerprint is its name."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self.folder / f"part-{secrets.token_hex(8)}"
        digest = hashlib.sha256()
        with open(part, "xb", opener=_for_us_alone) as file:
            while piece := sent.read(PIECE):
                digest.update(piece)
                file.write(piece)
        part.replace(self.folder / digest.hexdigest())
        return digest.hexdigest()

    def path_of(self, fingerprint: str) -> Path:
        path = self.folder / fingerprint
        if not _FINGERPRINT.fullmatch(fingerprint) or not path.is_file():
            raise FileNoLongerKept()
        return path

    def drop(self, fingerprint: str) -> None:
        self.path_of(fingerprint).unlink(missing_ok=True)


def shelf_of(data_dir: str, visitor: Visitor, *, at: dt.datetime) -> Shelf:
    """The visitor's own shelf, with everybody's old files cleared away first."""
    root = Path(data_dir) / "registry-imports"
    oldest = (at - KEPT_FOR).timestamp()
    for path in root.glob("*/*/*"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
    return Shelf(root / visitor.county_code / str(visitor.person_id))


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
