"""C1 and C2 at length: ten thousand tampers by a superuser, each found and the right row named."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import psycopg

from chassis.trail.verification import verify
from tests.bench.trail import migrated_database
from tests.trail.making import COUNTY_CODE
from tests.trail.tampering import TAMPERS, prepare

NAME = "trail-tampering"
DESCRIPTION = "A superuser edits, deletes, swaps, forges, cuts and rebuilds a chain of 600; each must be found."
TAMPER_COUNT = 10_000
LENGTH, ANCHORS = 600, 6


def run(args: Any = None) -> dict[str, Any]:
    """`args.seed` and `args.count` where given. Raises with the first tamper that was not found or wrongly named."""
    seed = getattr(args, "seed", None) or 20231101
    count = getattr(args, "count", None) or TAMPER_COUNT
    rng, found = random.Random(seed), Counter()
    with migrated_database() as database:
        chain = prepare(database, length=LENGTH, anchors=ANCHORS)
        with psycopg.connect(database.owner_url, autocommit=True) as connection:
            for number in range(count):
                tamper = TAMPERS[number % len(TAMPERS)]
                with connection.transaction(force_rollback=True):
                    expected = tamper(connection, rng, chain)
                    verdict = verify(connection, "contractor", COUNTY_CODE, "claims")
                assert expected.is_met_by(verdict), (seed, number, tamper.__name__, expected, verdict.faults[:3])
                found[tamper.__name__] += 1
                if number % 1_000 == 999:
                    connection.execute("VACUUM contractor.trail_entry, contractor.trail_head")
            assert verify(connection, "contractor", COUNTY_CODE, "claims").ok
    return {"seed": seed, "tampers": count, "found": sum(found.values()), "by_kind": dict(found)}
