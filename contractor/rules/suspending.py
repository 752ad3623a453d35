"""Putting a rule aside: it is computed and only tells. The lead does it, and so does low precision (CLAIM_RULES)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from contractor.rules.queries import Judged, judged, may_be_suspended
from contractor.rules.refusals import HeldByLaw, NotSuspended, SuspendedBefore
from contractor.rules.tables import RuleSuspension
from rulebook.checks import all_cards

STREAM = "claims"
LEAST_REVIEWED = 100
LEAST_PERCENT = 10
RULE = Actor(ActorKind.SYSTEM, "rule")


def is_imprecise(of: Judged) -> bool:
    """Fewer than one in ten confirmed, of a hundred or more that were reviewed."""
    reviewed = of.confirmed_since + of.false_since
    return reviewed >= LEAST_REVIEWED and of.confirmed_since * 100 < LEAST_PERCENT * reviewed


def suspend(
    session: Session, *, county_code: str, rule: str, reason: str | None, by: int | None, at: dt.datetime
) -> int:
    """Put a rule aside from now on. `by` None: low precision did it. Raises: NotFound, HeldByLaw, SuspendedBefore."""
    card = all_cards().get(rule)
    if card is None:
        raise NotFound(kind="rule", rule=rule)
    if not may_be_suspended(card):
        raise HeldByLaw(rule=rule)
    found = judged(session, county_code).get(rule, Judged())
    number = session.execute(
        insert(RuleSuspension)
        .values(
            county_code=county_code, rule=rule, reason=reason, confirmed_count=found.confirmed_since,
            false_count=found.false_since, suspended_at=at, suspended_by=by,
        )
        .on_conflict_do_nothing()
        .returning(RuleSuspension.id)
    ).scalar_one_or_none()  # fmt: skip
    if number is None:
        raise SuspendedBefore(rule=rule)
    facts = {"rule": rule, "confirmed": found.confirmed_since, "false": found.false_since}
    who = RULE if by is None else Actor(ActorKind.STAFF, str(by))
    entry = Entry("rule.suspended", "rule_suspension", str(number), who, facts)
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
    return int(number)


def resume(session: Session, *, county_code: str, rule: str, reason: str, by: int, at: dt.datetime) -> None:
    """A rule counts again, and its precision counts anew. Raises: NotSuspended."""
    number = session.execute(
        update(RuleSuspension)
        .where(
            RuleSuspension.county_code == county_code, RuleSuspension.rule == rule, RuleSuspension.ended_at.is_(None)
        )
        .values(ended_at=at, ended_by=by, end_reason=reason)
        .returning(RuleSuspension.id)
    ).scalar_one_or_none()
    if number is None:
        raise NotSuspended(rule=rule)
    entry = Entry("rule.resumed", "rule_suspension", str(number), Actor(ActorKind.STAFF, str(by)), {"rule": rule})
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)


def suspend_imprecise(session: Session, *, county_code: str, at: dt.datetime) -> list[str]:
    """Put aside every rule whose leads are nearly always wrong; which they were."""
    cards, put_aside = all_cards(), []
    standing = set(
        session.scalars(
            select(RuleSuspension.rule).where(
                RuleSuspension.county_code == county_code, RuleSuspension.ended_at.is_(None)
            )
        )
    )
    for rule, found in sorted(judged(session, county_code).items()):
        if rule in cards and rule not in standing and may_be_suspended(cards[rule]) and is_imprecise(found):
            suspend(session, county_code=county_code, rule=rule, reason=None, by=None, at=at)
            put_aside.append(rule)
    return put_aside
