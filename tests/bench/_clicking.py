"""Browsers without a screen at the workspace as gunicorn serves it: what a person waits for, over loopback."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlencode

from chassis.desks import DESKS
from chassis.launcher.processes import children_of, spawn, wait_until
from tests.api.programs import COUNTY, Programs
from tests.conftest import TestDatabase
from tests.repository.tree import ROOT
from tests.sites import sign_in

HOST = "127.0.0.1"
_PASSED_ON = ("COOPMED_WEB_WORKERS", "COOPMED_WEB_THREADS", "PATH")
Cookie = tuple[str, str]


@dataclass
class ServedSite:
    port: int
    pid: int
    log: Path
    read_from: int = 0

    def forget_log(self) -> None:
        self.read_from = self.log.stat().st_size

    def answered_ms(self, endpoint: str) -> list[float]:
        """Seconds that the site itself noted for each of its answers since, its waiting for a free thread left out."""
        with self.log.open("rb") as file:
            file.seek(self.read_from)
            lines = [json.loads(line) for line in file if line.startswith(b"{")]
        return [line["took_ms"] / 1000 for line in lines if line.get("endpoint") == endpoint]

    def processor_seconds(self) -> float:
        """Of all its processes, which says the same on a busy machine."""
        ticks = 0
        for pid in (self.pid, *children_of(self.pid)):
            ticks += sum(
                map(int, Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13])
            )
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(database: TestDatabase, folder: Path) -> Iterator[ServedSite]:
    """The workspace as the launcher starts it, with as many workers."""
    log = folder / "site.log"
    with socket.create_server((HOST, 0)) as door:
        env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {
            "COOPMED_SITE": "workspace",
            "COOPMED_ENVIRONMENT": "test",
            "COOPMED_CONTRACTOR_DATABASE_URL": database.url("contractor_rw"),
            "COOPMED_KEY_FILE": str(folder / "keys.json"),
            "COOPMED_SECRET_KEY_FILE": str(folder / "secret"),
            "COOPMED_DATA_DIR": str(folder / "data"),
        }
        argv = [sys.executable, "-m", "gunicorn", "--config", ROOT / "config" / "gunicorn.py"]
        argv += ["--bind", f"fd://{door.fileno()}", "contractor.app:create_app()"]
        process = spawn(argv, env=env, log=log, cwd=ROOT, pass_fds=(door.fileno(),))
        site = ServedSite(door.getsockname()[1], process.pid, log)
        try:
            assert wait_until(lambda: _answers(site), seconds=60, pause_seconds=0.2), log.read_text(encoding="utf-8")
            yield site
        finally:
            process.terminate()
            process.wait()


def _answers(site: ServedSite) -> bool:
    try:
        connection = http.client.HTTPConnection(HOST, site.port, timeout=5)
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False


def signed_in(programs: Programs, *roles: str, name: str) -> Cookie:
    """The session cookie of a new person."""
    client = programs.app.test_client()
    sign_in(client, *roles, county_code=COUNTY, name=name)
    kept = client.get_cookie(DESKS["contractor"].cookie)
    assert kept is not None
    return kept.key, kept.value


@dataclass
class Reviewer:
    """One person's browser: it keeps its connection, its cookies, and the next page's address."""

    site: ServedSite
    cookie: Cookie
    number: int
    onward: str | None = None
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.number)
        self.cookies[self.cookie[0]] = self.cookie[1]
        self.connection = http.client.HTTPConnection(HOST, self.site.port, timeout=60)

    def open(self, path: str) -> float:
        """Seconds until the whole page is here."""
        seconds, status, page = self._ask("GET", path)
        assert status == 200, f"{path}: {status}"
        onward = re.search(r'href="([^"]+)" rel="next"', page)
        self.onward = unescape(onward[1]) if onward else None
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        self.token = token[1] if token else self.token
        return seconds

    def open_next(self) -> float:
        return self.open(self.onward or "/review")

    def next_claim(self) -> float:
        """Seconds until the system has named the next claim."""
        seconds, status, page = self._ask("POST", "/review/next", urlencode({"csrf_token": self.token}))
        assert status == 303, f"{status}: {page[:500]}"
        return seconds

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[float, int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        try:
            answer = self._answer(method, path, body, headers)
        except (http.client.RemoteDisconnected, ConnectionError):
            # The site closes what has been quiet for a few seconds, as every site does.
            self.connection.close()
            began = time.perf_counter()
            answer = self._answer(method, path, body, headers)
        page = answer.read().decode()
        seconds = time.perf_counter() - began
        for one in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = one.partition(";")[0].partition("=")
            self.cookies[name] = value
        return seconds, answer.status, page

    def _answer(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> http.client.HTTPResponse:
        self.connection.request(method, quote(path, safe="/?=&%"), body, headers)
        return self.connection.getresponse()
