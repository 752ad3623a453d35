"""How fast the trail is written and checked, beside the least that any checker must do: hash the same bytes."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import resource
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from chassis.trail import wire
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.trail.sources import Chain, source_of
from chassis.trail.verification import plain_connection, verify
from migrations.apply import ensure_database, ensure_roles, upgrade
from tests.conftest import PASSWORDS, TestDatabase

ROWS = int(os.environ.get("COOPMED_BENCH_TRAIL_ROWS", "1000000"))
CHUNK = 5_000
COUNTY, STREAM = "410100", "claims"


def main() -> None:
    with migrated_database() as database:
        seconds = _fill(database)
        print(f"  appended {ROWS:,} entries in chunks of {CHUNK:,}: {ROWS / seconds:,.0f} rows/s")
        with plain_connection(database.desk("contractor").engine) as connection:
            rates = [_verify_once(connection) for _ in range(3)]
            floor = _bare_hashing(connection)
        print(f"  bare SHA-256 over the same bytes, already in memory: {floor:,.0f} rows/s")
        print(f"  verifying takes {floor / max(rates):.1f} times the processor time of the bare hashing")


def _verify_once(connection: psycopg.Connection) -> float:
    """Rows per second of this process's own processor time, which says the same on a busy machine."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, working = time.perf_counter(), time.process_time()
    verdict = verify(connection, "contractor", COUNTY, STREAM)
    rate = ROWS / (time.perf_counter() - started)
    rate_alone = ROWS / (time.process_time() - working)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert verdict.ok and verdict.rows == ROWS, verdict
    print(
        f"  verified {verdict.rows:,} rows: {rate:,.0f} rows/s; {rate_alone:,.0f} per second of the checker's own "
        f"processor time; memory grew by {grown:,} KiB"
    )
    return rate_alone


def _fill(database: TestDatabase) -> float:
    desk = database.desk("contractor")
    at = dt.datetime.now(dt.UTC)
    started = time.perf_counter()
    for first in range(0, ROWS, CHUNK):
        entries = [
            Entry(
                act="claim.approved",
                subject_kind="claim",
                subject_id=f"C2023{number:08d}",
                by=Actor(ActorKind.STAFF, f"reviewer-{number % 40}"),
                facts={"amount_fen": number * 37, "sheet_sha256": hashlib.sha256(b"%d" % number).hexdigest()},
            )
            for number in range(first, min(first + CHUNK, ROWS))
        ]
        with desk.transaction() as session:
            append(session, county_code=COUNTY, stream=STREAM, entries=entries, at=at)
    return time.perf_counter() - started


def _bare_hashing(connection: psycopg.Connection) -> float:
    """The floor: the same bytes, read beforehand, hashed in a loop that does nothing else."""
    rows = list(wire.messages(connection, Chain(source_of(connection, "contractor"), COUNTY, STREAM), 1, 200_001))
    sha256 = hashlib.sha256
    started = time.process_time()
    for row in rows:
        sha256(row).digest()
    return len(rows) / (time.process_time() - started)


@contextmanager
def migrated_database() -> Iterator[TestDatabase]:
    """A database of the benchmark's own, on COOPMED_TEST_ADMIN_DATABASE_URL or on servers thrown away afterwards."""
    with ExitStack() as stack:
        admin_url = os.environ.get("COOPMED_TEST_ADMIN_DATABASE_URL")
        if not admin_url:
            from chassis.launcher.throwaway import throwaway_servers

            admin_url = stack.enter_context(throwaway_servers()).postgres.superuser_url()
        name = f"coopmed_bench_{os.getpid()}"
        ensure_database(admin_url, name)
        url = make_url(admin_url).set(database=name).render_as_string(hide_password=False)
        try:
            ensure_roles(url, PASSWORDS)
            upgrade(url)
            yield TestDatabase(url)
        finally:
            with psycopg.connect(admin_url, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
