"""What became of a county's claims, read back from the database: every claim in one row of one table, and the sums."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from rulebook.money import PPM


class Outcome(NamedTuple):
    """One row of the officer's table.

    `event` is the last of the claims' lives, `reason` its code, "" for none. What was awarded is what was decided to be
    paid; of it the bank may have refused or returned some, which is then not paid.
    """

    route: str
    state: str
    event: str
    reason: str
    claims: int
    charged_fen: int
    awarded_fen: int
    paid_fen: int


def outcomes(session: Session, county_code: str) -> list[Outcome]:
    """Every claim once, by route, end state, last event and reason; what the bank has paid for them beside it."""
    rows = session.execute(
        text(
            """
            SELECT c.route, c.state, coalesce(e.event, ''), coalesce(e.reason_code, ''),
                   count(*), sum(c.charged_fen)::bigint, coalesce(sum(p.awarded_fen), 0)::bigint,
                   coalesce(sum(p.paid_fen), 0)::bigint
            FROM contractor.claim AS c
            LEFT JOIN contractor.claim_event AS e
              ON e.county_code = c.county_code AND e.claim_id = c.id AND e.event_no = c.version
            LEFT JOIN (SELECT county_code, claim_id, sum(amount_fen) AS awarded_fen,
                              sum(amount_fen) FILTER (WHERE state = 'paid') AS paid_fen
                       FROM contractor.payment WHERE replaces_payment_id IS NULL GROUP BY county_code, claim_id) AS p
              ON p.county_code = c.county_code AND p.claim_id = c.id
            WHERE c.county_code = :county_code GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            """
        ),
        {"county_code": county_code},
    )
    return [Outcome(*row) for row in rows]


def findings(session: Session, county_code: str) -> dict[str, int]:
    """How many claims each check names."""
    rows = session.execute(
        text(
            "SELECT rule, count(DISTINCT claim_id) FROM contractor.claim_finding WHERE county_code = :county_code "
            "GROUP BY rule ORDER BY rule"
        ),
        {"county_code": county_code},
    )
    return {row[0]: row[1] for row in rows}


class ByTier(NamedTuple):
    """Settled stays of one tier of institution."""

    tier: int
    stays: int
    cost_fen: int
    benefits_fen: int
    serious_fen: int

    @property
    def share_ppm(self) -> int:
        return self.benefits_fen * PPM // self.cost_fen if self.cost_fen else 0


def by_tier(session: Session, county_code: str) -> list[ByTier]:
    """What settled stays cost the members and what the benefits come to, township first."""
    rows = session.execute(
        text(
            "SELECT tier, count(*), sum(cost_fen)::bigint, sum(benefits_fen)::bigint, sum(serious_fen)::bigint "
            "FROM contractor.settlement WHERE county_code = :county_code GROUP BY tier ORDER BY tier"
        ),
        {"county_code": county_code},
    )
    return [ByTier(*row) for row in rows]
