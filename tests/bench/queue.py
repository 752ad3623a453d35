"""The reviewers' queue over a million claims that wait, as the site runs: gunicorn with its workers, over loopback.

Sixteen reviewers click, each with a moment's thought between two clicks; beside it the same statements by the driver
alone on as many connections. COOPMED_BENCH_QUEUE_CLAIMS and COOPMED_BENCH_QUEUE_CLICKS make it smaller.
"""

from __future__ import annotations

import logging
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import psycopg
from sqlalchemy import event

from chassis import clock
from tests.api.programs import Programs, make_programs
from tests.bench._clicking import Reviewer, served, signed_in
from tests.bench.trail import migrated_database
from tests.conftest import TestDatabase
from tests.review.waiting import RULES_ONE_IN, backlog

CLAIMS = int(os.environ.get("COOPMED_BENCH_QUEUE_CLAIMS", "1000000"))
CLICKS = int(os.environ.get("COOPMED_BENCH_QUEUE_CLICKS", "30"))
"""Pages each reviewer opens."""
PEOPLE, MEMBERS = 16, 2_000
THOUGHT_SECONDS = (0.5, 2.5)
FILTERS = (
    "hand=free", "hand=mine", "hand=held", "term=soon", "term=late", "term=unknown", "least=20000", "least=900000",
    "state=in_second_review", "route=direct", "route=manual", "institution=990121900", "institution=990121002",
    *(f"rule={rule}" for rule in RULES_ONE_IN), "rule=F13&least=1000", "rule=F01&route=manual",
    "term=late&rule=F17&hand=free", "route=outpatient&institution=990900001",
)  # fmt: skip
Statements = list[tuple[str, dict]]
Person = TypeVar("Person")


def main() -> None:
    logging.disable(logging.WARNING)
    with migrated_database() as database, tempfile.TemporaryDirectory(prefix="coopmed-bench-") as name:
        folder = Path(name)
        programs = make_programs(database, folder, members=MEMBERS)
        began, at = time.perf_counter(), clock.now()
        backlog(database, programs.world, CLAIMS, at=at, on=clock.local_day(at))
        print(
            f"  {CLAIMS:,} claims that wait, with findings: loaded in {time.perf_counter() - began:.0f} s", flush=True
        )
        asked = _statements(programs)
        with served(database, folder) as site:
            people = [
                Reviewer(site, signed_in(programs, "reviewer", name=f"审核{number}"), number)
                for number in range(PEOPLE)
            ]
            lead = Reviewer(site, signed_in(programs, "lead", name="组长"), PEOPLE)
            _warm(people, lead)
            _each_filter(people[0])
            site.forget_log()
            _tell("queue page, one reviewer", [_click(people[0]) for _ in range(CLICKS * 4)])
            _tell("  of it in the server", site.answered_ms("review.queue"))
            site.forget_log()
            used = site.processor_seconds()
            _tell(f"queue page, {PEOPLE} reviewers clicking (goal: 25 and 100 ms)", _at_once(people, _click, CLICKS))
            _tell("  of it in the server", site.answered_ms("review.queue"))
            used = (site.processor_seconds() - used) / (PEOPLE * CLICKS)
            print(f"    {used * 1000:.1f} ms of the web processes' processor time a page")
            _tell("the same statements by the driver alone, as many connections", _raw(database, asked))
            _tell("next claim, one after the other (goal: 20 ms)", [p.next_claim() for p in people for _ in range(3)])
            site.forget_log()
            _tell(f"next claim, {PEOPLE} reviewers clicking", _at_once(people, Reviewer.next_claim, 4))
            _tell("  of it in the server", site.answered_ms("review.next"))
            _tell("the lead's board", [lead.open("/review/board") for _ in range(12)])
            _tell("the list of claims", [lead.open("/claims") for _ in range(12)])
        programs.close()


def _warm(people: Sequence[Reviewer], lead: Reviewer) -> None:
    """A site that has been open for a while: each worker has read its templates and written its statements once."""
    paths = ["/review", *(f"/review?{one}" for one in FILTERS), *(_search(random.Random(0)) for _ in range(4))]
    with ThreadPoolExecutor(4) as pool:
        for _round in range(3):
            list(pool.map(lambda one: people[one[0] % PEOPLE].open(one[1]), enumerate(paths)))
    for person in people:
        person.open("/review")
        person.open_next()
    for _round in range(6):
        lead.open("/review/board")
        lead.open("/claims")


