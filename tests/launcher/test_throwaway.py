"""Servers of a test run leave nothing, however the run ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from chassis.launcher.throwaway import throwaway_servers
from tests.launcher.conftest import PROJECT, eventually, processes_about

HOLDER = """
import time
from chassis.launcher.throwaway import throwaway_servers
with throwaway_servers() as servers:
    print(servers.folder, flush=True)
    time.sleep(600)
"""


def test_they_answer_over_tcp_where_asked_and_are_gone_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), throwaway_servers(tcp=True) as servers:
        folder = servers.folder
        assert servers.valkey.url().startswith("redis://")
        client = redis.Redis.from_url(servers.valkey.url())
        assert client.ping()
        client.close()
        with psycopg.connect(servers.postgres.superuser_url()) as connection:
            assert connection.info.host == "127.0.0.1"
        _ = 1 / 0
    assert not folder.exists()
    assert processes_about(folder) == []


@pytest.mark.parametrize("sig", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left_when_the_test_process_is_killed(sig: signal.Signals) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    with holder:
        folder = Path(holder.stdout.readline().strip())
        assert len(processes_about(folder)) >= 3
        os.kill(holder.pid, sig)
        holder.wait()
        eventually(lambda: not processes_about(folder) and not folder.exists())
