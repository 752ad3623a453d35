"""A whole county walked along the path once, and everything that a test or a record reads off afterwards."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from oversight.audits.county import Recomputed
from tests.conftest import Servers
from tests.demo.house import LivedIn
from tests.real_input import sums
from tests.real_input.county import RealCounty
from tests.real_input.desk import decide_waiting
from tests.real_input.house import house_of, send_in
from tests.real_input.outcomes import ByTier, Outcome, by_tier, findings, outcomes
from tests.real_input.path import assess_all
from tests.real_input.paying import Handed, pay


@dataclass(frozen=True)
class Walked:
    """What became of a county. Every amount is read back from where it lies at the end."""

    county: RealCounty
    home: LivedIn
    sent_fen: int
    assessed: Counter[str]
    desk: Counter[str]
    handed: Handed
    outcomes: list[Outcome]
    findings: dict[str, int]
    tiers: list[ByTier]
    charged: sums.Charged
    owed: sums.Owed
    in_payments: sums.Answers
    at_the_bank: sums.Answers
    ledger: sums.Ledger
    recomputed: Recomputed
    seconds: dict[str, float]


@contextmanager
def walked(servers: Servers, template: str, county: RealCounty, *, most_batches: int | None = None) -> Iterator[Walked]:
    """The county from its first list to the county's recomputation; the house stands as long as the caller needs it.

    Args:
        most_batches: pay no more groups of payments than this; the others stay planned.
    """
    code, seconds = county.county_code, {}
    begun = time.perf_counter()

    def noted(stage: str) -> None:
        nonlocal begun
        now = time.perf_counter()
        seconds[stage], begun = now - begun, now

    with house_of(servers, template, county) as home:
        noted("registry and law")
        sent = send_in(home, county)
        noted("taken in")
        assessed = assess_all(home, sent)
        noted("credited, checked, settled and decided by rule")
        desk = decide_waiting(home, code)
        noted("decided at the desk")
        handed = pay(home, code, most_batches=most_batches)
        noted("paid")
        again = sums.recomputed(home, code)
        noted("recomputed")
        with home.databases["contractor"].transaction() as session:
            yield Walked(
                county=county,
                home=home,
                sent_fen=sum(file.taken.charged_fen for file in sent),
                assessed=assessed,
                desk=desk,
                handed=handed,
                outcomes=outcomes(session, code),
                findings=findings(session, code),
                tiers=by_tier(session, code),
                charged=sums.charged(session, code),
                owed=sums.owed(session, code),
                in_payments=sums.answers_in_payments(session, code),
                at_the_bank=sums.answers_at_the_bank(home),
                ledger=sums.ledger(session, code),
                recomputed=again,
                seconds=seconds,
            )


def faults_in(walk: Walked) -> list[str]:
    """Every station at which the money is not what it was at the one before; none in a sound house."""
    owed, answers, ledger, again = walk.owed, walk.in_payments, walk.ledger, walk.recomputed
    left_fen = owed.planned_fen - owed.waiting_fen
    answered_fen = answers.paid_fen + answers.refused_fen + answers.returned_fen
    equal = {
        "source and files": (walk.county.charged_fen, walk.sent_fen),
        "files and claims": (walk.sent_fen, walk.charged.in_claims_fen),
        "claims and their lines": (walk.charged.in_claims_fen, walk.charged.in_lines_fen),
        "claims in the table of outcomes": (len(walk.county.claims), sum(row.claims for row in walk.outcomes)),
        "charged in the table of outcomes": (walk.charged.in_claims_fen, sum(row.charged_fen for row in walk.outcomes)),
        "decided and planned": (owed.settled_fen + owed.from_accounts_fen, owed.planned_fen),
        "planned and in batches": (left_fen, owed.in_batches_fen),
        "batches and the bank's files": (owed.in_batches_fen, walk.handed.total_fen),
        "the bank's files and its answers": (walk.handed.total_fen, answered_fen),
        "paid, by payments and by the bank": (answers.paid_fen, walk.at_the_bank.paid_fen),
        "refused, by payments and by the bank": (answers.refused_fen, walk.at_the_bank.refused_fen),
        "returned, by payments and by the bank": (answers.returned_fen, walk.at_the_bank.returned_fen),
        "paid out, by the ledger": (answers.paid_fen + answers.returned_fen, ledger.paid_out_fen),
        "in suspense, by the ledger": (answers.returned_fen, ledger.in_suspense_fen),
        "at the bank, by the ledger": (ledger.received_fen - answers.paid_fen, ledger.at_the_bank_fen),
        "in transit": (0, ledger.in_transit_fen),
        "all legs of the ledger": (0, ledger.sum_of_all_legs_fen),
        "decided and published": (owed.settled_fen + owed.from_accounts_fen, again.published_fen),
        "published and recomputed": (again.published_fen, again.recomputed_fen),
        "awarded in the table of outcomes": (owed.planned_fen, sum(row.awarded_fen for row in walk.outcomes)),
        "paid in the table of outcomes": (answers.paid_fen, sum(row.paid_fen for row in walk.outcomes)),
    }
    faults = [f"{what}: {first} and {second}" for what, (first, second) in equal.items() if first != second]
    return faults + [f"recomputed: {row}" for row in again.differences.head(5).to_dict("records")]
