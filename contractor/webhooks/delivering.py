"""Telling a subscription what waits: a run takes it in hand, sends outside any transaction, writes each result down.

A worker that dies during a run has written nothing down of what it sent last: after two minutes another sends that
again. Hence at least once, and the event's id for whoever wants it once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from contractor.webhooks.messages import bodies, event_id
from contractor.webhooks.secrets import secrets_of
from contractor.webhooks.sending import Tried
from contractor.webhooks.tables import WebhookAttempt, WebhookDelivery, WebhookSubscription

PAUSES = tuple(
    dt.timedelta(seconds=seconds) for seconds in (30, 120, 600, 1_800, 3_600, 3 * 3_600, 6 * 3_600, 13 * 3_600)
)
"""After each try that failed; together a day. The try after the last pause is the last."""
MOST_A_RUN = 20
IN_HAND = dt.timedelta(minutes=2)
SHORTEST_REST, LONGEST_REST = dt.timedelta(seconds=15), dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Message:
    delivery_id: int
    event_id: str
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Run:
    """What one worker sends now, in the order in which it is due."""

    county_code: str
    subscription_id: int
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    """The one in force, and the one before while both are good."""
    messages: Sequence[Message]


def subscriptions_due(session: Session, county_code: str, *, at: dt.datetime) -> Sequence[int]:
    """Those with something to be told now, which nobody has in hand and which are not resting."""
    s, d = WebhookSubscription, WebhookDelivery
    waits = exists().where(
        d.county_code == s.county_code, d.subscription_id == s.id, d.state == "waiting", d.next_at <= at
    )
    return session.scalars(select(s.id).where(s.county_code == county_code, *_is_free(at), waits).order_by(s.id)).all()


def begin_run(
    session: Session, subscription_id: int, *, county_code: str, keyring: Keyring, at: dt.datetime
) -> Run | None:
    """Take a subscription in hand with what is due for it; None where another has it or nothing is due."""
    s, d = WebhookSubscription, WebhookDelivery
    own = session.scalars(
        select(s)
        .where(s.county_code == county_code, s.id == subscription_id, *_is_free(at))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if own is None:
        return None
    due = session.scalars(
        select(d)
        .where(d.county_code == county_code, d.subscription_id == subscription_id)
        .where(d.state == "waiting", d.next_at <= at)
        .order_by(d.next_at, d.id)
        .limit(MOST_A_RUN)
    ).all()
    if not due:
        return None
    own.sending_until = at + IN_HAND
    said = bodies(session, county_code, due)
    secrets = secrets_of(own, keyring, at=at)
    messages = [Message(one.id, event_id(one), said[one.id]) for one in due]
    return Run(county_code, own.id, own.url, secrets, messages)


def note_try(session: Session, county_code: str, delivery_id: int, tried: Tried, *, at: dt.datetime) -> None:
    """Write down what came of a try; a delivery that somebody else finished meanwhile keeps its state."""
    d = WebhookDelivery
    own = session.scalars(
        select(d)
        .where(d.county_code == county_code, d.id == delivery_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    own.tries_ever += 1
    if own.state == "waiting":
        own.tries += 1
        if tried.is_taken:
            own.state, own.delivered_at = "delivered", at
        elif own.tries > len(PAUSES):
            own.state, own.dead_at = "dead", at
        else:
            own.next_at = at + PAUSES[own.tries - 1]
    session.add(
        WebhookAttempt(
            county_code=county_code,
            delivery_id=delivery_id,
            attempt_no=own.tries_ever,
            at=at,
            outcome=tried.outcome,
            status=tried.status,
            took_ms=tried.took_ms,
        )
    )
    session.flush()


def end_run(session: Session, run: Run, *, has_failed: bool, at: dt.datetime) -> None:
    """Out of hand again. A listener that did not answer is left alone for a while, longer each time."""
    s = WebhookSubscription
    own = session.scalars(
        select(s)
        .where(s.county_code == run.county_code, s.id == run.subscription_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    own.sending_until = None
    if has_failed:
        own.resting_until = at + min(SHORTEST_REST * 2 ** min(own.failed_runs, 10), LONGEST_REST)
        own.failed_runs += 1
    else:
        own.resting_until, own.failed_runs = None, 0
    session.flush()


def _is_free(at: dt.datetime):
    s = WebhookSubscription
    return (
        s.off_at.is_(None),
        or_(s.sending_until.is_(None), s.sending_until <= at),
        or_(s.resting_until.is_(None), s.resting_until <= at),
    )
