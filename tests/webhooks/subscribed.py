"""Subscriptions for tests, and the worker's part done in the test's own process. No fixtures, only functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from chassis import clock
from chassis.desks import CONTRACTOR
from chassis.queue.handlers import TaskAtHand
from contractor.webhooks import jobs, subscribing
from contractor.webhooks.delivering import begin_run
from contractor.webhooks.tables import EVENT_KINDS, WebhookAttempt, WebhookDelivery, WebhookSubscription
from tests.api.programs import Programs
from tests.claims.making import COUNTY

LEAD = 900_003


@dataclass(frozen=True)
class Subscribed:
    programs: Programs
    id: int
    secret: str

    def deliveries(self) -> Sequence[WebhookDelivery]:
        d = WebhookDelivery
        with self.programs.database.transaction() as session:
            return session.scalars(select(d).where(d.subscription_id == self.id).order_by(d.id)).all()

    def attempts(self) -> Sequence[WebhookAttempt]:
        a, d = WebhookAttempt, WebhookDelivery
        own = select(d.id).where(d.subscription_id == self.id)
        with self.programs.database.transaction() as session:
            return session.scalars(select(a).where(a.delivery_id.in_(own)).order_by(a.delivery_id, a.attempt_no)).all()

    def row(self) -> WebhookSubscription:
        with self.programs.database.transaction() as session:
            return session.get_one(WebhookSubscription, (COUNTY, self.id))

    def deliver(self, *, at: dt.datetime | None = None, whole_seconds: float = 2.0) -> bool:
        """What a worker does with one task; whether there was anything to send."""
        with self.programs.database.transaction() as session:
            run = begin_run(
                session, self.id, county_code=COUNTY, keyring=self.programs.house.keyring, at=at or clock.now()
            )
        if run is not None:
            allowed = self.programs.house.settings.webhook_targets
            jobs.send_run(self.programs.database, run, allowed=allowed, whole_seconds=whole_seconds)
        return run is not None

    def make_due(self) -> None:
        """As if every pause were over."""
        d, s = WebhookDelivery, WebhookSubscription
        with self.programs.database.transaction() as session:
            session.execute(update(d).where(d.subscription_id == self.id).values(next_at=clock.now()))
            session.execute(update(s).where(s.id == self.id).values(resting_until=None, sending_until=None))

    def turn_off(self) -> None:
        with self.programs.database.transaction() as session:
            subscribing.turn_off(session, self.id, county_code=COUNTY, by=LEAD, at=clock.now())


def subscribe(
    programs: Programs,
    url: str,
    *,
    kinds: Sequence[str] = EVENT_KINDS,
    institution_code: str | None = None,
    allowed: str = "any",
) -> Subscribed:
    with programs.database.transaction() as session:
        number, secret = subscribing.add(
            session,
            county_code=COUNTY,
            label="试验",
            url=url,
            event_kinds=kinds,
            institution_code=institution_code,
            keyring=programs.house.keyring,
            allowed=allowed,
            by=LEAD,
            at=clock.now(),
        )
    return Subscribed(programs, number, secret)


def task(programs: Programs, kind: str, **payload) -> TaskAtHand:
    return TaskAtHand(COUNTY, 1, kind, payload, 1, 1, None, 0, None, CONTRACTOR, 0.0, programs.house)
