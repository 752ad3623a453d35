"""Entries for tests: one valid thing each."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry

COUNTY_CODE = "410100"
AT = dt.datetime(2023, 11, 1, 16, 30, tzinfo=dt.UTC)
"""Half past midnight of 2 November in Shanghai."""


def an_entry(number: int = 1, **changes) -> Entry:
    values = {
        "act": "claim.approved",
        "subject_kind": "claim",
        "subject_id": f"C{number:06d}",
        "by": Actor(ActorKind.STAFF, f"reviewer-{number % 7}"),
        "facts": {"amount_fen": 1000 + number, "county_share": number % 2 == 0},
    }
    return Entry(**{**values, **changes})


def entries(count: int, first: int = 1) -> list[Entry]:
    return [an_entry(number) for number in range(first, first + count)]


def add(session: Session, count: int, *, stream: str = "claims", county_code: str = COUNTY_CODE) -> list[int]:
    return append(session, county_code=county_code, stream=stream, entries=entries(count), at=AT)
