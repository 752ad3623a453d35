"""D1: back up, lose everything, restore to a moment: what was committed by then is there, what came later is not."""

from __future__ import annotations

import datetime as dt
import shutil
import tarfile
from pathlib import Path

import psycopg
import pytest

from chassis import clock
from chassis.errors import Misconfigured
from chassis.launcher.postgres import PostgresServer
from chassis.operations.backup.manifest import finished_backups
from chassis.operations.backup.restoring import DATABASE, _plain_files, parse_moment, restore
from chassis.operations.backup.taking import take
from chassis.operations.backup.verifying import verify_restored
from tests.operations.small_house import STREAM, small_house

NOON = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)


def quiet(line: str) -> None:
    pass


def close_wal(house) -> None:
    """The archive has all up to now, as it has at the latest five minutes later."""
    with psycopg.connect(house.server.superuser_url(), autocommit=True) as connection:
        file = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()[0]
        while not (house.server.archive / f"{file}.gz").exists():
            connection.execute("SELECT pg_sleep(0.05)")


@pytest.fixture(scope="module")
def lost(tmp_path_factory):
    """A house that was backed up after 3 entries, had 5 at `between`, 9 at its end, and is gone but for its archive."""
    root = tmp_path_factory.mktemp("drill")
    root.chmod(0o711)
    for parent in (root.parent, root.parent.parent):
        parent.chmod(parent.stat().st_mode | 0o011)
    with small_house(root / "house") as house:
        (house.folder / "documents" / "slip.pdf").write_bytes(b"%PDF a document")
        house.write(3)
        take(house.source(), root / "backups", root / "keys", at=clock.now(), say=quiet)
        house.write(2)
        with psycopg.connect(house.server.superuser_url(), autocommit=True) as connection:
            between = connection.execute("SELECT clock_timestamp()").fetchone()[0]
        house.write(4)
        close_wal(house)
        shutil.copytree(house.server.archive, root / "wal")
    shutil.rmtree(root / "house")
    return root, between


def rows_of(folder: Path) -> int:
    server = PostgresServer(folder / "postgres")
    server.start()
    try:
        with psycopg.connect(server.superuser_url(DATABASE)) as connection:
            return connection.execute(
                "SELECT count(*) FROM contractor.trail_entry WHERE stream = %s", [STREAM]
            ).fetchone()[0]
    finally:
        server.stop()


def test_a_house_is_restored_to_a_moment_and_every_link_of_its_trail_holds(lost):
    root, between = lost
    folder = root / "restored-between"
    restore(root / "backups", folder, to=between, now=clock.now(), wal_archive=root / "wal", say=quiet)
    assert rows_of(folder) == 5
    drill = [verdict for verdict in verify_restored(folder) if verdict.stream == STREAM]
    assert [(verdict.ok, verdict.rows) for verdict in drill] == [(True, 5)]
    assert (folder / "documents" / "slip.pdf").read_bytes() == b"%PDF a document"
    assert (folder / "secrets" / "vault.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "link"])
def test_a_path_that_leads_out_of_the_documents_is_refused(tmp_path, name):
    with tarfile.open(tmp_path / "documents.tar", "w") as tar:
        member = tarfile.TarInfo(name)
        if name == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)
    with tarfile.open(tmp_path / "documents.tar") as tar, pytest.raises(Misconfigured, match="which no document is"):
        _plain_files(tar, tmp_path)


def test_a_house_is_restored_as_late_as_its_archive_reaches(lost):
    root, _ = lost
    folder = root / "restored-latest"
    restore(root / "backups", folder, to=None, now=clock.now(), wal_archive=root / "wal", say=quiet)
    assert rows_of(folder) == 9


def test_a_moment_past_the_archive_is_refused_and_not_silently_moved(lost):
    root, _ = lost
    folder = root / "restored-late"
    with pytest.raises(Misconfigured, match="ends before"):
        restore(root / "backups", folder, to=clock.now(), now=clock.now(), wal_archive=root / "wal", say=quiet)


def test_a_moment_before_the_first_backup_names_the_earliest(lost):
    root, between = lost
    with pytest.raises(Misconfigured, match="the earliest was finished at"):
        restore(root / "backups", root / "early", to=between - dt.timedelta(days=1), now=clock.now(), say=quiet)


def test_a_damaged_backup_is_refused_before_anything_is_written(lost):
    root, between = lost
    damaged = root / "damaged"
    shutil.copytree(root / "backups", damaged)
    backup, _ = finished_backups(damaged)[0]
    victim = backup / "documents.tar"
    victim.write_bytes(victim.read_bytes()[:-1] + b"x")
    with pytest.raises(Misconfigured, match="not what was backed up"):
        restore(damaged, root / "from-damaged", to=between, now=clock.now(), wal_archive=root / "wal", say=quiet)
    assert not (root / "from-damaged").exists()


def test_a_backup_without_its_keys_is_refused_by_name(lost, tmp_path):
    root, between = lost
    with pytest.raises(Misconfigured, match="Name the folder of its keys"):
        restore(root / "backups", root / "no-keys", to=between, now=clock.now(), keys=tmp_path, say=quiet)


def test_a_folder_with_something_in_it_is_not_written_over(lost, tmp_path):
    root, between = lost
    (tmp_path / "precious").touch()
    with pytest.raises(Misconfigured, match="not empty"):
        restore(root / "backups", tmp_path, to=between, now=clock.now(), say=quiet)


def test_an_unfinished_backup_is_not_used(lost):
    root, _ = lost
    assert len(finished_backups(root / "backups")) == 1
    unfinished = root / "some" / ".unfinished-20261121T000000Z"
    unfinished.mkdir(parents=True)
    assert finished_backups(root / "some") == []


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("latest", None),
        ("2026-11-21T11:30:00+08:00", dt.datetime(2026, 11, 21, 3, 30, tzinfo=dt.UTC)),
        ("2026-11-21 11:30", dt.datetime(2026, 11, 21, 3, 30, tzinfo=dt.UTC)),
    ],
)
def test_a_moment_is_read_in_shanghai_unless_it_names_its_zone(text, moment):
    assert parse_moment(text, now=NOON) == moment


@pytest.mark.parametrize("text", ["yesterday", "2026-11-21 12:01", "2026-13-01"])
def test_a_moment_that_is_none_or_still_to_come_is_refused(text):
    with pytest.raises(Misconfigured):
        parse_moment(text, now=NOON)
