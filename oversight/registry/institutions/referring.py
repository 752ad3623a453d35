"""Referral slips, as the institutions hand them in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from oversight.registry.institutions.tables import Referral
from oversight.registry.lookups import known_institutions, known_members, texts
from oversight.registry.plans import Incoming, Plan, compare
from oversight.registry.spans import refuse_empty


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
            "member_id": member.id,
            "from_institution_code": r.from_institution_code,
            "to_institution_code": r.to_institution_code,
            "reason": r.reason,
            "valid_from_on": r.valid_from_on,
            "valid_until_on": r.valid_until_on,
        }
        incoming.append(Incoming(r.row, r.slip_number, r.slip_number, values))
    compared = compare(plan, incoming, _known(session, county_code, rows))
    plan.will_update(
        Referral,
        [{"county_code": county_code, **record} for _one, record in compared.changed],
        key=("county_code", "id"),
    )
    plan.will_insert(
        Referral, [{"county_code": county_code, "slip_number": one.key, **one.values} for one in compared.new]
    )
    return plan


def _known(session: Session, county_code: str, rows: Sequence[ReferralRow]) -> dict[Any, dict[str, Any]]:
    r = Referral
    found = session.execute(
        select(
            r.slip_number,
            r.id,
            r.member_id,
            r.from_institution_code,
            r.to_institution_code,
            r.reason,
            r.valid_from_on,
            r.valid_until_on,
        ).where(r.county_code == county_code, r.slip_number.in_(select(texts(row.slip_number for row in rows))))
    ).mappings()
    return {row["slip_number"]: {name: value for name, value in row.items() if name != "slip_number"} for row in found}
