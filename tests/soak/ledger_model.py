"""A8 at length: the ledger against its model, two hundred thousand steps and more."""

from __future__ import annotations

import argparse

import psycopg
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.bench.trail import migrated_database
from tests.ledger.model import LedgerMachine
from tests.soak.record import Result

NAME = "ledger-model"
DESCRIPTION = "The ledger is driven beside a model of a few lines: postings, crooked ones, late legs, reversals (A8)."
STEPS_OF_A_RUN = 100


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", type=int, default=200_000)


def run(args: argparse.Namespace) -> Result:
    """Fails with the first step on which the two part, shrunk to the fewest that still part."""
    with migrated_database() as test_database:
        database = test_database.desk("contractor")
        LedgerMachine.database = database
        LedgerMachine.tried.clear()
        round_ = 0
        while LedgerMachine.tried["step"] < args.steps:
            # In rounds: Hypothesis remembers every choice of a round, and the count of steps is a floor, not a hope.
            left = args.steps - LedgerMachine.tried["step"]
            seed(args.seed + round_)(run_state_machine_as_test)(LedgerMachine, settings=_much(left))
            round_ += 1
            print(f"  {LedgerMachine.tried['step']:>9,} steps", flush=True)
        kept = _kept(test_database)
        database.engine.dispose()
    counts = {f"{what}s": count for what, count in sorted(LedgerMachine.tried.items())}
    remarks = [
        "After each step every balance is compared with the model's; after each run of "
        f"{STEPS_OF_A_RUN} steps the identity of MONEY.md is computed from the legs. Each run has a county of its own.",
        "Crooked postings and late legs are raw SQL of the app's own role: not one was taken.",
    ]
    return Result(counts | kept, remarks=remarks)


def _much(steps: int) -> settings:
    return settings(
        max_examples=min(max(-(-steps // STEPS_OF_A_RUN), 1), 100),
        stateful_step_count=STEPS_OF_A_RUN,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=(Phase.generate, Phase.shrink),
    )


def _kept(test_database) -> dict[str, int]:
    url = test_database.owner_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT count(*), (SELECT count(*) FROM contractor.leg), "
            "count(*) FILTER (WHERE reverses_posting_id IS NOT NULL) FROM contractor.posting"
        ).fetchone()
    return {"postings kept": rows[0], "legs kept": rows[1], "of them reversals": rows[2]}
