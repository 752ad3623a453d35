"""A county's own thresholds: set from a day on, never changed and never taken back; a later row goes before."""

from __future__ import annotations

import datetime as dt

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.errors import NotFound
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from contractor.rules.queries import changes, first_day
from contractor.rules.refusals import HeldByLaw, NothingChanges, ThresholdInThePast, ThresholdOutOfRange
from contractor.rules.tables import RuleParameter
from rulebook.checks import Card, all_cards

STREAM = "claims"
MOST_FEN, MOST = 10**12, 1_000_000
AT_MOST = {"percentile": 100, "similarity_percent": 100, "drug_percent": 100, "from_hour": 24, "until_hour": 24}
AT_LEAST_ONE = frozenset({"sample", "percentile"})


def limits_of(name: str) -> tuple[int, int]:
    """The least and the most a threshold may be."""
    most = AT_MOST.get(name, MOST_FEN if name.endswith("_fen") else MOST)
    return (1 if name in AT_LEAST_ONE else 0), most


def checked(rule: str, name: str, value: int) -> Card:
    """The card on file of a threshold that a county may set to this.

    Raises: NotFound, HeldByLaw, ThresholdOutOfRange.
    """
    card = all_cards().get(rule)
    if card is None or name not in card.numbers:
        raise NotFound(kind="rule_threshold", rule=rule, name=name)
    if card.effect == "refuses":
        raise HeldByLaw(rule=rule)
    least, most = limits_of(name)
    if not least <= value <= most:
        raise ThresholdOutOfRange(name=name, least=least, most=most)
    return card


def value_on(session: Session, county_code: str, card: Card, name: str, day: dt.date) -> int:
    """What the threshold is on a day, with all that was set until now, days to come included."""
    for one in sorted(changes(session, county_code, card.key), key=lambda one: (one.from_on, one.id)):
        if one.name == name:
            card = card.with_numbers({name: (max(one.from_on, first_day(card)), one.value)})
    return int(card.number(name, np.array([day], dtype="datetime64[D]"))[0])


def set_threshold(
    session: Session,
    *,
    county_code: str,
    rule: str,
    name: str,
    from_on: dt.date,
    value: int,
    reason: str,
    by: int,
    at: dt.datetime,
    foreseen: tuple[int, int] | None = None,
) -> int:
    """A threshold from a day on. What was set for that day or a later one before stays on record.

    Args:
        foreseen: the hits before and after of the preview it was confirmed on; they go into the trail.

    Raises: NotFound, HeldByLaw, ThresholdOutOfRange, ThresholdInThePast, NothingChanges.
    """
    card = checked(rule, name, value)
    if from_on < local_day(at):
        raise ThresholdInThePast(from_on=from_on)
    if value_on(session, county_code, card, name, from_on) == value:
        raise NothingChanges(name=name, from_on=from_on)
    number = session.execute(
        insert(RuleParameter)
        .values(
            county_code=county_code, rule=rule, name=name, from_on=from_on, value=value, reason=reason, set_at=at,
            set_by=by,
        )
        .returning(RuleParameter.id)
    ).scalar_one()  # fmt: skip
    facts: dict[str, object] = {"rule": rule, "name": name, "from_on": from_on.isoformat(), "value": value}
    if foreseen is not None:
        facts |= {"hits_before": foreseen[0], "hits_after": foreseen[1]}
    entry = Entry("rule.threshold_set", "rule_parameter", str(number), Actor(ActorKind.STAFF, str(by)), facts)
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
    return int(number)
