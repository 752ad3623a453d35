"""What a file names by the numbers people use, found in one statement: cards, villages, townships, institutions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ARRAY, Text, bindparam, func, select
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from oversight.registry.institutions.tables import Institution
from oversight.registry.membership.tables import Death
from oversight.registry.plans import Plan
from oversight.registry.tables import Division, Member, Township, Village


@dataclass(frozen=True, slots=True)
class KnownMember:
    id: int
    household_id: int
    born_on: dt.date
    died_on: dt.date | None


def texts(values: Iterable[str]):
    """An array of texts as one parameter, each once."""
    return func.unnest(bindparam(None, sorted(set(values)), ARRAY(Text())))


def lock_registry(session: Session, county_code: str) -> None:
    """Two files for one county wait for each other; readers and other counties do not.

    Raises:
        NotFound: there is no such county.
    """
    its_row = select(Division.level).where(Division.county_code == county_code).with_for_update(key_share=True)
    if session.scalars(its_row).one_or_none() != "county":
        raise NotFound(kind="county")


def members_by_card(session: Session, county_code: str, cards: Iterable[str]) -> dict[str, KnownMember]:
    found = session.execute(
        select(Member.card_number, Member.id, Member.household_id, Member.born_on, Death.died_on)
        .outerjoin(
            Death,
            (Death.county_code == Member.county_code) & (Death.member_id == Member.id) & Death.withdrawn_at.is_(None),
        )
        .where(Member.county_code == county_code, Member.card_number.in_(select(texts(cards))))
    )
    return {card: KnownMember(*rest) for card, *rest in found}


def known_members(
    session: Session, plan: Plan, county_code: str, cards: Iterable[tuple[int, str]]
) -> dict[str, KnownMember]:
    """By card, with a fault for each row whose card nobody in the county has."""
    named = list(cards)
    members = members_by_card(session, county_code, (card for _, card in named))
    for row, card in named:
        if card not in members:
            plan.faults.add(row, "card_number", "unknown_card", expected=f"{county_code}…", found=card)
    return members


def known_institutions(session: Session, county_code: str, codes: Iterable[str]) -> set[str]:
    return set(
        session.scalars(
            select(Institution.institution_code).where(
                Institution.county_code == county_code, Institution.institution_code.in_(select(texts(codes)))
            )
        )
    )


def known_townships(session: Session, county_code: str) -> set[str]:
    return set(session.scalars(select(Township.code).where(Township.county_code == county_code)))


def known_villages(session: Session, county_code: str) -> set[str]:
    return set(session.scalars(select(Village.code).where(Village.county_code == county_code)))
