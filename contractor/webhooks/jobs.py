"""Deliveries leave by themselves: every few seconds what is due is looked for, and each subscription told apart.

A task takes a subscription in hand; the messages go out after its commit, never inside a transaction.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis import clock
from chassis.db import Database, after_commit
from chassis.desks import CONTRACTOR
from chassis.queue.failures import Hopeless
from chassis.queue.handlers import TaskAtHand, handles
from chassis.queue.outbox import NewTask, post_many
from chassis.queue.periodic import every
from contractor.webhooks.delivering import Run, begin_run, end_run, note_try, subscriptions_due
from contractor.webhooks.sending import WHOLE_SECONDS, post
from contractor.webhooks.signing import EVENT_ID, SIGNATURE, signed
from contractor.webhooks.tables import WebhookSubscription

OURS = (CONTRACTOR.key,)
SWEEP_SECONDS = 5
LONGEST_RUN_SECONDS = 30
"""No further message is begun after that; the subscription stays in hand for two minutes, so none is sent twice."""
MOST_FAILED_IN_A_ROW = 3
log = structlog.get_logger(__name__)


def counties_with_listeners(session: Session) -> Sequence[str]:
    s = WebhookSubscription
    return session.scalars(select(s.county_code).where(s.off_at.is_(None)).distinct()).all()


every(SWEEP_SECONDS, "webhooks.sweep", desks=OURS, counties=counties_with_listeners)


@handles("webhooks.sweep", desks=OURS)
def sweep(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    """A task for each subscription that has something to be told."""
    due = subscriptions_due(session, task.county_code, at=at)
    tasks = [NewTask({"subscription": subscription_id}) for subscription_id in due]
    post_many(session, county_code=task.county_code, kind="webhooks.deliver", tasks=tasks, at=at)


@handles("webhooks.deliver", desks=OURS)
def deliver(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    """One subscription. A task that comes late finds it in another's hand, or nothing due, and does nothing."""
    if task.house is None:
        raise Hopeless("a_worker_without_a_house_has_no_keys")
    run = begin_run(
        session, task.payload["subscription"], county_code=task.county_code, keyring=task.house.keyring, at=at
    )
    if run is not None:
        database, allowed = task.house.database(task.desk), task.house.settings.webhook_targets
        after_commit(session, partial(send_run, database, run, allowed=allowed))


def send_run(database: Database, run: Run, *, allowed: str, whole_seconds: float = WHOLE_SECONDS) -> None:
    """Send what the run holds, until the listener does not answer or the time is over."""
    begun, failed_in_a_row = time.monotonic(), 0
    for message in run.messages:
        if time.monotonic() - begun > LONGEST_RUN_SECONDS or failed_in_a_row >= MOST_FAILED_IN_A_ROW:
            break
        signature = signed(*run.secrets, body=message.body, timestamp=int(clock.now().timestamp()))
        headers = {EVENT_ID: message.event_id, SIGNATURE: signature}
        tried = post(run.url, message.body, headers, allowed=allowed, whole_seconds=whole_seconds)
        with database.transaction() as session:
            note_try(session, run.county_code, message.delivery_id, tried, at=clock.now())
        failed_in_a_row = 0 if tried.is_taken else failed_in_a_row + 1
        if not tried.is_taken:
            log.warning("webhook_failed", subscription=run.subscription_id, outcome=tried.outcome, status=tried.status)
            # Silence costs seconds each time: one is enough to leave the listener alone for a while.
            failed_in_a_row += 0 if tried.has_answered else MOST_FAILED_IN_A_ROW
    with database.transaction() as session:
        end_run(session, run, has_failed=failed_in_a_row >= MOST_FAILED_IN_A_ROW, at=clock.now())
