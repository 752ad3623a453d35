"""Restore a house into an empty folder, to a moment: base backup, WAL up to that moment, documents and keys."""

from __future__ import annotations

import datetime as dt
import shutil
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import psycopg

from chassis.clock import SHANGHAI
from chassis.errors import Misconfigured
from chassis.launcher.errors import CannotStart
from chassis.launcher.keepsakes import secrets_folder
from chassis.launcher.postgres import PostgresServer
from chassis.operations.backup.manifest import Manifest, check, newest_before, sha256_of

PROMOTED_WITHIN_SECONDS = 600
DATABASE = "coopmed"


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
    to: dt.datetime | None,
    now: dt.datetime,
    keys: Path | None = None,
    wal_archive: Path | None = None,
    say: Callable[[str], None],
) -> Restored:
    """A house in `folder` as it was at `to` (None: as late as the archive reaches).

    `keys` and `wal_archive` say where those stand now, if they moved.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Misconfigured(
            f"{folder} is not empty. Restore into an empty folder, then let it take the old one's place."
        )
    backup, manifest = newest_before(store, to or now)
    keys_folder = keys or Path(manifest.keys)
    _check_keys(manifest, keys_folder)
    say(f"Checking {backup.name} …")
    check(backup, _without_keys(manifest))
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    kept, server_folder = secrets_folder(folder), folder / "postgres"
    server_folder.mkdir(mode=0o711)
    for key in sorted(keys_folder.iterdir()):
        shutil.copy2(key, (server_folder if key.name == "superuser.secret" else kept) / key.name)
    with tarfile.open(backup / "documents.tar") as tar:
        (folder / "documents").mkdir(mode=0o700)
        tar.extractall(folder / "documents", members=_plain_files(tar, backup))  # noqa: S202 – each was looked at
    say("Restoring the database …")
    reached_at, revision = _replay(backup, folder, to=to, archive=wal_archive or Path(manifest.wal_archive))
    return Restored(folder, backup, reached_at, revision)


def _replay(backup: Path, folder: Path, *, to: dt.datetime | None, archive: Path) -> tuple[dt.datetime | None, str]:
    """Replay the archive over the base backup, stop at `to`, and leave the server stopped as an ordinary one."""
    server = PostgresServer(folder / "postgres")
    reachable = server.own_copy(archive, "wal_to_replay")
    target = {"recovery_target_time": to.isoformat()} if to else {"recovery_target_timeline": "latest"}
    server.adopt(
        backup / "database",
        settings={
            "restore_command": f'gzip -dc "{reachable}/%f.gz" > "%p"',
            "recovery_target_action": "promote",
            **target,
        },
    )
    try:
        server.start()
        with psycopg.connect(server.superuser_url(DATABASE), autocommit=True) as connection:
            deadline = time.monotonic() + PROMOTED_WITHIN_SECONDS
            while connection.execute("SELECT pg_is_in_recovery()").fetchone()[0]:
                if time.monotonic() > deadline:
                    raise Misconfigured(f"Replaying took over {PROMOTED_WITHIN_SECONDS} s; see {server.log}.")
                time.sleep(0.1)
            reached = connection.execute("SELECT pg_last_xact_replay_timestamp()").fetchone()[0]
            revision = connection.execute("SELECT version_num FROM house.alembic_version").fetchone()[0]
    except CannotStart as error:
        if "before configured recovery target was reached" in str(error):
            raise Misconfigured(
                f"The archive {archive} ends before {to.isoformat() if to else 'the end'}: restore to an earlier "
                "moment, or to `latest`, into a new empty folder."
            ) from error
        raise
    finally:
        server.stop()
        shutil.rmtree(reachable)
    return reached, revision


def _plain_files(tar: tarfile.TarFile, backup: Path) -> list[tarfile.TarInfo]:
    """Files and folders below the documents' own; a path that leads out, a link or a device is refused."""
    for member in tar.getmembers():
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts or not (member.isfile() or member.isdir()):
            raise Misconfigured(f"{backup / 'documents.tar'} holds {member.name!r}, which no document is.")
    return tar.getmembers()


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


def parse_moment(text: str, *, now: dt.datetime) -> dt.datetime | None:
    """`2026-11-21 14:30` (Shanghai when no zone is given); None for `latest`; a moment to come is refused."""
    if text == "latest":
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise Misconfigured(f"{text!r} is no moment; write 2026-11-21T14:30:00+08:00 or `latest`.") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    if moment > now:
        raise Misconfigured(f"{moment.isoformat()} is still to come.")
    return moment
