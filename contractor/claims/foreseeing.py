"""What an approval would come to now, without writing anything: with the lines as they stand or as they might be cut.

The engine is the one that decides. The year's state is read without a lock: what is shown is a forecast until the
verb that decides has locked the year and computed it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from contractor.claims import published
from contractor.claims.arrays import numbers_text
from contractor.claims.chunk import Chunk, ClaimRow, Ground
from contractor.claims.tables import MemberYear
from rulebook.benefits import NEW_YEAR, Deciding, Sheet, State, explain, step
from rulebook.benefits import Claim as Stay
from rulebook.refusals import Refused
from rulebook.registry import Timeline
from rulebook.rule_shapes import TIERS


@dataclass(frozen=True)
class Foreseen:
    """A sheet, and what it started from."""

    sheet: Sheet
    before: State
    deciding: Deciding


def foreseen(
    session: Session, record: Row, law: Timeline, *, reduced_fen: Mapping[int, int] | None = None
) -> Foreseen | Refused:
    """The claim as an approval would settle it, or why it would be refused.

    Args:
        reduced_fen: lines by number that would be reduced to this much instead.
    """
    chunk = Chunk(session, record.county_code, law, [ClaimRow(*(getattr(record, name) for name in ClaimRow._fields))])
    ground = chunk.grounds[0]
    if not isinstance(ground, Ground):
        return ground
    for line_no, fen in (reduced_fen or {}).items():
        chunk.lines["reduced_fen"][np.flatnonzero(chunk.lines["line_no"] == line_no)] = fen
    decided_by = ground.deciding
    before = year_state(session, record, decided_by.year)
    sheet = explain(
        Stay(*chunk.bills[0], ground.is_supplemented),
        before,
        schedule=decided_by.schedule,
        day=decided_by.day,
        status=decided_by.status,
        tier=TIERS[tier_of(session, record) - 1],
    )
    return Foreseen(sheet, before, decided_by)


def foreseen_fen(chunk: Chunk, rows: Sequence[int]) -> dict[int, int]:
    """What a yes to each of these claims alone would cost the funds now, by row: one statement however many.

    An outpatient visit is left out, for it costs the household its own account and no fund; so is a claim on whose day
    no law was in force.
    """
    grounds = {row: chunk.grounds[row] for row in rows if chunk.claims[row].route != "outpatient"}
    known = {row: ground for row, ground in grounds.items() if isinstance(ground, Ground)}
    keys = {row: (chunk.claims[row].member_id, ground.deciding.year) for row, ground in known.items()}
    if not keys:
        return {}
    members, years = zip(*sorted(set(keys.values())), strict=True)
    given = {"county_code": chunk.county_code, "members": numbers_text(members), "years": numbers_text(years)}
    states = {(row[0], row[1]): State(*row[2:]) for row in chunk.session.execute(_YEARS, given)}
    foreseen = {}
    for row, ground in known.items():
        stay = Stay(*chunk.bills[row], ground.is_supplemented)
        foreseen[row] = step(stay, states.get(keys[row], NEW_YEAR), ground.rules).benefits_fen
    return foreseen


_YEARS = text(
    f"SELECT y.member_id, y.year, {', '.join(f'y.{name}' for name in State._fields)} "  # noqa: S608
    "FROM unnest(CAST(:members AS bigint[]), CAST(:years AS int[])) AS own (member_id, year) "
    "JOIN contractor.member_year AS y ON y.county_code = :county_code "
    "AND y.member_id = own.member_id AND y.year = own.year"
)


def year_state(session: Session, record: Row, year: int) -> State:
    """What the member's year has used up until now."""
    row = session.get(MemberYear, (record.county_code, record.member_id, year), populate_existing=True)
    return State(*(getattr(row, name) for name in State._fields)) if row else NEW_YEAR


def tier_of(session: Session, record: Row) -> int:
    i = published.institution.c
    asked = select(i.tier).where(i.county_code == record.county_code, i.institution_code == record.institution_code)
    return session.execute(asked).scalar_one()
