"""What a backup holds, written last: a backup without its manifest was not finished and is not used."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from chassis.errors import Misconfigured

NAME = "manifest.json"
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Manifest:
    finished_at: str
    """ISO instant, UTC: a restore to any moment from here on can begin with this backup."""
    server_version: str
    revision: str
    """Of the database's history."""
    wal_archive: str
    keys: str
    """Folder of the keys this backup needs; on another medium, if the administrator moved them."""
    files: dict[str, str]
    """Path inside the backup → SHA-256."""

    @property
    def instant(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.finished_at)

    def write(self, folder: Path) -> None:
        unfinished = folder / f".{NAME}"
        unfinished.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        unfinished.replace(folder / NAME)


def read(folder: Path) -> Manifest:
    return Manifest(**json.loads((folder / NAME).read_text(encoding="utf-8")))


def finished_backups(store: Path) -> list[tuple[Path, Manifest]]:
    """Backups with a manifest, oldest first."""
    found = [(path.parent, read(path.parent)) for path in store.glob(f"*/{NAME}")]
    return sorted(found, key=lambda pair: pair[1].instant)


def newest_before(store: Path, moment: dt.datetime) -> tuple[Path, Manifest]:
    """The backup a restore to `moment` begins with."""
    candidates = [pair for pair in finished_backups(store) if pair[1].instant <= moment]
    if not candidates:
        earliest = finished_backups(store)
        hint = f"the earliest was finished at {earliest[0][1].finished_at}" if earliest else "there is none at all"
        raise Misconfigured(f"No backup in {store} was finished before {moment.isoformat()}; {hint}.")
    return candidates[-1]


def sums(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in (NAME, f".{NAME}"))
    return {str(path.relative_to(folder)): sha256_of(path) for path in files}


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def check(folder: Path, manifest: Manifest) -> None:
    """Every file is there and is what it was; names the one that is not."""
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise Misconfigured(f"The backup {folder} lacks {name}.")
        if sha256_of(path) != expected:
            raise Misconfigured(f"{path} is not what was backed up: its SHA-256 differs from the manifest.")
