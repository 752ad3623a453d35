"""How fast claims pass from a file to their decision: read, taken in, checked, settled, decided, payments planned.

Durable commits on the house's own PostgreSQL; a chunk is a transaction. Then one claim alone, as the API takes it, and
how many statements a chunk needs.
"""

from __future__ import annotations

import datetime as dt
import gc
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from chassis.launcher.throwaway import throwaway_servers
from contractor.claims.assessment import assess
from contractor.claims.incoming import CLAIMS_A_BATCH, IncomingBatch, IncomingClaim
from contractor.claims.intake import take_in_file
from contractor.claims.jobs import CLAIMS_A_STEP
from migrations.apply import ensure_database, ensure_roles, upgrade
from tests.claims.making import AT, COUNTY, HOSPITAL, LAW, ON, World, day, line, lines, make_world, take
from tests.conftest import PASSWORDS, TestDatabase

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
        batches = [
            IncomingBatch.of(_claims(world, first, min(first + CLAIMS_A_BATCH, CLAIMS)))
            for first in range(0, CLAIMS, CLAIMS_A_BATCH)
        ]
        started = time.perf_counter()
        with desk.transaction() as session:
            taken = take_in_file(
                session, batches, county_code=COUNTY, door="cli", file_name="bench", sha256=bytes(32), byte_count=1,
                at=AT, on=ON, by=None, keyring=world.keyring,
            )  # fmt: skip
        file_in = time.perf_counter()
        # A worker that assesses does not hold the file in memory.
        del batches
        gc.collect()
        taken_in = time.perf_counter()
        counts: dict[str, int] = {}
        for first in range(0, CLAIMS, CHUNK):
            with desk.transaction() as session:
                assessed = assess(
                    session, taken.claim_ids[first : first + CHUNK],
                    county_code=COUNTY, law=LAW, keyring=world.keyring, at=AT, on=ON,
                )  # fmt: skip
            for outcome, count in assessed.counts.items():
                counts[outcome] = counts.get(outcome, 0) + count
        decided = time.perf_counter()
        print(f"  {CLAIMS:,} claims with {taken.line_count:,} lines; chunks of {CHUNK:,}: {counts}")
        print(f"  taken in: {CLAIMS / (file_in - started):,.0f} claims/s")
        print(f"  assessed and decided: {CLAIMS / (decided - taken_in):,.0f} claims/s")
        print(f"  together: {CLAIMS / (decided - taken_in + file_in - started):,.0f} claims/s")
        print(f"  one claim, taken in and decided in its answer: median {_alone(desk, world):.1f} ms of {ALONE}")
        desk.engine.dispose()


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
