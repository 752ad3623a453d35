"""Deaths: reported by list, withdrawn by a person with a reason where a report proved wrong.

A death may be learned of after claims for later days were paid. It is entered all the same: refusing it would hide
what it shows. The claim checks find every stay that goes on after the day of death, and the county's recomputation
with them. Enrolments for later years stay as they were recorded and are named in a notice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from oversight.registry.lookups import KnownMember, known_members, texts
from oversight.registry.membership.refusals import DeathAlreadyWithdrawn
from oversight.registry.membership.tables import Death, Enrolment
from oversight.registry.plans import Incoming, Plan, compare
from oversight.registry.tables import Member


@dataclass(frozen=True, slots=True)
class DeathRow:
    card_number: str
    died_on: dt.date
    source: str
    row: int = 0


def plan_deaths(session: Session, county_code: str, rows: Sequence[DeathRow], *, on: dt.date) -> Plan:
    """Compare with what is known on the day `on`."""
    plan = Plan()
    plan.refuse_twice(((r.row, r.card_number) for r in rows), column="card_number")
    members = known_members(session, plan, county_code, ((r.row, r.card_number) for r in rows))
    known = _known(session, county_code, rows)
    last_year = _last_enrolment_years(session, county_code, rows)
    incoming = []
    for r in rows:
        member = members.get(r.card_number)
        if member is None:
            continue
        _judge(plan, r, member, known.get(member.id), on)
        if last_year.get(member.id, 0) > r.died_on.year:
            plan.notices.add(
                r.row,
                "died_on",
                "enrolled_after_death",
                expected=f"≤ {r.died_on.year}",
                found=last_year[member.id],
            )
        values = {"died_on": r.died_on, "source": r.source}
        incoming.append(Incoming(r.row, member.id, r.card_number, values))
    compared = compare(plan, incoming, known)
    stands: dict[str, Any] = {"withdrawn_at": None, "withdrawn_by": None, "withdraw_reason": None}
    plan.will_update(
        Death,
        [
            {"county_code": county_code, "member_id": one.key, **one.values, **stands}
            for one, _record in compared.changed
        ],
        key=("county_code", "member_id"),
    )
    plan.will_insert(Death, [{"county_code": county_code, "member_id": one.key, **one.values} for one in compared.new])
    return plan


def withdraw_death(
    session: Session, county_code: str, member_id: int, *, reason: str, by: int, at: dt.datetime
) -> Death:
    """The report proved wrong: the member lives. The row stays, and the same report is not taken again.

    Raises:
        NotFound: no death of this member was reported.
        DeathAlreadyWithdrawn: somebody else was quicker.
    """
    death = session.scalars(
        select(Death).where(Death.county_code == county_code, Death.member_id == member_id).with_for_update()
    ).one_or_none()
    if death is None:
        raise NotFound(kind="death")
    if death.withdrawn_at is not None:
        raise DeathAlreadyWithdrawn(withdrawn_at=death.withdrawn_at)
    death.withdrawn_at, death.withdrawn_by, death.withdraw_reason = at, by, reason
    session.flush()
    entry = Entry(
        act="registry.death_withdrawn",
        subject_kind="member",
        subject_id=str(member_id),
        by=Actor(ActorKind.STAFF, str(by)),
        facts={"died_on": death.died_on.isoformat()},
    )
    append(session, county_code=county_code, stream="registry", entries=[entry], at=at)
    return death


def _judge(plan: Plan, r: DeathRow, member: KnownMember, known: dict[str, Any] | None, on: dt.date) -> None:
    if r.died_on > on:
        plan.faults.add(r.row, "died_on", "in_the_future", expected=f"≤ {on}", found=r.died_on)
    if r.died_on < member.born_on:
        plan.faults.add(r.row, "died_on", "before_birth", expected=f"≥ {member.born_on}", found=r.died_on)
    withdrawn = known is not None and known["is_withdrawn"]
    if withdrawn and known is not None and (known["died_on"], known["source"]) == (r.died_on, r.source):
        # An old file read again must not bury the living a second time.
        plan.faults.add(r.row, "source", "withdrawn_report", found=r.source)


def _known(session: Session, county_code: str, rows: Sequence[DeathRow]) -> dict[Any, dict[str, Any]]:
    found = session.execute(
        select(Death.member_id, Death.died_on, Death.source, Death.withdrawn_at)
        .join(Member, (Member.county_code == Death.county_code) & (Member.id == Death.member_id))
        .where(Death.county_code == county_code, Member.card_number.in_(select(texts(r.card_number for r in rows))))
    )
    return {
        member_id: {"died_on": died_on, "source": source, "is_withdrawn": withdrawn_at is not None}
        for member_id, died_on, source, withdrawn_at in found
    }


def _last_enrolment_years(session: Session, county_code: str, rows: Sequence[DeathRow]) -> dict[int, int]:
    found = session.execute(
        select(Enrolment.member_id, func.max(Enrolment.year))
        .join(Member, (Member.county_code == Enrolment.county_code) & (Member.id == Enrolment.member_id))
        .where(Enrolment.county_code == county_code, Member.card_number.in_(select(texts(r.card_number for r in rows))))
        .group_by(Enrolment.member_id)
    )
    return dict(found.all())
