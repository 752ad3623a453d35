"""Bench of the rulebook: ratios within one run, on a made-up county. `python -m tests.bench.rulebook [claims]`.

Shared machines are noisy: every figure is processor time, the best of interleaved rounds, and ratios count. The engine
and the Decimal loop compute the same claims, and the run fails if they differ by a fen.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numba
import numpy as np

from rulebook.benefits import NEW_YEAR, Claim, explain, step
from rulebook.benefits.assessment import RESULTS, loop_columns, settle
from rulebook.benefits.compiled import compiled_settle
from rulebook.benefits.packing import pack
from rulebook.benefits.rules_in_force import rules_table
from rulebook.registry import Timeline
from rulebook.schedule import FOLDER
from rulebook.schedule_files import schedules_on_file
from rulebook.simulation import pack_for, simulate
from tests.rulebook import oracle
from tests.rulebook.random_county import random_county, rows_of

SCHEME = "balin_zuoqi"
YEARS = {"first": date(2015, 1, 1), "last": date(2018, 12, 31)}
SEED = 20


def best(run: Callable[[], Any], *, rounds: int = 7) -> float:
    """Processor seconds of the fastest of several rounds; waiting for a shared processor does not count."""
    fastest = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        run()
        fastest = min(fastest, time.process_time() - start)
    return fastest


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@numba.njit
def _fused_pass(columns_8, columns_4, columns_1, written):
    """The least any method must do: read every input once, write every output once."""
    for row in range(written.shape[1]):
        read = columns_4[0, row] + columns_4[1, row] + columns_1[0, row] + columns_1[1, row]
        for column in range(columns_8.shape[0]):
            read += columns_8[column, row]
        for column in range(written.shape[0]):
            written[column, row] = read


def passes(packed: Any) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Two passes over the engine's own columns: NumPy reading and filling column by column, and one fused loop."""
    columns = loop_columns(packed)
    outputs = [np.empty(len(packed), dtype=np.int64) for _ in RESULTS]
    eight = np.stack([c for c in columns if c.dtype.itemsize == 8])
    four = np.stack([c for c in columns if c.dtype.itemsize == 4])
    one = np.stack([c for c in columns if c.dtype.itemsize == 1])
    written = np.empty((len(RESULTS), len(packed)), dtype=np.int64)
    _fused_pass(eight, four, one, written)

    def column_by_column() -> None:
        for column in columns:
            column.sum()
        for column in outputs:
            column.fill(1)

    return column_by_column, lambda: _fused_pass(eight, four, one, written)


def decimal_loop(rows: list[dict]) -> tuple[float, dict]:
    """The plain Decimal loop of the oracle over all rows, its law looked up beforehand."""
    folder = str(FOLDER / SCHEME)
    oracle.settle(rows_of(random_county(2_000, seed=1, **YEARS)), folder)
    start = time.process_time()
    results = oracle.settle(rows, folder)
    return time.process_time() - start, results


def start_up_seconds() -> dict[str, float]:
    """Processor seconds of a fresh process until one claim is explained, or the compiled engine has settled ten."""
    explain_one = (
        "import time\n"
        "from datetime import date\n"
        "from rulebook.benefits import NEW_YEAR, Claim, explain\n"
        "from rulebook.schedule_files import schedules_on_file\n"
        f"s = schedules_on_file()['{SCHEME}']\n"
        "explain(Claim(1, 1, 0, 0, 0), NEW_YEAR, schedule=s, day=date(2018, 1, 1), status='poor', tier='county')\n"
        "print(time.process_time())\n"
    )
    settle_one = (
        "import time\n"
        "from datetime import date\n"
        "from rulebook.benefits.assessment import assess\n"
        "from rulebook.registry import Timeline\n"
        "from rulebook.schedule_files import schedules_on_file\n"
        "from tests.rulebook.random_county import random_county\n"
        "c = random_county(10, seed=1, first=date(2015, 1, 1), last=date(2016, 1, 1))\n"
        f"assess(c, Timeline.unapproved(schedules_on_file()['{SCHEME}']))\n"
        "print(time.process_time())\n"
    )
    root = Path(__file__).parents[2]

    def run(code: str) -> float:
        done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
        return float(done.stdout)

    return {
        "explain_one": min(run(explain_one) for _ in range(3)),
        "compiled_warm_cache": min(run(settle_one) for _ in range(3)),
    }


