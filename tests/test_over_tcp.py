"""The core of the suite once more on servers that listen on TCP, as real ones do; the rest runs over sockets."""

from __future__ import annotations

import os
import subprocess
import sys

from chassis.launcher.throwaway import throwaway_servers
from tests.repository.tree import ROOT

CORE = (
    "tests/migrations",
    "tests/queue/test_posting.py",
    "tests/trail/test_appending.py",
    "tests/operations/test_watching.py",
)


def test_the_core_passes_on_servers_that_listen_on_tcp():
    with throwaway_servers(tcp=True) as servers:
        given = {
            "COOPMED_TEST_ADMIN_DATABASE_URL": servers.postgres.superuser_url(),
            "COOPMED_TEST_REDIS_URL": servers.valkey.url(),
        }
        assert "127.0.0.1" in given["COOPMED_TEST_ADMIN_DATABASE_URL"]
        assert "127.0.0.1" in given["COOPMED_TEST_REDIS_URL"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *CORE],
            cwd=ROOT,
            env={**os.environ, **given},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
