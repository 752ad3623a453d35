"""A8 at length: the ledger against its model for twenty thousand steps."""

from __future__ import annotations

import argparse

import psycopg
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from contractor.ledger.identity import identities
from tests.bench.trail import migrated_database
from tests.ledger.model import COUNTY, LedgerMachine

NAME = "ledger-model"
DESCRIPTION = "The ledger is driven beside a model of a few lines: postings, crooked ones, late legs, reversals (A8)."


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", type=int, default=20_000)


def run(args: argparse.Namespace) -> dict[str, int]:
    """Fails with the first step on which the two part."""
    steps = 100
    with migrated_database() as test_database:
        database = test_database.desk("contractor")
        LedgerMachine.database = database
        LedgerMachine.steps = 0
        much = settings(
            max_examples=max(args.steps // steps, 1),
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        seed(args.seed)(run_state_machine_as_test)(LedgerMachine, settings=much)
        with database.transaction() as session:
            held = [one.holds for one in identities(session, COUNTY)]
        postings = _kept(test_database)
        database.engine.dispose()
    assert all(held)
    return {"steps at most": args.steps, "postings tried": LedgerMachine.steps, "postings kept": postings}


def _kept(test_database) -> int:
    with psycopg.connect(test_database.owner_url) as connection:
        return connection.execute("SELECT count(*) FROM contractor.posting").fetchone()[0]
