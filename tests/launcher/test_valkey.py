"""The embedded Valkey: private, and back after a kill."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import redis

from chassis.launcher.errors import CannotStart
from chassis.launcher.valkey import ValkeyServer
from tests.launcher.conftest import processes_about


@pytest.fixture()
def server(folder: Path):
    server = ValkeyServer(folder / "valkey")
    server.start()
    yield server
    server.stop()


def ping(server: ValkeyServer) -> bool:
    client = redis.Redis.from_url(server.url())
    try:
        return client.ping()
    finally:
        client.close()


def test_it_is_reached_with_its_password_only_and_through_a_private_socket(server: ValkeyServer) -> None:
    assert ping(server)
    sockets = server.folder / "run"
    client = redis.Redis(unix_socket_path=str(sockets / "valkey.sock"))
    with pytest.raises(redis.AuthenticationError):
        client.ping()
    client.close()
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700


def test_its_password_is_in_no_argument_list(server: ValkeyServer) -> None:
    password = (server.folder / "password.secret").read_text()
    assert password not in Path(f"/proc/{server.process.pid}/cmdline").read_text()


def test_killed_it_starts_again_and_a_second_on_the_folder_is_refused(server: ValkeyServer) -> None:
    with pytest.raises(CannotStart, match="already in use"):
        ValkeyServer(server.folder).start()
    server.kill()
    assert not server.is_alive()
    server.start()
    assert ping(server)


def test_a_long_path_moves_the_socket_and_tcp_is_served_too(folder: Path) -> None:
    deep = folder / ("county-" * 8) / ("township-" * 8)
    deep.mkdir(parents=True)
    for port in (None, 0):
        server = ValkeyServer(deep / f"valkey-{port}", tcp_port=port)
        server.start()
        assert ping(server)
        server.stop()
    assert processes_about(folder) == []
