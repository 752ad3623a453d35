"""What a stay cost beside its like: the same diagnosis category at the same tier, over twelve months.

The whole county is measured in one statement, every night; a claim then reads one row and finds its place among
ninety-nine percentiles. A place is a lead for the eye. What counts as an outlier is for the check F28 to say.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from rulebook.checks.frames import LONGEST_ICD_9, category_of

MEASURED_DAYS = 365
FEWEST = 20
"""Below this a percentile says nothing."""
GONE = ("rejected", "withdrawn", "reversed")

# The category as `category_of` forms it, so that a claim finds its row.
_MEASURE = text(  # the number is the rulebook's own
    "INSERT INTO contractor.peer_cost AS p "  # noqa: S608
    "(county_code, category, tier, stay_count, percentiles_fen, measured_at) "
    "SELECT c.county_code, "
    f"CASE WHEN c.diagnosis_code ~ '^[0-9]{{{LONGEST_ICD_9 + 1},}}$' THEN c.diagnosis_code "
    "ELSE left(c.diagnosis_code, 3) END AS category, i.tier, count(*), "
    "percentile_disc(ARRAY(SELECT part / 100.0 FROM generate_series(1, 99) AS part)) "
    "WITHIN GROUP (ORDER BY c.charged_fen), :at "
    "FROM contractor.claim AS c JOIN registry.published_institution AS i "
    "ON i.county_code = c.county_code AND i.institution_code = c.institution_code "
    "WHERE c.county_code = :county_code AND c.route <> 'outpatient' AND c.state <> ALL(:gone) "
    "AND c.assessed_at IS NOT NULL AND c.discharged_on > :after AND c.discharged_on <= :on "
    "GROUP BY c.county_code, category, i.tier "
    "ON CONFLICT (county_code, category, tier) DO UPDATE SET stay_count = excluded.stay_count, "
    "percentiles_fen = excluded.percentiles_fen, measured_at = excluded.measured_at"
)
# What nobody came with for a year is known no longer.
_FORGET = text(
    "UPDATE contractor.peer_cost SET stay_count = 0, measured_at = :at "
    "WHERE county_code = :county_code AND measured_at < :at AND stay_count > 0"
)
_ONE = text(
    "SELECT stay_count, percentiles_fen, measured_at FROM contractor.peer_cost "
    "WHERE county_code = :county_code AND category = :category AND tier = :tier"
)


@dataclass(frozen=True)
class PeerCosts:
    """What stays of one category at one tier cost."""

    category: str
    stay_count: int
    percentiles_fen: tuple[int, ...]
    measured_at: dt.datetime

    @property
    def is_telling(self) -> bool:
        return self.stay_count >= FEWEST

    def percentile(self, number: int) -> int:
        """What `number` of a hundred stays cost at most, in fen."""
        return self.percentiles_fen[number - 1]

    def place_of(self, charged_fen: int) -> int:
        """How many of a hundred stays cost less, from 0 to 99."""
        below = bisect_right(self.percentiles_fen, charged_fen - 1)
        return min(below, 99)


def peers_of(session: Session, *, county_code: str, diagnosis_code: str, tier: int) -> PeerCosts | None:
    """Last night's measure of a claim's like; None where nothing was measured."""
    category = category_of(diagnosis_code)
    row = session.execute(_ONE, {"county_code": county_code, "category": category, "tier": tier}).one_or_none()
    if row is None or not row.stay_count:
        return None
    return PeerCosts(category, row.stay_count, tuple(row.percentiles_fen), row.measured_at)


def measure(session: Session, *, county_code: str, on: dt.date, at: dt.datetime) -> int:
    """Measure the county anew. Answers how many categories at how many tiers were found."""
    given = {
        "county_code": county_code,
        "gone": list(GONE),
        "after": on - dt.timedelta(days=MEASURED_DAYS),
        "on": on,
        "at": at,
    }
    found = session.execute(_MEASURE, given)
    session.execute(_FORGET, {"county_code": county_code, "at": at})
    return found.rowcount


def counties_with_claims(session: Session) -> Sequence[str]:
    # One step through the index for each county: a county has millions of claims, a house has few counties.
    rows = session.scalars(
        text(
            "WITH RECURSIVE county AS ((SELECT county_code FROM contractor.claim ORDER BY county_code LIMIT 1) "
            "UNION ALL SELECT (SELECT c.county_code FROM contractor.claim AS c "
            "WHERE c.county_code > county.county_code ORDER BY c.county_code LIMIT 1) "
            "FROM county WHERE county.county_code IS NOT NULL) "
            "SELECT county_code FROM county WHERE county_code IS NOT NULL"
        )
    )
    return list(rows)
