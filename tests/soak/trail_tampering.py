"""C1 and C2 at length: ten thousand tampers by a superuser, each found and the right row named."""

from __future__ import annotations

import argparse
import random
from collections import Counter

import psycopg

from chassis.trail.verification import verify
from tests.bench.trail import migrated_database
from tests.trail.making import COUNTY_CODE
from tests.trail.tampering import TAMPERS, prepare

NAME = "trail-tampering"
DESCRIPTION = "A superuser edits, deletes, swaps, forges, cuts and rebuilds a chain of 600; each must be found."
LENGTH, ANCHORS = 600, 6


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=10_000, help="how many tampers (10,000)")


def run(args: argparse.Namespace) -> dict[str, int]:
    """Fails with the first tamper that was not found, or whose row was wrongly named."""
    rng, found = random.Random(args.seed), Counter()
    with migrated_database() as database:
        chain = prepare(database, length=LENGTH, anchors=ANCHORS)
        with psycopg.connect(database.owner_url, autocommit=True) as connection:
            for number in range(args.count):
                tamper = TAMPERS[number % len(TAMPERS)]
                with connection.transaction(force_rollback=True):
                    expected = tamper(connection, rng, chain)
                    verdict = verify(connection, "contractor", COUNTY_CODE, "claims")
                assert expected.is_met_by(verdict), (args.seed, number, tamper.__name__, expected, verdict.faults[:3])
                found[tamper.__name__] += 1
                if number % 1_000 == 999:
                    connection.execute("VACUUM contractor.trail_entry, contractor.trail_head")
            assert verify(connection, "contractor", COUNTY_CODE, "claims").ok
    return {"tampers": args.count, "found and named": sum(found.values()), **found}
