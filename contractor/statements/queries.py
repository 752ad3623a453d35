"""A month's statement of one institution: every decision and reversal of its own claims, with what is paid on each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# Payments that were given up are replaced by others, or by none; both say nothing of what is owed.
GONE = ("cancelled", "reissued")
_DECIDED = """
    SELECT s.claim_id, s.decided_at AS at, s.benefits_fen, s.assistance_fen,
           s.reverses_settlement_id <> 0 AS is_reversal,
           s.id AS settlement_id, NULL::bigint AS account_entry_id
    FROM contractor.settlement AS s
    JOIN contractor.claim AS c ON c.county_code = s.county_code AND c.id = s.claim_id
    WHERE s.county_code = :county_code AND c.institution_code = :institution_code AND c.route <> 'manual'
      AND s.decided_at >= :begins_at AND s.decided_at < :ends_at
    UNION ALL
    SELECT e.claim_id, e.at, e.paid_fen, 0, e.reverses_entry_id <> 0, NULL, e.entry_id
    FROM contractor.account_entry AS e
    JOIN contractor.claim AS c ON c.county_code = e.county_code AND c.id = e.claim_id
    WHERE e.county_code = :county_code AND c.institution_code = :institution_code
      AND e.at >= :begins_at AND e.at < :ends_at
"""


@dataclass(frozen=True)
class Totals:
    claim_count: int
    charged_fen: int
    institution_reduced_fen: int
    taken_off_fen: int
    benefits_fen: int
    advanced_fen: int
    due_fen: int
    paid_fen: int


def statement(
    session: Session, county_code: str, institution_code: str, *, begins_at: dt.datetime, ends_at: dt.datetime
) -> Sequence[Row]:
    """A row per decision or reversal, in the order they were made.

    Sample: 4217, "ZY2024010500017", direct, 张桂兰, 2026-03-07, charged 702180, taken off 38200, benefits 425010,
    advanced 452670, due 425010, paid 0.
    """
    return session.execute(
        text(
            f"""
            WITH decided AS ({_DECIDED})
            SELECT d.claim_id, d.at, d.is_reversal, d.benefits_fen, d.assistance_fen, c.claim_number, c.route,
                   c.admitted_on, c.discharged_on, c.charged_fen, c.institution_reduced_fen, c.advanced_fen,
                   m.name AS member_name, c.card_number,
                   coalesce(cut.taken_off_fen, 0)::bigint AS taken_off_fen, cut.reasons,
                   coalesce(money.due_fen, 0)::bigint AS due_fen, coalesce(money.paid_fen, 0)::bigint AS paid_fen
            FROM decided AS d
            JOIN contractor.claim AS c ON c.county_code = :county_code AND c.id = d.claim_id
            LEFT JOIN registry.published_member AS m ON m.county_code = c.county_code AND m.id = c.member_id
            LEFT JOIN LATERAL (
                SELECT sum(greatest(l.charged_fen - greatest(
                           (l.quantity_e4 * CASE WHEN l.price_limit_e4 >= 0
                            THEN least(l.unit_price_e4, l.price_limit_e4) ELSE l.unit_price_e4 END + 500000) / 1000000
                           - l.reduced_fen, 0), 0)) AS taken_off_fen,
                       array_agg(DISTINCT l.reduce_reason) FILTER (WHERE l.reduce_reason IS NOT NULL) AS reasons
                FROM contractor.claim_line AS l WHERE l.county_code = c.county_code AND l.claim_id = c.id
            ) AS cut ON true
            LEFT JOIN LATERAL (
                SELECT sum(p.amount_fen) AS due_fen, sum(p.amount_fen) FILTER (WHERE p.state = 'paid') AS paid_fen
                FROM contractor.payment AS p
                WHERE p.county_code = c.county_code AND p.claim_id = c.id AND p.institution_code = c.institution_code
                  AND p.state <> ALL(:gone)
                  AND (p.settlement_id = d.settlement_id OR p.account_entry_id = d.account_entry_id)
            ) AS money ON true
            ORDER BY d.at, d.claim_id, d.is_reversal
            """  # noqa: S608 – the parts are our own
        ),
        {
            "county_code": county_code,
            "institution_code": institution_code,
            "begins_at": begins_at,
            "ends_at": ends_at,
            "gone": list(GONE),
        },
    ).all()


def totals(rows: Sequence[Row]) -> Totals:
    """The foot of the statement. A claim taken back counts for nothing: its charges are not added twice."""
    signs = [-1 if row.is_reversal else 1 for row in rows]
    pairs = list(zip(rows, signs, strict=True))
    return Totals(
        claim_count=len({row.claim_id for row in rows}),
        charged_fen=sum(sign * row.charged_fen for row, sign in pairs),
        institution_reduced_fen=sum(sign * row.institution_reduced_fen for row, sign in pairs),
        taken_off_fen=sum(sign * row.taken_off_fen for row, sign in pairs),
        benefits_fen=sum(row.benefits_fen for row in rows),
        advanced_fen=sum(sign * row.advanced_fen for row, sign in pairs),
        due_fen=sum(row.due_fen for row in rows),
        paid_fen=sum(row.paid_fen for row in rows),
    )


def months_with_decisions(session: Session, county_code: str, institution_code: str) -> list[dt.date]:
    """The first days of the months in which something was decided for the institution, latest first."""
    rows = session.execute(
        text(
            f"""
            SELECT DISTINCT date_trunc('month', d.at AT TIME ZONE 'Asia/Shanghai')::date AS month
            FROM ({_DECIDED}) AS d ORDER BY month DESC LIMIT 60
            """  # noqa: S608 – the parts are our own
        ),
        {
            "county_code": county_code,
            "institution_code": institution_code,
            "begins_at": dt.datetime.min.replace(tzinfo=dt.UTC),
            "ends_at": dt.datetime.max.replace(tzinfo=dt.UTC),
        },
    )
    return list(rows.scalars())
