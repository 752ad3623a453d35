"""What became of a county's claims, read back from the database: every claim in one row of one table, and the sums."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from rulebook.money import PPM


class Outcome(NamedTuple):
    """One row of the officer's table. `event` is the last of the claims' lives, `reason` its code, "" for none."""

    route: str
    state: str
    event: str
    reason: str
    claims: int
    charged_fen: int
    paid_fen: int

    @property
    def paid_ppm(self) -> int:
        """What was paid of what was charged, in parts per million, rounded down."""
        return self.paid_fen * PPM // self.charged_fen if self.charged_fen else 0


def outcomes(session: Session, county_code: str) -> list[Outcome]:
    """Every claim once, by route, end state, last event and reason; what the bank has paid for them beside it."""
    rows = session.execute(
        text(
            """
            SELECT c.route, c.state, coalesce(e.event, ''), coalesce(e.reason_code, ''),
                   count(*), sum(c.charged_fen)::bigint, coalesce(sum(p.paid_fen), 0)::bigint
            FROM contractor.claim AS c
            LEFT JOIN contractor.claim_event AS e
              ON e.county_code = c.county_code AND e.claim_id = c.id AND e.event_no = c.version
            LEFT JOIN (SELECT county_code, claim_id, sum(amount_fen) AS paid_fen FROM contractor.payment
                       WHERE state = 'paid' GROUP BY county_code, claim_id) AS p
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
    return dict(rows.tuples().all())
