"""A12 at length: ten thousand acts against the law of payments and ledger, raw SQL as the app's own role."""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.trail import migrated_database
from tests.payments.attacks import ATTACKS, tried
from tests.payments.test_separation_of_duties import money_of, world_of
from tests.payments.trade import opened_trade
from tests.soak.record import Result

NAME = "separation-tries"
DESCRIPTION = (
    "With every check of the app switched off: acts that no rule allows, as raw SQL of the app's own role, against "
    "batches and payments in every state (A12)."
)
OURS = {"42601", "42703", "42P01", "42883"}
"""SQLSTATEs of a mistake in an act's own text: it would be refused for nothing."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tries", type=int, default=10_000)


def run(args: argparse.Namespace) -> Result:
    chance = random.Random(args.seed)
    names = [*ATTACKS, *chance.choices(list(ATTACKS), k=args.tries - len(ATTACKS))]
    passed: list[str] = []
    refused: Counter[str] = Counter()
    with migrated_database() as database, TemporaryDirectory() as folder:
        trade = opened_trade(database, Path(folder))
        world = world_of(trade)
        before = money_of(trade)
        for number, name in enumerate(names, 1):
            try:
                refused[tried(world, name, chance)] += 1
            except AssertionError as act:
                passed.append(str(act)[:300])
            if number % 1000 == 0:
                print(f"  {number:>6,} tried, {len(passed)} passed", flush=True)
        is_as_before = money_of(trade) == before
        world.intruder.close()
        trade.close()
    faults = [*passed[:20], *(f"{state}: a mistake of an act's own text" for state in refused if state in OURS)]
    if not is_as_before:
        faults.append("payments, batches or balances are not what they were")
    counts = {
        "kinds of act": len(ATTACKS),
        "acts tried": len(names),
        "acts that passed": len(passed),
        **{f"refused with SQLSTATE {state}": count for state, count in sorted(refused.items())},
    }
    remarks = [
        "23xxx: a law of the database (keys, checks, triggers with `restrict_violation`); 42501: a right not granted.",
        "Afterwards every payment, batch and balance was what it had been, column by column.",
    ]
    return Result(counts, faults, remarks)
