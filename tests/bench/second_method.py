"""Bench of the county's recomputation: ratios within one run. `python -m tests.bench.second_method [settlements]`.

Every figure is processor time, the best of several rounds. The second method and the Decimal loop compute the same
settlements, and the run fails if they differ by a fen.
"""

import json
import sys
import time
import tracemalloc
from datetime import date

import numpy as np

from oversight.audits.recomputation import RESULTS, recompute
from rulebook.registry import Timeline
from rulebook.schedule import FOLDER
from rulebook.schedule_files import schedules_on_file
from tests.rulebook import oracle
from tests.rulebook.random_county import random_county, rows_of

YEARS = {"first": date(2015, 1, 1), "last": date(2018, 12, 31)}
SEED = 20
# The Decimal loop is sampled; it takes the same time for each settlement.
DECIMAL_SAMPLE = 60_000


def best(run, *, rounds: int = 5) -> float:
    """Processor seconds of the fastest of several rounds; waiting for a shared processor does not count."""
    fastest = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        run()
        fastest = min(fastest, time.process_time() - start)
    return fastest


def in_settlement_order(county: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    year = county["discharged_on"].astype("datetime64[Y]").astype(np.int64)
    order = np.lexsort((county["settlement_no"], year, county["member_id"]))
    return {name: column[order] for name, column in county.items()}


def decimal_seconds(scheme: str, law: Timeline) -> float:
    """Seconds of the Decimal loop for each settlement, after holding both methods against each other."""
    county = random_county(DECIMAL_SAMPLE, seed=SEED, **YEARS)
    rows, folder = rows_of(county), str(FOLDER / scheme)
    oracle.settle(rows_of(random_county(2_000, seed=1, **YEARS)), folder)
    start = time.process_time()
    expected = oracle.settle(rows, folder)
    took = time.process_time() - start
    found = recompute(county, law)
    wanted = np.array([expected[identity] for identity in found["settlement_id"].tolist()])
    differing = int((found[list(RESULTS)].to_numpy() != wanted).any(axis=1).sum())
    assert differing == 0, f"{differing} of {len(rows)} settlements differ from the Decimal loop"
    return took / len(rows)


def peak_mib(run) -> float:
    """What one run holds at its highest, above the columns it is given."""
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return round(peak / 2**20, 1)


def measured(scheme: str, claims: int) -> dict[str, object]:
    law = Timeline.unapproved(schedules_on_file()[scheme])
    decimal = decimal_seconds(scheme, law)
    county = random_county(claims, seed=SEED, **YEARS)
    rows = len(county["member_id"])
    ordered = in_settlement_order(county)
    shuffled_seconds, ordered_seconds = best(lambda: recompute(county, law)), best(lambda: recompute(ordered, law))
    decimal = min(decimal, decimal_seconds(scheme, law))
    by_size = {}
    for size in (10_000, 100_000, 1_000_000):
        smaller = random_county(size, seed=SEED, **YEARS)
        took = best(lambda: recompute(smaller, law), rounds=9 if size < 1_000_000 else 3)  # noqa: B023
        by_size[size] = round(took / len(smaller["member_id"]) * 1e9, 1)
    return {
        "settlements": rows,
        "equal_to_decimal_to_the_fen": DECIMAL_SAMPLE,
        "decimal_us_a_settlement": round(decimal * 1e6, 1),
        "second_method_over_decimal": round(decimal * rows / shuffled_seconds),
        "second_method_over_decimal_in_settlement_order": round(decimal * rows / ordered_seconds),
        "ns_a_settlement": round(shuffled_seconds / rows * 1e9, 1),
        "ns_a_settlement_in_settlement_order": round(ordered_seconds / rows * 1e9, 1),
        "ns_a_settlement_with_steps": round(
            best(lambda: recompute(county, law, keeps_steps=True), rounds=3) / rows * 1e9
        ),
        "peak_mib_above_its_columns": peak_mib(lambda: recompute(county, law)),
        "ns_a_settlement_by_size": by_size,
    }


def main(claims: int = 1_000_000) -> None:
    figures = {scheme: measured(scheme, claims) for scheme in ("balin_zuoqi", "zhengzhou")}
    print(json.dumps({"seed": SEED, **figures}, indent=2))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
