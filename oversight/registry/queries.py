"""Reads of the registry. A visitor sees their own county; the city's people see every county of the city."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from chassis.vault import blind_index
from chassis.vault.keyring import Keyring
from oversight.registry.tables import ActivationSlip, Division, Household, Member, Township, Village

COUNTED_UP_TO = 10_000
PAGE_SIZES = (20, 50, 100, 200)
SHORTEST_TAIL = 4


@dataclass(frozen=True)
class Filter:
    """What the filter bar says. Empty means: do not narrow."""

    county_codes: Sequence[str]
    """The counties this visitor may see, narrowed to one where the visitor chose one."""
    township: str = ""
    name: str = ""
    card: str = ""

    def is_narrowed(self) -> bool:
        return bool(self.township or self.name or self.card)


@dataclass(frozen=True)
class Page:
    rows: Sequence[Row] = field(repr=False)
    total: int
    is_capped: bool
    next_after: tuple[str, int] | None
    """Where the next page begins; None on the last."""


def counties_seen_by(session: Session, county_code: str) -> Sequence[Division]:
    """The visitor's own county, or all counties of the visitor's city, by name."""
    return session.scalars(
        select(Division)
        .where(
            Division.level == "county",
            or_(Division.county_code == county_code, Division.city_code == county_code),
        )
        .order_by(Division.name_pinyin)
    ).all()


def townships_of(session: Session, county_codes: Sequence[str]) -> Sequence[Township]:
    return session.scalars(
        select(Township).where(Township.county_code.in_(county_codes)).order_by(Township.county_code, Township.code)
    ).all()


def members_page(session: Session, wanted: Filter, *, after: tuple[str, int] | None, size: int) -> Page:
    """One page of members in order of county and card, after the member that `after` names.

    A row: Member, village and township names. The count stops at COUNTED_UP_TO: past that nobody reads the figure.
    """
    base = _narrowed(select(Member, Village.name_zh, Village.name_en, Township.name_zh, Township.name_en), wanted)
    counted = session.execute(
        select(func.count()).select_from(_narrowed(select(Member.id), wanted).limit(COUNTED_UP_TO + 1).subquery())
    ).scalar_one()
    page = base.order_by(Member.county_code, Member.card_number).limit(size + 1)
    if after is not None:
        card = select(Member.card_number).where(Member.county_code == after[0], Member.id == after[1])
        page = page.where(tuple_(Member.county_code, Member.card_number) > tuple_(after[0], card.scalar_subquery()))
    rows = session.execute(page).all()
    last = rows[size - 1][0] if len(rows) > size else None
    return Page(
        rows=rows[:size],
        total=min(counted, COUNTED_UP_TO),
        is_capped=counted > COUNTED_UP_TO,
        next_after=(last.county_code, last.id) if last else None,
    )


def members_for_export(session: Session, wanted: Filter, *, most: int) -> Sequence[Row]:
    """The same rows as the list, up to `most`."""
    columns = select(Member, Village.name_zh, Village.name_en, Township.name_zh, Township.name_en)
    return session.execute(
        _narrowed(columns, wanted).order_by(Member.county_code, Member.card_number).limit(most)
    ).all()


def member_record(session: Session, county_codes: Sequence[str], county_code: str, member_id: int) -> Row | None:
    """(Member, Household, Village, Township, Division) of one member in a county the visitor may see."""
    if county_code not in county_codes:
        return None
    return session.execute(
        _joined(select(Member, Household, Village, Township, Division))
        .join(Division, Division.county_code == Member.county_code)
        .where(Member.county_code == county_code, Member.id == member_id)
    ).one_or_none()


def others_of_household(session: Session, member: Member) -> Sequence[Member]:
    return session.scalars(
        select(Member)
        .where(
            Member.county_code == member.county_code,
            Member.household_id == member.household_id,
            Member.id != member.id,
        )
        .order_by(Member.is_head.desc(), Member.card_number)
    ).all()


def member_by_identity_number(
    session: Session, keyring: Keyring, county_codes: Sequence[str], number: str
) -> Member | None:
    """Found by blind index: the number itself is neither stored nor sent in the clear."""
    digests = blind_index.candidates(keyring, "identity_number", number)
    return session.scalars(
        select(Member).where(Member.county_code.in_(county_codes), Member.identity_number_index.in_(digests))
    ).first()


def standing_slip_of(session: Session, member: Member) -> ActivationSlip | None:
    """The slip last printed for a member, used or not: the member's site alone knows whether it was used."""
    return session.scalars(
        select(ActivationSlip).where(
            ActivationSlip.county_code == member.county_code,
            ActivationSlip.member_id == member.id,
            ActivationSlip.withdrawn_at.is_(None),
        )
    ).one_or_none()


def only(wanted: Filter, county_code: str) -> Filter:
    """Narrowed to one county, if the visitor may see it at all; otherwise to none."""
    return replace(wanted, county_codes=[code for code in wanted.county_codes if code == county_code])


def _joined(statement: Select[Any]) -> Select[Any]:
    return (
        statement.join(
            Household, and_(Household.county_code == Member.county_code, Household.id == Member.household_id)
        )
        .join(Village, and_(Village.county_code == Household.county_code, Village.code == Household.village_code))
        .join(Township, and_(Township.county_code == Village.county_code, Township.code == Village.township_code))
    )


def _narrowed(statement: Select[Any], wanted: Filter) -> Select[Any]:
    statement = _joined(statement.select_from(Member)).where(Member.county_code.in_(list(wanted.county_codes)))
    if wanted.township:
        statement = statement.where(Village.township_code == wanted.township)
    if wanted.name:
        statement = statement.where(Member.name.startswith(wanted.name, autoescape=True))
    if wanted.card:
        # Clerks type the tail of a card; a whole number is a tail as well.
        statement = statement.where(Member.card_number.endswith(wanted.card, autoescape=True))
    return statement
