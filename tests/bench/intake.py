"""How fast claims pass from a file to their decision: read, taken in, checked, settled, decided, payments planned.

Durable commits on the house's own PostgreSQL; a chunk is a transaction. Then one claim alone, as the API takes it, and
how many statements a chunk needs.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.db import Database
from chassis.garbage import walk_seldom
from chassis.launcher.throwaway import throwaway_servers
from chassis.vault.keyring import Keyring
from chassis.vault.keys import load_keys
from contractor.claims.asking import PARTS
from contractor.claims.assessment import assess
from contractor.claims.doors.exchange import read_exchange
from contractor.claims.due import unassessed_of_file
from contractor.claims.incoming import IncomingClaim
from contractor.claims.intake import take_in_file
from contractor.claims.jobs import CLAIMS_A_STEP
from migrations.apply import ensure_database, ensure_roles, upgrade
from tests.claims.making import AT, COUNTY, HOSPITAL, LAW, ON, World, day, line, lines, make_world, take
from tests.conftest import PASSWORDS, TestDatabase
from tests.real_input.exchange_files import write_exchange

CLAIMS = 20_000
CHUNK = CLAIMS_A_STEP
ALONE = 100


def main() -> None:
    with ExitStack() as stack:
        admin_url = stack.enter_context(throwaway_servers(durable=True)).postgres.superuser_url()
        database = _migrated(admin_url)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        world = make_world(database, folder, members=max(CLAIMS // 2, 12))
        desk = database.desk("contractor")
        path = folder / "claims.csv"
        write_exchange(path, _claims(world, 0, CLAIMS))
        walk_seldom()
        started, used = time.perf_counter(), time.process_time()
        with desk.transaction() as session:
            taken = take_in_file(
                session, read_exchange(path, file_name=path.name), county_code=COUNTY, door="cli", file_name=path.name,
                sha256=bytes(32), byte_count=path.stat().st_size, at=AT, on=ON, by=None, keyring=world.keyring,
            )  # fmt: skip
            used += -time.process_time() - _server_seconds(session)
        file_in = time.perf_counter()
        with ProcessPoolExecutor(PARTS, get_context("spawn"), _begin, (database, folder)) as workers:
            # Each worker is up, has its rules compiled into memory and its connection open, as in a running house.
            list(workers.map(_ready, range(PARTS)))
            taken_in = time.perf_counter()
            done = list(workers.map(_assess_part, [taken.file_id] * PARTS, range(PARTS)))
            decided = time.perf_counter()
        counts = sum((counted for counted, _ in done), Counter())
        used = sum(seconds for _, seconds in done) - used
        print(
            f"  {CLAIMS:,} claims with {taken.line_count:,} lines; chunks of {CHUNK:,}, {PARTS} workers: {dict(counts)}"
        )
        print(f"  taken in: {CLAIMS / (file_in - started):,.0f} claims/s")
        print(f"  assessed and decided: {CLAIMS / (decided - taken_in):,.0f} claims/s")
        print(f"  together: {CLAIMS / (decided - taken_in + file_in - started):,.0f} claims/s")
        print(f"  processor time, client and server: {used / CLAIMS * 1_000_000:,.0f} µs a claim, read to decided")
        print(f"  one claim, taken in and decided in its answer: median {_alone(desk, world):.1f} ms of {ALONE}")
        desk.engine.dispose()


_at_work: list[tuple[Database, Keyring]] = []


def _begin(database: TestDatabase, folder: Path) -> None:
    _at_work.append((database.desk("contractor"), load_keys(folder / "keys.json")))
    walk_seldom()


def _ready(_: int) -> None:
    time.sleep(0.5)
    with _at_work[0][0].transaction() as session:
        assert unassessed_of_file(session, COUNTY, 0, after=0, limit=1) == []


def _server_seconds(session: Session) -> float:
    """Processor time that the server has spent on this connection, which says the same on a busy machine."""
    pid = session.scalar(text("SELECT pg_backend_pid()"))
    user, system = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _assess_part(file_id: int, part: int) -> tuple[Counter[str], float]:
    """What `contractor.claims.jobs` does of one part, chunk by chunk; the outcomes and the processor time."""
    database, keyring = _at_work[0]
    counts: Counter[str] = Counter()
    after, used = 0, -time.process_time()
    while True:
        with database.transaction() as session:
            ids = unassessed_of_file(session, COUNTY, file_id, part=part, parts=PARTS, after=after, limit=CHUNK)
            if not ids:
                return counts, used + time.process_time() + _server_seconds(session)
            counts += assess(session, ids, county_code=COUNTY, law=LAW, keyring=keyring, at=AT, on=ON).counts
            after = ids[-1]


def _claims(world: World, first: int, end: int) -> list[IncomingClaim]:
    """Six lines each; one in twenty has something for a person to look at, one in a hundred is manual."""
    claims = []
    for number in range(first, end):
        place = number % (CLAIMS // 2)
        # A member's second stay lies half a year after the first, so that it is no split admission.
        admitted = day("2026-01-05") + dt.timedelta(days=number % 60 + (180 if number >= CLAIMS // 2 else 0))
        items = ["A1", "A2", "A3", "B1", "C1", "A1" if number % 20 == 0 else "BED"]
        bill = lines(*(line(item=item, yuan=str(50 + number % 400), performed_on=admitted) for item in items))
        claims.append(
            world.claim(
                place, admitted_on=admitted, discharged_on=admitted + dt.timedelta(days=4),
                submitted_on=admitted + dt.timedelta(days=6), lines=bill, institution_code=HOSPITAL,
            )
        )  # fmt: skip
    return claims


def _alone(desk, world: World) -> float:
    """Milliseconds of one claim, the commit included."""
    seconds = []
    for number in range(ALONE):
        claim = world.claim(number % 10, admitted_on=day("2025-01-05"), discharged_on=day("2025-01-09"))
        started = time.perf_counter()
        with desk.transaction() as session:
            taken = take(session, world, claim)
            assess(session, taken.claim_ids, county_code=COUNTY, law=LAW, keyring=world.keyring, at=AT, on=ON)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds) * 1000


def _migrated(admin_url: str) -> TestDatabase:
    from sqlalchemy import make_url

    ensure_database(admin_url, "coopmed_bench")
    url = make_url(admin_url).set(database="coopmed_bench").render_as_string(hide_password=False)
    ensure_roles(url, PASSWORDS)
    upgrade(url)
    return TestDatabase(url)
