"""Reads of debts: who holds what of which claim, since when, and how much of it came back which way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from contractor.recoveries.tables import Repayment


@dataclass(frozen=True, slots=True)
class Debt:
    """One debt as it stands: what was paid, what met a new decision, what came back, what is left."""

    owed_back_id: int
    claim_id: int
    claim_number: str
    fund: str
    payee_kind: str
    institution_code: str | None
    payee_name: str | None
    reason_code: str
    since: dt.datetime
    amount_fen: int
    set_off_fen: int
    repaid_fen: int
    waiting_fen: int

    @property
    def open_fen(self) -> int:
        return self.amount_fen - self.set_off_fen - self.repaid_fen


# A sample row: 7, 12, "D2026-3", pooled, institution, 990121001, "河口卫生院", wrong_person, 2026-…, 3912, 0, 100, 0
_DEBTS = """
    SELECT debt.id, debt.claim_id, claim.claim_number, debt.fund, debt.payee_kind, debt.institution_code, (
            SELECT payment.account_name FROM contractor.payment
            WHERE (payment.county_code, payment.claim_id, payment.fund) = (debt.county_code, debt.claim_id, debt.fund)
              AND payment.state = 'paid' ORDER BY payment.id DESC LIMIT 1),
        debt.reason_code, debt.at, debt.amount_fen, met.fen, back.repaid_fen, back.waiting_fen
    FROM contractor.owed_back AS debt
    JOIN contractor.claim ON (claim.county_code, claim.id) = (debt.county_code, debt.claim_id)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount_fen), 0)::bigint AS fen FROM contractor.set_off
        WHERE (county_code, owed_back_id) = (debt.county_code, debt.id)) AS met
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount_fen) FILTER (WHERE confirmed_at IS NOT NULL), 0)::bigint AS repaid_fen,
            coalesce(sum(amount_fen) FILTER (WHERE confirmed_at IS NULL AND withdrawn_at IS NULL), 0)::bigint
                AS waiting_fen
        FROM contractor.repayment WHERE (county_code, owed_back_id) = (debt.county_code, debt.id)) AS back
    WHERE debt.county_code = :county_code
"""
_STILL_OPEN = " AND debt.amount_fen > met.fen + back.repaid_fen"
_WAITING = " AND back.waiting_fen > 0"
WHICH = {"open": _STILL_OPEN, "waiting": _WAITING, "all": ""}


def debts(session: Session, county_code: str, which: str, *, before: int | None = None, size: int) -> list[Debt]:
    """The newest first. `which`: open, waiting (something is entered and not yet confirmed) or all."""
    query = _DEBTS + WHICH[which] + (" AND debt.id < :before" if before else "")
    given = {"county_code": county_code, "size": size} | ({"before": before} if before else {})
    rows = session.execute(text(f"{query} ORDER BY debt.id DESC LIMIT :size"), given)
    return [Debt(*row) for row in rows]


def debt_of(session: Session, county_code: str, owed_back_id: int) -> Debt | None:
    given = {"county_code": county_code, "id": owed_back_id}
    row = session.execute(text(f"{_DEBTS} AND debt.id = :id"), given).one_or_none()
    return Debt(*row) if row is not None else None


def sums(session: Session, county_code: str) -> Sequence[Row]:
    """By fund: how many debts are open, what is left of them, and what came back and was set off of all."""
    return session.execute(
        text(
            "SELECT fund, count(*) FILTER (WHERE amount_fen > fen + repaid_fen) AS open_count, "  # noqa: S608
            "sum(amount_fen - fen - repaid_fen)::bigint AS open_fen, sum(fen)::bigint AS set_off_fen, "
            "sum(repaid_fen)::bigint AS repaid_fen "
            f"FROM ({_DEBTS}) AS debt (id, claim_id, claim_number, fund, payee_kind, institution_code, payee_name, "
            "reason_code, at, amount_fen, fen, repaid_fen, waiting_fen) GROUP BY fund ORDER BY fund"
        ),
        {"county_code": county_code},
    ).all()


def repayments_of(session: Session, county_code: str, owed_back_id: int) -> Sequence[Repayment]:
    r = Repayment
    asked = select(r).where(r.county_code == county_code, r.owed_back_id == owed_back_id)
    return session.scalars(asked.order_by(r.id).execution_options(populate_existing=True)).all()


def repayment_of(session: Session, county_code: str, repayment_id: int) -> Repayment | None:
    return session.get(Repayment, (county_code, repayment_id), populate_existing=True)


def set_offs_of(session: Session, county_code: str, owed_back_id: int) -> Sequence[Row]:
    """What new decisions took from it: when, how much."""
    return session.execute(
        text(
            "SELECT at, amount_fen FROM contractor.set_off WHERE county_code = :county_code AND owed_back_id = :id "
            "ORDER BY id"
        ),
        {"county_code": county_code, "id": owed_back_id},
    ).all()


def waiting_count(session: Session, county_code: str, *, but_by: int) -> int:
    """Repayments that wait for a second person who is not this one."""
    asked = text(
        "SELECT count(*) FROM contractor.repayment WHERE county_code = :county_code AND confirmed_at IS NULL "
        "AND withdrawn_at IS NULL AND entered_by <> :by"
    )
    return int(session.execute(asked, {"county_code": county_code, "by": but_by}).scalar_one())
