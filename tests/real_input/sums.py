"""One county's money at every station of its way, each read from where it lies, to be equal to the fen."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from oversight.audits.county import Recomputed, recompute_county
from oversight.registry.schedules.law import law_of
from simulated_bank.memory import open_memory
from tests.demo.house import LivedIn

ANSWERED = ("paid", "refused", "returned")


@dataclass(frozen=True)
class Charged:
    """What was asked for."""

    in_claims_fen: int
    in_lines_fen: int


@dataclass(frozen=True)
class Owed:
    """What was decided, and the payments it became."""

    settled_fen: int
    from_accounts_fen: int
    planned_fen: int
    in_batches_fen: int
    waiting_fen: int


@dataclass(frozen=True)
class Answers:
    """By what the bank said: the payments' own states, and what the bank remembers."""

    paid_fen: int
    refused_fen: int
    returned_fen: int


@dataclass(frozen=True)
class Ledger:
    """The entrusted and the insurance books together."""

    received_fen: int
    at_the_bank_fen: int
    in_transit_fen: int
    paid_out_fen: int
    in_suspense_fen: int
    sum_of_all_legs_fen: int


def charged(session: Session, county_code: str) -> Charged:
    return Charged(
        _sum(session, "SELECT sum(charged_fen) FROM contractor.claim WHERE county_code = :county_code", county_code),
        _sum(
            session, "SELECT sum(charged_fen) FROM contractor.claim_line WHERE county_code = :county_code", county_code
        ),
    )


def owed(session: Session, county_code: str) -> Owed:
    """Medical assistance is civil affairs' to pay and no part of it; neither source has anybody entitled."""
    return Owed(
        settled_fen=_sum(
            session,
            "SELECT sum(benefits_fen - assistance_fen) FROM contractor.settlement WHERE county_code = :county_code",
            county_code,
        ),
        from_accounts_fen=_sum(
            session, "SELECT sum(paid_fen) FROM contractor.account_entry WHERE county_code = :county_code", county_code
        ),
        planned_fen=_sum(
            session, "SELECT sum(amount_fen) FROM contractor.payment WHERE county_code = :county_code", county_code
        ),
        in_batches_fen=_sum(
            session, "SELECT sum(total_fen) FROM contractor.payment_batch WHERE county_code = :county_code", county_code
        ),
        waiting_fen=_sum(
            session,
            "SELECT sum(amount_fen) FROM contractor.payment WHERE county_code = :county_code AND state = 'planned'",
            county_code,
        ),
    )


def answers_in_payments(session: Session, county_code: str) -> Answers:
    rows = session.execute(
        text(
            "SELECT state, sum(amount_fen)::bigint FROM contractor.payment WHERE county_code = :county_code "
            "GROUP BY state"
        ),
        {"county_code": county_code},
    )
    states: dict[str, int] = {row[0]: row[1] for row in rows}
    return Answers(states.get("paid", 0), states.get("refused_by_bank", 0), states.get("returned", 0))


def answers_at_the_bank(home: LivedIn) -> Answers:
    """What the bank itself remembers of every line it was ever ordered to pay."""
    with closing(open_memory(home.folder / "bank.sqlite")) as memory:
        rows = memory.execute("SELECT state, sum(amount_fen) FROM line GROUP BY state").fetchall()
    states = {row[0]: row[1] for row in rows}
    assert set(states) <= set(ANSWERED), f"the bank has not answered for everything: {states}"
    return Answers(*(states.get(state, 0) for state in ANSWERED))


def ledger(session: Session, county_code: str) -> Ledger:
    """Balances by the role an account plays: 101 bank, 101.9 in transit, 301 paid, 201 received, 202 suspense."""
    rows = session.execute(
        text(
            "SELECT substr(account_code, 2), sum(balance_fen)::bigint FROM contractor.account_balance "
            "WHERE county_code = :county_code GROUP BY 1"
        ),
        {"county_code": county_code},
    )
    balances: dict[str, int] = {row[0]: row[1] for row in rows}
    return Ledger(
        received_fen=balances.pop("201", 0),
        at_the_bank_fen=balances.pop("101", 0),
        in_transit_fen=balances.pop("101.9", 0),
        paid_out_fen=sum(balances.pop(code) for code in list(balances) if code.startswith("301")),
        in_suspense_fen=balances.pop("202", 0),
        sum_of_all_legs_fen=_sum(
            session, "SELECT sum(amount_fen) FROM contractor.leg WHERE county_code = :county_code", county_code
        ),
    )


def recomputed(home: LivedIn, county_code: str) -> Recomputed:
    """The county's own computation of all that was published."""
    county = home.databases["county"]
    with county.transaction() as session:
        law = law_of(session, county_code)
    return recompute_county(county.engine, county_code, law)


def _sum(session: Session, statement: str, county_code: str) -> int:
    return int(session.scalar(text(statement), {"county_code": county_code}) or 0)
