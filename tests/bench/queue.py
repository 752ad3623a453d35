"""The reviewers' queue over a million claims that wait, with sixteen reviewers clicking; beside it the same SQL alone.

COOPMED_BENCH_QUEUE_CLAIMS and COOPMED_BENCH_QUEUE_CLICKS make it smaller.
"""

from __future__ import annotations

import logging
import os
import random
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.api.programs import COUNTY, Programs, make_programs
from tests.bench.trail import migrated_database
from tests.conftest import TestDatabase
from tests.review.crowd import waiting_claims
from tests.sites import sign_in

CLAIMS = int(os.environ.get("COOPMED_BENCH_QUEUE_CLAIMS", "1000000"))
CLICKS = int(os.environ.get("COOPMED_BENCH_QUEUE_CLICKS", "25"))
"""Pages each reviewer opens."""
PEOPLE, MEMBERS = 16, 2_000
Click = tuple[float, float]
"""Seconds until the answer, and of them seconds of this thread's own processor time."""


def main() -> None:
    logging.disable(logging.WARNING)
    with migrated_database() as database, tempfile.TemporaryDirectory(prefix="coopmed-bench-") as folder:
        programs = make_programs(database, Path(folder), members=MEMBERS)
        programs.app.config["WTF_CSRF_ENABLED"] = False
        began = time.perf_counter()
        waiting_claims(database, programs.world, CLAIMS)
        _found(database)
        print(f"  {CLAIMS:,} claims that wait, with findings: loaded in {time.perf_counter() - began:.0f} s")
        clients = [_reviewer(programs, number) for number in range(PEOPLE)]
        _statements(programs, clients[0])
        alone = [seconds for seconds, _own in _clicks(clients[0], random.Random(0), CLICKS * 4)]
        _tell("queue page, one reviewer", alone)
        _at_once(clients)
        _next_claims(clients)
        _raw(database)
        programs.close()


def _found(database: TestDatabase) -> None:
    """A finding or two on every claim, as the checks leave them."""
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(
            "INSERT INTO contractor.claim_finding (county_code, claim_id, finding_no, rule, severity, expected, found, "
            "source, found_at) SELECT county_code, id, 1, (ARRAY['F01', 'F13', 'F17', 'F29'])[id % 4 + 1], "
            "(ARRAY['C', 'H', 'M', 'L'])[id % 4 + 1], '', '', '', received_at FROM contractor.claim"
        )
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE contractor.claim")
        connection.execute("VACUUM ANALYZE contractor.claim_finding")


def _reviewer(programs: Programs, number: int) -> FlaskClient:
    client = programs.app.test_client()
    sign_in(client, "reviewer", county_code=COUNTY, name=f"审核{number}")
    return client


def _clicks(client: FlaskClient, chance: random.Random, count: int) -> list[Click]:
    """What a reviewer opens in a morning: the queue, its next pages, a filter, a search."""
    taken, onward = [], None
    for _click in range(count):
        luck = chance.random()
        if onward and luck < 0.35:
            path = onward
        elif luck < 0.7:
            path = "/review"
        elif luck < 0.9:
            filters = ("hand=free", "term=soon", "term=late", "least=20000", "rule=F13", "route=direct", "hand=mine")
            path = f"/review?{chance.choice(filters)}"
        else:
            path = f"/review?q={chance.choice((f'张{chance.randrange(MEMBERS)}', f'{chance.randrange(CLAIMS):010d}'))}"
        began, own = time.perf_counter(), time.thread_time()
        answer = client.get(path)
        page = answer.get_data(as_text=True)
        taken.append((time.perf_counter() - began, time.thread_time() - own))
        assert answer.status_code == 200, path
        found = re.search(r'href="([^"]+)" rel="next"', page)
        onward = unescape(found[1]) if found else None
    return taken


def _at_once(clients: Sequence[FlaskClient]) -> None:
    """Sixteen at once in one process, each with a moment's thought between two clicks."""
    gate = threading.Barrier(len(clients))

    def work(number: int) -> list[Click]:
        chance, taken = random.Random(number), []
        gate.wait()
        for _click in range(CLICKS):
            time.sleep(chance.uniform(0.5, 2.5))
            taken += _clicks(clients[number], chance, 1)
        return taken

    with ThreadPoolExecutor(len(clients)) as pool:
        clicks = [click for clicks in pool.map(work, range(len(clients))) for click in clicks]
    _tell(f"queue page, {len(clients)} reviewers clicking", [seconds for seconds, _own in clicks])
    own_ms = statistics.median(own for _seconds, own in clicks) * 1000
    print(f"    of it {own_ms:.1f} ms of the web process's own processor time in the median")


def _next_claims(clients: Sequence[FlaskClient]) -> None:
    taken = []
    for client in clients:
        for _claim in range(8):
            began = time.perf_counter()
            answer = client.post("/review/next")
            taken.append(time.perf_counter() - began)
            assert answer.status_code == 303, answer.get_data(as_text=True)[:500]
    _tell("next claim (goal: 20 ms)", taken)


@contextmanager
def _watched(programs: Programs) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(connection, cursor, statement, parameters, context, many) -> None:
        seen.append(statement)

    event.listen(programs.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(programs.database.engine, "before_cursor_execute", note)


def _statements(programs: Programs, client: FlaskClient) -> None:
    acts: tuple[tuple[str, Callable], ...] = (
        ("queue page", lambda: client.get("/review")),
        ("filtered page", lambda: client.get("/review?rule=F13&least=1000")),
        ("search by name", lambda: client.get("/review?q=张1234")),
        ("next claim", lambda: client.post("/review/next")),
    )
    client.get("/review")
    for what, act in acts:
        with _watched(programs) as seen:
            act()
        print(f"  {what}: {len(seen)} statements, signing in and the bar's counts included")


def _raw(database: TestDatabase) -> None:
    """The first page's own statement by the driver alone: what PostgreSQL itself takes."""
    page = (
        "SELECT id, due_on, expected_loss_fen FROM contractor.claim WHERE county_code = %s AND is_waiting "
        "AND due_on <= '2026-11-23' ORDER BY due_on, -expected_loss_fen, id LIMIT 51"
    )
    some = "SELECT 1 FROM contractor.claim WHERE county_code = %s AND is_waiting LIMIT 10001"
    with psycopg.connect(database.url("contractor_rw"), autocommit=True) as connection:
        counted = f"SELECT count(*) FROM ({some}) AS seen"
        for what, statement in (("its 51 numbers", page), ("its capped count", counted)):
            taken = []
            for _round in range(200):
                began = time.perf_counter()
                connection.execute(statement, [COUNTY]).fetchall()
                taken.append(time.perf_counter() - began)
            _tell(f"raw SQL, one connection: {what}", taken)


def _tell(what: str, seconds: Sequence[float]) -> None:
    ordered = sorted(seconds)
    median, late = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    load = os.getloadavg()[0]
    print(
        f"  {what}: {len(ordered)} times, median {median * 1000:.1f} ms, 99 of 100 within {late * 1000:.1f} ms, "
        f"fastest {ordered[0] * 1000:.1f} ms; load {load:.1f}",
        flush=True,
    )