def measured(claims: int) -> dict[str, Any]:
    """Every figure for a county of so many decisions."""
    schedule = schedules_on_file()[SCHEME]
    timeline = Timeline.unapproved(schedule)
    county = random_county(claims, seed=SEED, **YEARS)
    rows = len(county["member_id"])
    at_start = peak_mib()
    packing = best(lambda: pack(county, [timeline]), rounds=3)
    packed = pack(county, [timeline])
    table, loop, columns = rules_table(timeline, packed.span_starts), compiled_settle(), loop_columns(packed)
    outputs = [np.empty(rows, dtype=np.int64) for _ in RESULTS]
    loop(*columns, table, *outputs)
    column_pass, fused_pass = passes(packed)
    engine = by_column = fused = float("inf")
    for _ in range(12):
        engine = min(engine, best(lambda: loop(*columns, table, *outputs), rounds=1))
        by_column = min(by_column, best(column_pass, rounds=1))
        fused = min(fused, best(fused_pass, rounds=1))
    peak = peak_mib()

    without_reversals = random_county(claims, seed=SEED, reversed_share=0.0, **YEARS)
    schedules = {str(number): schedule for number in range(10)}
    to_simulate = pack_for(without_reversals, [schedule])
    simulate(to_simulate, {"first": schedule})
    simulated = best(lambda: simulate(to_simulate, schedules), rounds=5) / len(schedules)

    as_rows = rows_of(county)
    decimal, expected = decimal_loop(as_rows)
    settled = settle(packed, timeline)
    found = np.stack([settled[name] for name in RESULTS], axis=1)
    ids = county["settlement_id"][packed.order]
    differing = int((found != np.array([expected[identity] for identity in ids.tolist()])).any(axis=1).sum())
    assert differing == 0, f"{differing} of {rows} settlements differ from the Decimal loop"

    claim, day = Claim(3_000_000, 2_000_000, 800_000, 100_000, 1), date(2018, 3, 1)
    law = {"schedule": schedule, "day": day, "status": "poor", "tier": "county"}
    sheet = explain(claim, NEW_YEAR, **law)

    def thousand(run: Callable[[], Any]) -> Callable[[], Any]:
        return lambda: [run() for _ in range(1_000)]

    explained = best(thousand(lambda: explain(claim, NEW_YEAR, **law)), rounds=15) / 1_000
    stepped = best(thousand(lambda: step(claim, NEW_YEAR, sheet.rules)), rounds=15) / 1_000
    return {
        "settlements": rows,
        "equal_to_decimal_to_the_fen": rows,
        "engine_over_decimal": round(decimal / engine),
        "engine_over_column_pass": round(engine / by_column, 2),
        "engine_over_fused_pass": round(engine / fused, 2),
        "engine_ns_a_settlement": round(engine / rows * 1e9, 1),
        "pack_ms_a_million": round(packing / rows * 1e9, 1),
        "simulate_ms_a_million": round(simulated / claims * 1e9, 1),
        "explained_claim_us": round(explained * 1e6, 1),
        "explained_steps": len(sheet.steps),
        "step_alone_us": round(stepped * 1e6, 1),
        "decimal_us_a_settlement": round(decimal / rows * 1e6, 1),
        "peak_mib_before_and_after": [round(at_start), round(peak)],
    }


def growth(sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000, 3_000_000)) -> dict[int, float]:
    """Nanoseconds a settlement as the county grows; flat where the engine is linear."""
    timeline = Timeline.unapproved(schedules_on_file()[SCHEME])
    loop = compiled_settle()
    found = {}
    for size in sizes:
        packed = pack(random_county(size, seed=SEED, **YEARS), [timeline])
        table, columns = rules_table(timeline, packed.span_starts), loop_columns(packed)
        outputs = [np.empty(len(packed), dtype=np.int64) for _ in RESULTS]
        loop(*columns, table, *outputs)
        found[size] = round(best(lambda: loop(*columns, table, *outputs), rounds=9) / len(packed) * 1e9, 1)  # noqa: B023
    return found


def main(claims: int = 1_000_000) -> None:
    figures = {"seed": SEED, "claims": claims} | measured(claims)
    figures["start_up_seconds"] = {name: round(took, 2) for name, took in start_up_seconds().items()}
    figures["ns_a_settlement_by_size"] = growth()
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
