"""Enrolment by year: in the scheme, and in the supplementary insurance on top of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from oversight.registry.lookups import KnownMember, known_members, texts
from oversight.registry.membership.tables import Enrolment
from oversight.registry.plans import Incoming, Plan, compare
from oversight.registry.tables import Member

KEY = ("county_code", "member_id", "year", "kind")


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    card_number: str
    year: int
    kind: str
    """scheme or supplementary"""
    premium_fen: int
    paid_by: str
    """member or civil_affairs"""
    enrolled_on: dt.date | None = None
    """None: from the first day of the year, or of the member's life where that is later"""
    row: int = 0


def plan_enrolments(session: Session, county_code: str, rows: Sequence[EnrolmentRow]) -> Plan:
    """Compare with what is known. A record keeps the household it was made with, wherever the member lives now."""
    plan = Plan()
    plan.refuse_twice(((r.row, (r.card_number, r.year, r.kind)) for r in rows), column="card_number")
    members = known_members(session, plan, county_code, ((r.row, r.card_number) for r in rows))
    known = _known(session, county_code, rows)
    in_scheme = {(member_id, year) for member_id, year, kind in known if kind == "scheme"}
    in_scheme |= {(members[r.card_number].id, r.year) for r in rows if r.kind == "scheme" and r.card_number in members}
    incoming, household_of = [], {}
    for r in rows:
        member = members.get(r.card_number)
        if member is None:
            continue
        enrolled_on = r.enrolled_on or max(dt.date(r.year, 1, 1), member.born_on)
        _judge(plan, r, member, enrolled_on)
        if r.kind == "supplementary" and (member.id, r.year) not in in_scheme:
            plan.faults.add(r.row, "kind", "without_scheme_enrolment", expected=str(r.year), found=r.card_number)
        key = (member.id, r.year, r.kind)
        household_of[key] = member.household_id
        values = {"enrolled_on": enrolled_on, "premium_fen": r.premium_fen, "paid_by": r.paid_by}
        incoming.append(Incoming(r.row, key, f"{r.card_number} {r.year} {r.kind}", values))
    compared = compare(plan, incoming, known)
    plan.will_insert(
        Enrolment,
        [_record(county_code, one.key, one.values) | {"household_id": household_of[one.key]} for one in compared.new],
    )
    plan.will_update(Enrolment, [_record(county_code, one.key, record) for one, record in compared.changed], key=KEY)
    return plan


def _judge(plan: Plan, r: EnrolmentRow, member: KnownMember, enrolled_on: dt.date) -> None:
    """A member is enrolled in the year, after birth and before death."""
    if enrolled_on.year != r.year:
        found = enrolled_on if r.enrolled_on else member.born_on
        plan.faults.add(
            r.row, "enrolled_on" if r.enrolled_on else "year", "outside_year", expected=str(r.year), found=found
        )
    elif enrolled_on < member.born_on:
        plan.faults.add(r.row, "enrolled_on", "before_birth", expected=f"≥ {member.born_on}", found=enrolled_on)
    elif member.died_on is not None and enrolled_on > member.died_on:
        plan.faults.add(r.row, "enrolled_on", "after_death", expected=f"≤ {member.died_on}", found=enrolled_on)


def _known(session: Session, county_code: str, rows: Sequence[EnrolmentRow]) -> dict[Any, dict[str, Any]]:
    """Every enrolment of the members the rows name, in the years they name."""
    found = session.execute(
        select(
            Enrolment.member_id,
            Enrolment.year,
            Enrolment.kind,
            Enrolment.enrolled_on,
            Enrolment.premium_fen,
            Enrolment.paid_by,
        )
        .join(Member, (Member.county_code == Enrolment.county_code) & (Member.id == Enrolment.member_id))
        .where(
            Enrolment.county_code == county_code,
            Enrolment.year.in_({r.year for r in rows}),
            Member.card_number.in_(select(texts(r.card_number for r in rows))),
        )
    )
    return {
        (member_id, year, kind): {"enrolled_on": enrolled_on, "premium_fen": premium_fen, "paid_by": paid_by}
        for member_id, year, kind, enrolled_on, premium_fen, paid_by in found
    }


def _record(county_code: str, key: Any, values: Any) -> dict[str, Any]:
    return {**dict(zip(KEY, (county_code, *key), strict=True)), **values}
