"""Reads of corrections and appeals: what waits, what ended, what is still owed back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from contractor.corrections.tables import Appeal, Correction

MOST_SHOWN = 60


def corrections(session: Session, county_code: str, *, is_open: bool) -> Sequence[Correction]:
    c = Correction
    asked = select(c).where(c.county_code == county_code)
    if is_open:
        asked = asked.where(c.confirmed_at.is_(None), c.withdrawn_at.is_(None))
    else:
        asked = asked.where(c.confirmed_at.is_not(None) | c.withdrawn_at.is_not(None))
    return session.scalars(asked.order_by(c.id.desc()).limit(MOST_SHOWN)).all()


def correction_of(session: Session, county_code: str, correction_id: int) -> Correction | None:
    return session.get(Correction, (county_code, correction_id), populate_existing=True)


def lines_with_claims(
    session: Session, county_code: str, correction_id: int, *, after: int, size: int
) -> Sequence[Row]:
    """The lines of a correction in its order, with what names each claim."""
    return session.execute(
        text(
            "SELECT l.place, l.claim_id, l.is_cause, l.before_fen, l.after_fen, c.claim_number, c.discharged_on "
            "FROM contractor.correction_line AS l "
            "JOIN contractor.claim AS c ON (c.county_code, c.id) = (l.county_code, l.claim_id) "
            "WHERE l.county_code = :county_code AND l.correction_id = :id AND l.place > :after "
            "ORDER BY l.place LIMIT :size"
        ),
        {"county_code": county_code, "id": correction_id, "after": after, "size": size},
    ).all()


def numbers_of(session: Session, county_code: str, claim_ids: Sequence[int]) -> dict[int, str]:
    """The institution's own number of each claim."""
    rows = session.execute(
        text("SELECT id, claim_number FROM contractor.claim WHERE county_code = :county_code AND id = ANY(:ids)"),
        {"county_code": county_code, "ids": list(claim_ids)},
    )
    return {row[0]: row[1] for row in rows}


def payments_of_claim(session: Session, county_code: str, claim_id: int) -> Sequence[Row]:
    """What was planned or paid for a claim's standing decision, and to whom."""
    return session.execute(
        text(
            "SELECT p.id, p.fund, p.payee_kind, p.account_name, p.amount_fen, p.state FROM contractor.payment AS p "
            "WHERE p.county_code = :county_code AND p.claim_id = :claim_id "
            "AND p.state NOT IN ('cancelled', 'reissued') ORDER BY p.id"
        ),
        {"county_code": county_code, "claim_id": claim_id},
    ).all()


def still_owed(session: Session, county_code: str) -> Sequence[Row]:
    """What payees still hold: by claim and fund, the largest first."""
    return session.execute(
        text(
            "SELECT d.claim_id, c.claim_number, d.fund, d.payee_kind, min(d.at) AS since, "
            "sum(d.amount_fen - coalesce(m.fen, 0))::bigint AS open_fen FROM contractor.owed_back AS d "
            "JOIN contractor.claim AS c ON (c.county_code, c.id) = (d.county_code, d.claim_id) "
            "LEFT JOIN (SELECT county_code, owed_back_id, sum(amount_fen) AS fen FROM ("
            "SELECT county_code, owed_back_id, amount_fen FROM contractor.set_off UNION ALL "
            "SELECT county_code, owed_back_id, amount_fen FROM contractor.repayment WHERE confirmed_at IS NOT NULL) "
            "AS back GROUP BY county_code, owed_back_id) AS m "
            "ON (m.county_code, m.owed_back_id) = (d.county_code, d.id) "
            "WHERE d.county_code = :county_code AND d.amount_fen > coalesce(m.fen, 0) "
            "GROUP BY d.claim_id, c.claim_number, d.fund, d.payee_kind ORDER BY open_fen DESC LIMIT :most"
        ),
        {"county_code": county_code, "most": MOST_SHOWN},
    ).all()


def appeals(session: Session, county_code: str, *, is_open: bool) -> Sequence[Row]:
    answered = "a.outcome IS NULL" if is_open else "a.outcome IS NOT NULL"
    return session.execute(
        text(
            "SELECT a.id, a.claim_id, c.claim_number, a.filed_by, a.filed_on, a.due_on, a.outcome "  # noqa: S608
            "FROM contractor.appeal AS a "
            "JOIN contractor.claim AS c ON (c.county_code, c.id) = (a.county_code, a.claim_id) "
            f"WHERE a.county_code = :county_code AND {answered} ORDER BY a.due_on, a.id LIMIT :most"
        ),
        {"county_code": county_code, "most": MOST_SHOWN},
    ).all()


def appeal_of(session: Session, county_code: str, appeal_id: int) -> Appeal | None:
    return session.get(Appeal, (county_code, appeal_id), populate_existing=True)


def waiting_count(session: Session, county_code: str) -> int:
    asked = text(
        "SELECT (SELECT count(*) FROM contractor.correction WHERE county_code = :county_code AND confirmed_at IS NULL "
        "AND withdrawn_at IS NULL) + (SELECT count(*) FROM contractor.appeal WHERE county_code = :county_code "
        "AND outcome IS NULL)"
    )
    return int(session.execute(asked, {"county_code": county_code}).scalar_one())
