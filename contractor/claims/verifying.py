"""Do the settlements still say what the trail says of them? The chain of the trail is checked apart (chassis.trail)."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from contractor.claims.approving import STREAM

_OF_A_SETTLEMENT = (
    "settlement_no", "year", "cost_fen", "base_fen", "top_up_fen", "serious_fen", "supplementary_fen",
    "assistance_fen", "member_pays_fen",
)  # fmt: skip
_TOLD = ", ".join(f"coalesce((t.facts->>'{name}')::bigint, 0)" for name in _OF_A_SETTLEMENT)
_FOUND = ", ".join(f"s.{name}" for name in _OF_A_SETTLEMENT)


class Changed(NamedTuple):
    """One settlement that is not what was written down when it was decided.

    Args:
        seq: where the trail tells of it; None where it tells nothing.
        told, found: the amounts by name, only those that differ; `found` is empty where the settlement is gone.
    """

    settlement_id: int
    claim_id: int | None
    seq: int | None
    told: dict[str, int]
    found: dict[str, int]


def changed_settlements(session: Session, county_code: str) -> list[Changed]:
    """Every settlement of a county that differs from the trail, is told of nowhere, or is gone. One statement."""
    rows = session.execute(
        text(
            f"SELECT coalesce(s.id, (t.facts->>'settlement')::bigint), s.claim_id, t.seq, ARRAY[{_TOLD}], "  # noqa: S608
            f"ARRAY[{_FOUND}] FROM (SELECT seq, facts FROM contractor.trail_entry WHERE county_code = :county_code "
            f"AND stream = :stream AND facts->>'settlement' IS NOT NULL) AS t "
            f"FULL JOIN (SELECT * FROM contractor.settlement WHERE county_code = :county_code) AS s "
            f"ON s.id = (t.facts->>'settlement')::bigint "
            f"WHERE s.id IS NULL OR t.seq IS NULL OR ({_TOLD}) IS DISTINCT FROM ({_FOUND}) ORDER BY 1"
        ),
        {"county_code": county_code, "stream": STREAM},
    ).all()
    return [_changed(*row) for row in rows]


def _changed(
    settlement_id: int, claim_id: int | None, seq: int | None, told: list[int], found: list[int | None]
) -> Changed:
    pairs = [pair for pair in zip(_OF_A_SETTLEMENT, told, found, strict=True) if pair[1] != pair[2]]
    return Changed(
        settlement_id,
        claim_id,
        seq,
        {name: fen for name, fen, _ in pairs} if seq is not None else {},
        {name: fen for name, _, fen in pairs if fen is not None},
    )
