"""Servers for one run of tests, gone afterwards whatever happens, a kill -9 of the test process included."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chassis.launcher.postgres import PostgresServer
from chassis.launcher.processes import spawn
from chassis.launcher.valkey import ValkeyServer

# Waits for the end of its standard input, which the kernel closes when the tests end, then clears the folder.
# Servers receive their own death signal; the pause lets them go first.
JANITOR = """
import json, shutil, sys, time
from pathlib import Path
sys.stdin.read()
folder = Path(sys.argv[1])
place = folder / "postgres" / "place.json"
folders = [folder] + ([Path(json.loads(place.read_text())["place"])] if place.exists() else [])
deadline = time.monotonic() + 30
while any((f / "data" / "postmaster.pid").exists() for f in [*folders, folder / "postgres"]):
    if time.monotonic() > deadline:
        break
    time.sleep(0.1)
for f in folders:
    shutil.rmtree(f, ignore_errors=True)
"""


@dataclass(frozen=True)
class ThrowawayServers:
    folder: Path
    postgres: PostgresServer
    valkey: ValkeyServer


@contextmanager
def throwaway_servers(*, tcp: bool = False, durable: bool = False) -> Iterator[ThrowawayServers]:
    """PostgreSQL and Valkey in a folder of their own; `tcp` makes both listen on a free port of 127.0.0.1."""
    folder = Path(tempfile.mkdtemp(prefix="coopmed-test-")).resolve()
    janitor = _start_janitor(folder)
    try:
        # Made by us just now, so opening it to the server's account loosens nobody's folder.
        folder.chmod(0o711)
        port = 0 if tcp else None
        postgres = PostgresServer(folder / "postgres", tcp_port=port, durable=durable)
        valkey = ValkeyServer(folder / "valkey", tcp_port=port)
        try:
            postgres.start()
            valkey.start()
            yield ThrowawayServers(folder, postgres, valkey)
        finally:
            valkey.stop()
            postgres.stop("immediate")
    finally:
        assert janitor.stdin is not None
        janitor.stdin.close()
        janitor.wait()


def _start_janitor(folder: Path) -> subprocess.Popen[bytes]:
    return spawn(
        [sys.executable, "-I", "-S", "-c", JANITOR, folder],
        env={"PATH": "/usr/bin:/bin"},
        stdin=subprocess.PIPE,
        death_signal=None,
    )
