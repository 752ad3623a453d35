"""Restore a house into an empty folder, to a moment: base backup, WAL up to that moment, documents and keys."""

from __future__ import annotations

import datetime as dt
import shutil
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from chassis.errors import Misconfigured
from chassis.launcher.keepsakes import secrets_folder
from chassis.launcher.postgres import PostgresServer
from chassis.operations.backup.manifest import Manifest, check, newest_before, sha256_of

PROMOTED_WITHIN_SECONDS = 600


@dataclass(frozen=True)
class Restored:
    folder: Path
    backup: Path
    reached_at: dt.datetime | None
    """Instant of the last transaction that was replayed; None when none was."""
    revision: str


def restore(
    store: Path,
    folder: Path,
    *,
    to: dt.datetime,
    keys: Path | None = None,
    wal_archive: Path | None = None,
    say: Callable[[str], None],
) -> Restored:
    """A house in `folder` as it was at `to`. `keys` and `wal_archive` say where those stand now, if they moved."""
    if folder.exists() and any(folder.iterdir()):
        raise Misconfigured(
            f"{folder} is not empty. Restore into an empty folder, then let it take the old one's place."
        )
    backup, manifest = newest_before(store, to)
    keys_folder = keys or Path(manifest.keys)
    _check_keys(manifest, keys_folder)
    say(f"Checking {backup.name} …")
    check(backup, _without_keys(manifest))
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    kept = secrets_folder(folder)
    for key in sorted(keys_folder.iterdir()):
        shutil.copy2(key, folder / "postgres.secret" if key.name == "superuser.secret" else kept / key.name)
    with tarfile.open(backup / "documents.tar") as tar:
        (folder / "documents").mkdir(mode=0o700)
        tar.extractall(folder / "documents", filter="data")
    say("Restoring the database …")
    reached_at, revision = _replay(backup, folder, to=to, archive=wal_archive or Path(manifest.wal_archive))
    return Restored(folder, backup, reached_at, revision)


def _replay(backup: Path, folder: Path, *, to: dt.datetime, archive: Path) -> tuple[dt.datetime | None, str]:
    server = PostgresServer(folder / "postgres", archives=True)
    (folder / "postgres.secret").replace(folder / "postgres" / "superuser.secret")
    server.adopt(backup / "database", restore_from=archive, to=to)
    server.start()
    try:
        with psycopg.connect(server.superuser_url("coopmed"), autocommit=True) as connection:
            deadline = time.monotonic() + PROMOTED_WITHIN_SECONDS
            while connection.execute("SELECT pg_is_in_recovery()").fetchone()[0]:
                if time.monotonic() > deadline:
                    raise Misconfigured(
                        f"The server replays WAL for over {PROMOTED_WITHIN_SECONDS} s; see {server.log}."
                    )
                time.sleep(0.1)
            reached = connection.execute("SELECT pg_last_xact_replay_timestamp()").fetchone()[0]
            revision = connection.execute("SELECT version_num FROM house.alembic_version").fetchone()[0]
        server.forget_recovery()
    finally:
        server.stop()
    return reached, revision


def _check_keys(manifest: Manifest, keys_folder: Path) -> None:
    for name, expected in manifest.files.items():
        if not name.startswith("keys/"):
            continue
        path = keys_folder / name.removeprefix("keys/")
        if not path.is_file() or sha256_of(path) != expected:
            raise Misconfigured(
                f"{path} is missing or is not the key this backup was sealed with. Name the folder of its keys: --keys."
            )


def _without_keys(manifest: Manifest) -> Manifest:
    files = {name: digest for name, digest in manifest.files.items() if not name.startswith("keys/")}
    return Manifest(**{**vars(manifest), "files": files})


def parse_moment(text: str, *, now: dt.datetime) -> dt.datetime:
    """`2026-11-21 14:30` (Shanghai when no zone is given) or `latest`; a moment to come is refused."""
    from chassis.clock import SHANGHAI

    if text == "latest":
        return now
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise Misconfigured(f"{text!r} is no moment; write 2026-11-21T14:30:00+08:00 or `latest`.") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    if moment > now:
        raise Misconfigured(f"{moment.isoformat()} is still to come.")
    return moment
