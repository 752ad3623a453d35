"""What a stay cost beside its like: the same diagnosis category at the same tier, this year and the last.

The nightly look measures the county (contractor/rules); a claim then reads one row and finds its place among
ninety-nine percentiles. A place is a lead for the eye. What counts as an outlier is for the check F28 to say.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from rulebook.checks.frames import category_of

FEWEST = 20
"""Below this a percentile says nothing."""

_ONE = text(
    "SELECT stay_count, percentiles_fen, measured_at FROM contractor.peer_statistic "
    "WHERE county_code = :county_code AND category = :category AND tier = :tier AND stay_count > 0 "
    "AND cardinality(percentiles_fen) > 0"
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
    if row is None:
        return None
    return PeerCosts(category, row.stay_count, tuple(row.percentiles_fen), row.measured_at)
