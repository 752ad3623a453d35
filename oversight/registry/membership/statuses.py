"""Poor and five-guarantee members, by day: the status decides rates, deductible and assistance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from oversight.registry.lookups import known_members, texts
from oversight.registry.membership.tables import MemberStatus
from oversight.registry.plans import Incoming, Plan, compare
from oversight.registry.spans import refuse_empty, settle_ends
from oversight.registry.tables import Member


@dataclass(frozen=True, slots=True)
class StatusRow:
    card_number: str
    status: str
    """poor or five_guarantee"""
    from_on: dt.date
    document: str
    until_on: dt.date | None = None
    row: int = 0


def plan_statuses(session: Session, county_code: str, rows: Sequence[StatusRow]) -> Plan:
    """Compare with what is known. Two periods of a member never overlap; an open one ends where the next begins."""
    plan = Plan()
    plan.refuse_twice(((r.row, (r.card_number, r.from_on)) for r in rows), column="from_on")
    members = known_members(session, plan, county_code, ((r.row, r.card_number) for r in rows))
    known = _known(session, county_code, rows)
    incoming = []
    for r in rows:
        refuse_empty(plan, r.row, r.from_on, r.until_on)
        member = members.get(r.card_number)
        if member is None:
            continue
        if r.from_on < member.born_on:
            plan.faults.add(r.row, "from_on", "before_birth", expected=f"≥ {member.born_on}", found=r.from_on)
        if member.died_on is not None and r.from_on > member.died_on:
            plan.faults.add(r.row, "from_on", "after_death", expected=f"≤ {member.died_on}", found=r.from_on)
        values = {"status": r.status, "until_on": r.until_on, "document": r.document}
        incoming.append(Incoming(r.row, (member.id, r.from_on), f"{r.card_number} {r.from_on}", values))
    compared = compare(plan, settle_ends(plan, incoming, known), known)
    # Ends are brought forward before the rows that begin there are written, so that no two hold on one day.
    plan.will_update(
        MemberStatus,
        [{"county_code": county_code, **record} for _one, record in compared.changed],
        key=("county_code", "id"),
    )
    plan.will_insert(
        MemberStatus,
        [
            {"county_code": county_code, "member_id": one.key[0], "from_on": one.key[1], **one.values}
            for one in compared.new
        ],
    )
    return plan


def _known(session: Session, county_code: str, rows: Sequence[StatusRow]) -> dict[Any, dict[str, Any]]:
    found = session.execute(
        select(
            MemberStatus.member_id,
            MemberStatus.from_on,
            MemberStatus.id,
            MemberStatus.status,
            MemberStatus.until_on,
            MemberStatus.document,
        )
        .join(Member, (Member.county_code == MemberStatus.county_code) & (Member.id == MemberStatus.member_id))
        .where(
            MemberStatus.county_code == county_code,
            Member.card_number.in_(select(texts(r.card_number for r in rows))),
        )
    )
    return {
        (member_id, from_on): {"id": id_, "status": status, "until_on": until_on, "document": document}
        for member_id, from_on, id_, status, until_on, document in found
    }
