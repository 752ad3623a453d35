"""Referral slips, as the institutions hand them in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from oversight.registry.institutions.tables import Referral
from oversight.registry.lookups import known_institutions, known_members, texts
from oversight.registry.plans import Incoming, Plan, compare
from oversight.registry.spans import refuse_empty
from oversight.registry.tables import Member


@dataclass(frozen=True, slots=True)
class ReferralRow:
    slip_number: str
    card_number: str
    from_institution_code: str
    to_institution_code: str
    reason: str
    valid_from_on: dt.date
    valid_until_on: dt.date
    row: int = 0


def plan_referrals(session: Session, county_code: str, rows: Sequence[ReferralRow]) -> Plan:
    """Compare with what is known, slip by slip."""
    plan = Plan()
    plan.refuse_twice(((r.row, r.slip_number) for r in rows), column="slip_number")
    members = known_members(session, plan, county_code, ((r.row, r.card_number) for r in rows))
    named = {code for r in rows for code in (r.from_institution_code, r.to_institution_code)}
    institutions = known_institutions(session, county_code, named)
    incoming = []
    for r in rows:
        refuse_empty(plan, r.row, r.valid_from_on, r.valid_until_on, column="valid_until_on")
        for column in ("from_institution_code", "to_institution_code"):
            if getattr(r, column) not in institutions:
                plan.faults.add(r.row, column, "unknown_institution", found=getattr(r, column))
        if r.from_institution_code == r.to_institution_code:
            plan.faults.add(r.row, "to_institution_code", "same_institution", found=r.to_institution_code)
        member = members.get(r.card_number)
        if member is None:
            continue
        if member.died_on is not None and r.valid_from_on > member.died_on:
            plan.faults.add(
                r.row, "valid_from_on", "after_death", expected=f"≤ {member.died_on}", found=r.valid_from_on
            )
        values = {
            "card_number": r.card_number,
            "from_institution_code": r.from_institution_code,
            "to_institution_code": r.to_institution_code,
            "reason": r.reason,
            "valid_from_on": r.valid_from_on,
            "valid_until_on": r.valid_until_on,
        }
        incoming.append(Incoming(r.row, r.slip_number, r.slip_number, values))
    compared = compare(plan, incoming, _known(session, county_code, rows))
    ids = {card: member.id for card, member in members.items()}
    plan.will_update(
        Referral,
        [_record(county_code, ids, record) for _one, record in compared.changed],
        key=("county_code", "id"),
    )
    plan.will_insert(
        Referral, [_record(county_code, ids, {"slip_number": one.key, **one.values}) for one in compared.new]
    )
    return plan


def _record(county_code: str, ids: Mapping[str, int], values: Mapping[str, Any]) -> dict[str, Any]:
    cells = {name: value for name, value in values.items() if name != "card_number"}
    return {"county_code": county_code, "member_id": ids[values["card_number"]], **cells}


def _known(session: Session, county_code: str, rows: Sequence[ReferralRow]) -> dict[Any, dict[str, Any]]:
    r = Referral
    found = session.execute(
        select(
            r.slip_number,
            r.id,
            Member.card_number,
            r.from_institution_code,
            r.to_institution_code,
            r.reason,
            r.valid_from_on,
            r.valid_until_on,
        )
        .join(Member, (Member.county_code == r.county_code) & (Member.id == r.member_id))
        .where(r.county_code == county_code, r.slip_number.in_(select(texts(row.slip_number for row in rows))))
    ).mappings()
    return {row["slip_number"]: {name: value for name, value in row.items() if name != "slip_number"} for row in found}
