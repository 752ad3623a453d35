"""The embedded PostgreSQL: private, quiet about people, and back after any kind of death."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine

from chassis.launcher.accounts import account_for
from chassis.launcher.binaries import find_postgres
from chassis.launcher.errors import CannotStart
from chassis.launcher.leftovers import processes_on
from chassis.launcher.postgres import PostgresServer
from chassis.launcher.processes import spawn
from tests.launcher.conftest import processes_about

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")


@pytest.fixture()
def server(folder: Path):
    server = PostgresServer(folder / "postgres", durable=False)
    server.start()
    yield server
    server.stop()


def one(server: PostgresServer, query: str):
    with psycopg.connect(server.superuser_url()) as connection:
        return connection.execute(query).fetchone()[0]


def test_a_server_is_reached_with_its_password_only_and_through_a_private_socket(server: PostgresServer) -> None:
    wrong = server.url("postgres", "postgres", "not the password")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    sockets = server.data.parent / "run"
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE((server.folder / "superuser.secret").stat().st_mode) == 0o600
    assert one(server, "SHOW listen_addresses") == ""


def test_the_url_serves_sqlalchemy_as_well_as_psycopg(server: PostgresServer) -> None:
    engine = create_engine(server.superuser_url())
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    engine.dispose()


def test_chinese_names_are_found_by_trigrams(server: PostgresServer) -> None:
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        assert connection.execute("SELECT similarity('张三丰', '张三')").fetchone()[0] > 0


def test_no_value_of_a_failed_statement_reaches_the_log(server: PostgresServer) -> None:
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE people (number text PRIMARY KEY, age int)")
        connection.execute("INSERT INTO people VALUES ('330102199003071234', 1)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO people VALUES (%s, 1)", ["330102199003071234"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO people VALUES ('330102199003071234', 1)")
    log = server.log.read_text()
    assert "duplicate key" in log
    assert "330102199003071234" not in log


def test_what_was_committed_before_a_kill_is_there_after_the_restart(folder: Path) -> None:
    server = PostgresServer(folder / "postgres")
    server.start()
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE paid (fen bigint)")
        connection.execute("INSERT INTO paid SELECT n FROM generate_series(1, 1000) n")
        server.kill()
    assert not server.is_alive()
    assert processes_on(server.data) == []
    server.start()
    assert one(server, "SELECT sum(fen) FROM paid") == 500500
    server.stop()


def test_a_pid_file_that_names_a_stranger_does_not_keep_the_server_from_starting(folder: Path) -> None:
    server = PostgresServer(folder / "postgres", durable=False)
    server.start()
    server.kill()
    # In a container the number of the dead postmaster soon belongs to another process of the same account.
    stranger = spawn(["/bin/sleep", "300"], env={}, account=account_for(server.data))
    try:
        pid_file = server.data / "postmaster.pid"
        rest = pid_file.read_text().partition("\n")[2]
        pid_file.write_text(f"{stranger.pid}\n{rest}")
        server.start()
        assert one(server, "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        server.stop()
        stranger.kill()
        stranger.wait()


def test_a_set_up_killed_half_way_is_begun_again(folder: Path) -> None:
    half = folder / "postgres" / "data.unfinished"
    half.mkdir(parents=True, mode=0o711)
    (half / "PG_VERSION").write_text("18\n")
    (folder / "postgres").chmod(0o711)
    server = PostgresServer(folder / "postgres", durable=False)
    server.start()
    assert one(server, "SELECT 1") == 1
    server.stop()
    assert not half.exists()


def test_a_second_server_on_the_same_folder_is_refused_in_a_sentence(server: PostgresServer) -> None:
    second = PostgresServer(server.folder, durable=False)
    with pytest.raises(CannotStart, match=rf"already in use by process {os.getpid()}"):
        second.start()
    assert one(server, "SELECT 1") == 1


def test_a_path_too_long_for_a_socket_moves_only_the_socket(folder: Path) -> None:
    deep = folder / ("county-" * 8) / ("township-" * 8)
    deep.mkdir(parents=True)
    server = PostgresServer(deep / "postgres", durable=False)
    server.start()
    assert one(server, "SELECT 1") == 1
    assert server.data == deep / "postgres" / "data"
    sockets = Path(one(server, "SHOW unix_socket_directories"))
    assert not sockets.is_relative_to(deep)
    server.stop()
    assert not sockets.exists()


def test_with_a_tcp_port_the_server_listens_on_this_machine_alone(folder: Path) -> None:
    server = PostgresServer(folder / "postgres", tcp_port=0, durable=False)
    server.start()
    assert f"@127.0.0.1:{server.tcp_port}/" in server.superuser_url()
    assert one(server, "SELECT 1") == 1
    with socket.socket() as other_address, pytest.raises(OSError):
        other_address.connect(("127.0.0.2", server.tcp_port))
    server.stop()


def test_a_named_folder_of_programs_must_be_right(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("COOPMED_PG_BIN", "/nowhere/bin")
    with pytest.raises(CannotStart, match=r"COOPMED_PG_BIN is /nowhere/bin, but initdb"):
        PostgresServer(folder / "postgres").start()


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(folder: Path) -> None:
    server = PostgresServer(folder / "postgres", durable=False, options={"shared_buffers": "a lot"})
    with pytest.raises(CannotStart, match="shared_buffers"):
        server.start()
    assert processes_about(folder) == []


@needs_root
def test_under_a_0700_parent_root_starts_it_and_loosens_nobodys_folder(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server = PostgresServer(closed / "house" / "postgres", durable=False)
    server.start()
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
    server.stop()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert server.data.stat().st_uid != 0
    assert not server.data.is_relative_to(closed)

    # The house remembers where its data went, also after it was moved; a copy of it is not a second owner.
    moved = folder / "closed" / "moved"
    (closed / "house").rename(moved)
    again = PostgresServer(moved / "postgres", durable=False)
    again.start()
    assert one(again, "SELECT count(*) FROM kept") == 0
    again.stop()
    shutil.copytree(moved, closed / "copy")
    with pytest.raises(CannotStart, match="is a copy of"):
        PostgresServer(closed / "copy" / "postgres").start()


@needs_root
def test_programs_the_account_cannot_reach_are_copied_with_their_libraries(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = find_postgres().package
    closed = folder / "venv"
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.with_name(name), closed / name)
    closed.chmod(0o700)
    monkeypatch.setattr(sys, "path", [str(closed), *sys.path])
    server = PostgresServer(folder / "postgres", durable=False)
    server.start()
    copied = server.bin("postgres")
    assert one(server, "SELECT 1") == 1
    server.stop()
    assert not copied.is_relative_to(closed)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    shutil.rmtree(copied.parents[3])


@needs_root
def test_a_plain_user_starts_stops_and_continues_it(folder: Path) -> None:
    home = folder / "plain"
    home.mkdir()
    os.chown(home, 65534, 65534)

    def work() -> None:
        server = PostgresServer(home / "postgres", durable=False)
        server.start()
        with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS runs (n int)")
            connection.execute("INSERT INTO runs VALUES (1)")
        server.stop()

    as_nobody(work)
    as_nobody(work)
    assert (home / "postgres" / "data").stat().st_uid == 65534
    # root may take over what a plain user began, still running the server as that user.
    server = PostgresServer(home / "postgres", durable=False)
    server.start()
    assert one(server, "SELECT count(*) FROM runs") == 2
    server.stop()


@needs_root
def test_a_folder_of_root_is_refused_to_a_plain_user_in_a_sentence(folder: Path, server: PostgresServer) -> None:
    def work() -> None:
        with pytest.raises(CannotStart, match="belongs to root"):
            PostgresServer(server.folder).start()

    as_nobody(work)


def as_nobody(work: Callable[[], None]) -> None:
    """Run `work` in a forked child that gave up root for good."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
