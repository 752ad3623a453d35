"""The key to what is planted in the demo's claims, as a file for whoever tries the checks. The house never reads it."""

from __future__ import annotations

from chassis.exports import Column, write_csv
from demo.arriving import WHOLE_SIZE, Size
from demo.history import history_of

COLUMNS = (
    Column("institution_code", "institution_code"),
    Column("claim_number", "claim_number"),
    Column("rule", "rule"),
    Column("is_irregular", "is_irregular"),
    Column("why", "why"),
    Column("with_claims", "with_claims"),
)


def key_as_csv(size: Size = WHOLE_SIZE) -> bytes:
    """One row a claim of a planted case."""
    history = history_of(households=size.households, rounds=size.rounds)
    rows = (
        {
            "institution_code": entry.institution_code,
            "claim_number": entry.claim_number,
            "rule": entry.rule,
            "is_irregular": "yes" if entry.is_irregular else "no",
            "why": entry.why,
            "with_claims": " ".join(entry.with_claims),
        }
        for entry in history.key
    )
    return write_csv(COLUMNS, rows)