def _each_filter(reviewer: Reviewer) -> None:
    """The fastest of five: what a filter costs by its shape, whatever else the machine is doing."""
    taken = {one: min(reviewer.open(f"/review?{one}") for _ in range(5)) for one in FILTERS}
    slowest = sorted(taken, key=taken.__getitem__, reverse=True)
    print("  each filter, fastest of five: " + ", ".join(f"{one} {taken[one] * 1000:.0f}" for one in slowest) + " ms")


def _click(reviewer: Reviewer) -> float:
    """What a reviewer opens in a morning: the queue, its next pages, a filter, a search."""
    luck = reviewer.chance.random()
    if luck < 0.35 and reviewer.onward:
        return reviewer.open_next()
    if luck < 0.7:
        return reviewer.open("/review")
    if luck < 0.9:
        return reviewer.open(f"/review?{reviewer.chance.choice(FILTERS)}")
    return reviewer.open(_search(reviewer.chance))


def _search(chance: random.Random) -> str:
    name, number = f"张{chance.randrange(MEMBERS)}", f"ZY2026{chance.randrange(CLAIMS) + 1:08d}"
    return f"/review?q={chance.choice((name, number, f'{chance.randrange(MEMBERS):06d}'))}"


def _at_once(people: Sequence[Person], act: Callable[[Person], float], times: int) -> list[float]:
    """Everybody acts, with a moment's thought between two acts."""
    gate = threading.Barrier(len(people))

    def work(person: Person) -> list[float]:
        chance, taken = random.Random(id(person)), []
        gate.wait()
        for _time in range(times):
            time.sleep(chance.uniform(*THOUGHT_SECONDS))
            taken.append(act(person))
        return taken

    with ThreadPoolExecutor(len(people)) as pool:
        return [seconds for taken in pool.map(work, people) for seconds in taken]


def _statements(programs: Programs) -> list[Statements]:
    """What a page asks the database, for each kind of page, with what it asked. Prints how many statements that is."""
    client = programs.app.test_client()
    client.set_cookie(*signed_in(programs, "reviewer", name="听众"))
    seen: Statements = []

    def note(_connection, _cursor, statement, parameters, *_rest) -> None:
        seen.append((statement, parameters))

    of_each = {}
    for path in ("/review", *(f"/review?{one}" for one in FILTERS), "/review?q=张123"):
        client.get(path)
        event.listen(programs.database.engine, "before_cursor_execute", note)
        client.get(path)
        event.remove(programs.database.engine, "before_cursor_execute", note)
        of_each[path], seen = [one for one in seen if one[0].startswith("SELECT")], []
    for what, path in (("queue page", "/review"), ("filtered page", "/review?rule=F13"), ("search", "/review?q=张123")):
        print(f"  {what}: {len(of_each[path])} statements, signing in and the bar's counts included")
    # As often as they are clicked.
    others = [asked for path, asked in of_each.items() if path != "/review"]
    return [*others, *[of_each["/review"]] * (2 * len(others))]


def _raw(database: TestDatabase, asked: Sequence[Statements]) -> list[float]:
    """As many people, thinking as long; what they wait for is PostgreSQL and the driver."""
    connections = [psycopg.connect(database.url("contractor_rw"), autocommit=True) for _ in range(PEOPLE)]

    def page(connection: psycopg.Connection) -> float:
        statements = random.choice(asked)
        began = time.perf_counter()
        with connection.transaction():
            for statement, parameters in statements:
                connection.execute(statement, parameters).fetchall()
        return time.perf_counter() - began

    for connection in connections:
        for statements in asked[: len(FILTERS) + 3]:
            for statement, parameters in statements:
                connection.execute(statement, parameters)
    taken = _at_once(connections, page, CLICKS)
    for connection in connections:
        connection.close()
    return taken


def _tell(what: str, seconds: Sequence[float]) -> None:
    ordered = sorted(seconds)
    median, late = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    load = os.getloadavg()[0]
    print(
        f"  {what}: {len(ordered)} times, median {median * 1000:.1f} ms, 99 of 100 within {late * 1000:.1f} ms, "
        f"fastest {ordered[0] * 1000:.1f} ms; load {load:.1f}",
        flush=True,
    )
