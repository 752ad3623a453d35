"""Reads of recomputations and of what they found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Text, column, func, select, table, text
from sqlalchemy.orm import Session

from oversight.audits.tables import Recomputation, RecomputationDifference

LOCK_SPACE = 7_412
"""Key space of `pg_advisory_xact_lock(class, county)`: one asking of a county's recomputation at a time."""
PAGE_ROWS = 50
OPEN = ("asked", "running")
"""States of a run that has not ended."""

published_batches = table(
    "published_batches",
    column("county_code", Text),
    column("batch_id", BigInteger),
    column("settled_at"),
    schema="contractor",
)


@dataclass(frozen=True)
class Wanted:
    """Which differences of a run are asked for."""

    kind: str = ""
    institution: str = ""
    begins: bool = False
    """Only where a difference begins, not what follows it."""
    claim_id: int | None = None


def lock_county(session: Session, county_code: str) -> None:
    session.execute(text("SELECT pg_advisory_xact_lock(:space, :county)"), {
        "space": LOCK_SPACE, "county": int(county_code),
    })  # fmt: skip


def under_way(session: Session, county_code: str) -> Recomputation | None:
    r = Recomputation
    return session.scalars(
        select(r).where(r.county_code == county_code, r.state.in_(OPEN)).order_by(r.id.desc()).limit(1)
    ).one_or_none()


def run_of(session: Session, county_code: str, recomputation_id: int) -> Recomputation | None:
    return session.get(Recomputation, (county_code, recomputation_id), populate_existing=True)


def runs_page(
    session: Session, county_codes: Sequence[str], *, before: tuple[dt.datetime, int] | None = None
) -> Sequence[Recomputation]:
    """The runs of these counties, the latest first: one more than a page, to know whether there is a next."""
    r = Recomputation
    rows = select(r).where(r.county_code.in_(county_codes))
    if before is not None:
        rows = rows.where((r.asked_at < before[0]) | ((r.asked_at == before[0]) & (r.id < before[1])))
    return session.scalars(rows.order_by(r.asked_at.desc(), r.id.desc()).limit(PAGE_ROWS + 1)).all()


def differences_page(
    session: Session, run: Recomputation, wanted: Wanted, *, after: int = 0, most: int = PAGE_ROWS
) -> Sequence[RecomputationDifference]:
    """The differences of a run from a place on, the largest effect first: one more than asked for."""
    d = RecomputationDifference
    rows = select(d).where(
        d.county_code == run.county_code, d.recomputation_id == run.id, d.difference_no > after
    )  # fmt: skip
    for one in _wanted(wanted):
        rows = rows.where(one)
    return session.scalars(rows.order_by(d.difference_no).limit(most + 1)).all()


def difference_of(session: Session, run: Recomputation, difference_no: int) -> RecomputationDifference | None:
    return session.get(RecomputationDifference, (run.county_code, run.id, difference_no))


def neighbours(
    session: Session, run: Recomputation, wanted: Wanted, difference_no: int
) -> tuple[int | None, int | None]:
    """The difference before and the one after it, among those asked for."""
    d = RecomputationDifference
    own = [d.county_code == run.county_code, d.recomputation_id == run.id, *_wanted(wanted)]
    before = select(func.max(d.difference_no)).where(*own, d.difference_no < difference_no)
    after = select(func.min(d.difference_no)).where(*own, d.difference_no > difference_no)
    return session.scalar(before), session.scalar(after)


def counts_of(session: Session, run: Recomputation) -> dict[str, tuple[int, int]]:
    """How many listed differences there are of each kind, and their effect in sum."""
    d = RecomputationDifference
    rows = session.execute(
        select(d.kind, func.count(), func.sum(d.effect_fen))
        .where(d.county_code == run.county_code, d.recomputation_id == run.id)
        .group_by(d.kind)
    )
    return {kind: (count, int(effect)) for kind, count, effect in rows}


def institutions_in(session: Session, run: Recomputation) -> Sequence[str]:
    d = RecomputationDifference
    codes = select(d.institution_code).where(d.county_code == run.county_code, d.recomputation_id == run.id)
    return session.scalars(codes.where(d.institution_code.is_not(None)).distinct().order_by(d.institution_code)).all()


def differences_of_claim(
    session: Session, county_code: str, claim_id: int
) -> Sequence[tuple[Recomputation, RecomputationDifference]]:
    """What recomputations have found of a claim, the latest first."""
    d, r = RecomputationDifference, Recomputation
    rows = session.execute(
        select(r, d)
        .join(r, (r.county_code == d.county_code) & (r.id == d.recomputation_id))
        .where(d.county_code == county_code, d.claim_id == claim_id)
        .order_by(r.id.desc(), d.difference_no)
        .limit(PAGE_ROWS)
    )
    return [(run, difference) for run, difference in rows]


def settled_since_last_run(session: Session, county_code: str) -> int | None:
    """The latest batch that was settled after the last run was asked for; None where there is none."""
    r, b = Recomputation, published_batches.c
    last = select(func.max(r.asked_at)).where(r.county_code == county_code).scalar_subquery()
    newest = select(b.batch_id).where(b.county_code == county_code, b.settled_at.is_not(None))
    newest = newest.where(func.coalesce(b.settled_at > last, text("true"))).order_by(b.settled_at.desc()).limit(1)
    return session.scalar(newest)


def counties_with_claims(session: Session) -> Sequence[str]:
    """Counties of which the contractor has published any settlement or payment."""
    return session.scalars(
        text(
            "SELECT county_code FROM registry.division AS d WHERE level = 'county' AND EXISTS "
            "(SELECT FROM contractor.published_claims AS c WHERE c.county_code = d.county_code) ORDER BY county_code"
        )
    ).all()


def names_of_institutions(session: Session, county_code: str, codes: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Chinese and English names by code."""
    rows = session.execute(
        text(
            "SELECT institution_code, name_zh, name_en FROM registry.published_institution "
            "WHERE county_code = :county AND institution_code = ANY(:codes)"
        ),
        {"county": county_code, "codes": list(codes)},
    )
    return {code: (name_zh, name_en) for code, name_zh, name_en in rows}


def claim_numbers(session: Session, county_code: str, claim_ids: Sequence[int]) -> dict[int, str]:
    """The institutions' own numbers of claims."""
    rows = session.execute(
        text(
            "SELECT claim_id, claim_number FROM contractor.published_claims "
            "WHERE county_code = :county AND claim_id = ANY(:ids)"
        ),
        {"county": county_code, "ids": list(claim_ids)},
    )
    return {row.claim_id: row.claim_number for row in rows}


def _wanted(wanted: Wanted) -> list[object]:
    d = RecomputationDifference
    conditions: list[object] = []
    if wanted.kind:
        conditions.append(d.kind == wanted.kind)
    if wanted.institution:
        conditions.append(d.institution_code == wanted.institution)
    if wanted.begins:
        conditions.append(d.follows_earlier.is_(False))
    if wanted.claim_id is not None:
        conditions.append(d.claim_id == wanted.claim_id)
    return conditions
