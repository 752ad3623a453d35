"""Take a backup of a running house: pg_basebackup with its WAL, the documents, and the keys into their own folder."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from chassis.errors import Misconfigured
from chassis.operations.backup.manifest import Manifest, sums

ARCHIVED_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class Source:
    """A running house as a backup sees it."""

    backup_url: str
    """Role `backup`, which may replicate and read no table."""
    admin_url: str
    """Asks for the end of the current WAL file, so that the archive holds everything up to now."""
    programs: Path
    """Folder of pg_basebackup and pg_verifybackup, of the server's own major version."""
    wal_archive: Path
    documents: Path
    keys: tuple[Path, ...]
    """Key file, secrets and the like."""


def take(source: Source, store: Path, keys_store: Path, *, at: dt.datetime, say: Callable[[str], None]) -> Path:
    """A new folder below `store`, usable once its manifest stands. Nothing of an earlier backup is touched."""
    name = at.strftime("%Y%m%dT%H%M%SZ")
    folder = store / name
    if folder.exists():
        raise Misconfigured(f"{folder} exists already; two backups in one second?")
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys_folder = keys_store / name
    keys_folder.mkdir(mode=0o700, parents=True)
    unfinished = store / f".unfinished-{name}"
    unfinished.mkdir(mode=0o700)
    say("Copying the database …")
    _base_backup(source, unfinished / "database")
    say("Copying the documents …")
    _pack(source.documents, unfinished / "documents.tar")
    for key in source.keys:
        shutil.copy2(key, keys_folder / key.name)
        (keys_folder / key.name).chmod(0o600)
    finished_at, version, revision = _close_wal_file(source)
    files = sums(unfinished)
    files |= {f"keys/{path.name}": digest for path, digest in _key_sums(keys_folder)}
    manifest = Manifest(
        finished_at=finished_at.isoformat(),
        server_version=version,
        revision=revision,
        wal_archive=str(source.wal_archive),
        keys=str(keys_folder),
        files=files,
    )
    manifest.write(unfinished)
    unfinished.rename(folder)
    return folder


def _base_backup(source: Source, target: Path) -> None:
    how = ("--format=plain", "--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=SHA256", "--no-password")
    _run([source.programs / "pg_basebackup", "--dbname", source.backup_url, "--pgdata", target, *how])
    _run([source.programs / "pg_verifybackup", "--quiet", target])


def _close_wal_file(source: Source) -> tuple[dt.datetime, str, str]:
    """End the current WAL file and wait until the archive has it; the instant is the database's own."""
    with psycopg.connect(source.admin_url, autocommit=True) as connection:
        revision = connection.execute("SELECT version_num FROM house.alembic_version").fetchone()[0]
        file, now = connection.execute("SELECT pg_walfile_name(pg_switch_wal()), clock_timestamp()").fetchone()
        deadline = time.monotonic() + ARCHIVED_WITHIN_SECONDS
        while not any(source.wal_archive.glob(f"{file}*")):
            if time.monotonic() > deadline:
                raise Misconfigured(
                    f"WAL file {file} did not reach {source.wal_archive} within {ARCHIVED_WITHIN_SECONDS} s: "
                    "is archive_mode on, and can the server write there?"
                )
            time.sleep(0.1)
        return now, str(connection.info.server_version), revision


def _pack(folder: Path, target: Path) -> None:
    with tarfile.open(target, "w") as tar:
        if folder.is_dir():
            tar.add(folder, arcname=".")
    target.chmod(0o600)


def _key_sums(folder: Path) -> list[tuple[Path, str]]:
    return [(folder / name, digest) for name, digest in sums(folder).items()]


def _run(command: list) -> None:
    done = subprocess.run(  # noqa: S603 – our own programs, no shell
        [str(part) for part in command], capture_output=True, text=True, env={"LC_ALL": "C.UTF-8", "PATH": os.defpath}
    )
    if done.returncode != 0:
        raise Misconfigured(f"{Path(command[0]).name} failed: {done.stderr.strip() or done.stdout.strip()}")
