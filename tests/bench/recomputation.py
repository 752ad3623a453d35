"""Bench of the county's recomputation from PostgreSQL: `python -m tests.bench.recomputation [claims] [lines a claim]`.

A made-up county is written once by COPY, with the contractor's engine behind every amount; then everything is read and
computed again, as a task does it. Wall and processor time are told apart, since the processors may be shared; the run
fails if the two sides differ by a fen.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import Engine

from chassis.launcher.throwaway import throwaway_servers
from oversight.audits.county import Recomputed, recompute_county
from tests.conftest import Servers, TestDatabase, _in_database, migrated_template
from tests.feed import county as made

ROUNDS = 3


def measured(claims: int, lines_a_claim: int) -> dict[str, object]:
    with throwaway_servers() as running:
        servers = Servers(running.postgres.superuser_url(), "")
        database = TestDatabase(_in_database(servers.admin_url, migrated_template(servers)))
        written = _write(database, claims, lines_a_claim)
        desk = database.desk("county")
        rounds = [_round(desk.engine) for _ in range(ROUNDS)]
        desk.engine.dispose()
    best = min(rounds, key=lambda one: one["wall_seconds"])
    return {
        "written_seconds": round(written, 1),
        "load_before": round(os.getloadavg()[0], 1),
        "best": best,
        "all_wall_seconds": [one["wall_seconds"] for one in rounds],
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _write(database: TestDatabase, claims: int, lines_a_claim: int) -> float:
    begun = time.perf_counter()
    county = made.made_up(claims, seed=37, lines_a_claim=lines_a_claim)
    with psycopg.connect(database.owner_url) as connection:
        made.write(connection, county)
    made.remember(database.desk("contractor"), county)
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return time.perf_counter() - begun


def _round(engine: Engine) -> dict[str, object]:
    """One recomputation; `server` is the processor time of the backends that read."""
    with engine.connect() as one, engine.connect() as other:
        backends = [connection.execute(text("SELECT pg_backend_pid()")).scalar_one() for connection in (one, other)]
    stages: list[tuple[str, float]] = []
    before, client, begun = sum(map(_processor, backends)), time.process_time(), time.perf_counter()

    def mark(stage: str, done: int, of: int) -> None:
        if done in (0, of):
            stages.append((f"{stage} {done}/{of}", round(time.perf_counter() - begun, 2)))

    found: Recomputed = recompute_county(engine, made.COUNTY, made.law(), mark)
    wall = time.perf_counter() - begun
    assert len(found.differences) == 0, f"{len(found.differences)} differences where there are none"
    return {
        "claims": found.claim_count,
        "lines": found.line_count,
        "settlements": found.settlement_count,
        "account_entries": found.entry_count,
        "payments": found.payment_count,
        "trail_entries": found.trail_count,
        "wall_seconds": round(wall, 2),
        "processor_seconds_client": round(time.process_time() - client, 2),
        "processor_seconds_server": round(sum(map(_processor, backends)) - before, 2),
        "stages": stages,
    }


def _processor(backend: int) -> float:
    with open(f"/proc/{backend}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(claims: int = 1_000_000, lines_a_claim: int = 6) -> None:
    print(json.dumps(measured(claims, lines_a_claim), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
