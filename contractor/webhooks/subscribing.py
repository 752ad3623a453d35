"""What the lead does with subscriptions: add one, have a test sent, have deliveries sent again, turn one off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.vault.keyring import Keyring
from contractor.webhooks.refusals import NothingToReplay, SubscriptionOff, TooManySubscriptions
from contractor.webhooks.secrets import CURRENT, change_secret, sealed_as
from contractor.webhooks.signing import new_secret
from contractor.webhooks.tables import EVENT_KINDS, TEST, WebhookDelivery, WebhookSubscription
from contractor.webhooks.targets import addresses_of, read_target

STREAM = "webhooks"
MOST_ON = 20


def add(
    session: Session,
    *,
    county_code: str,
    label: str,
    url: str,
    event_kinds: Collection[str],
    institution_code: str | None,
    keyring: Keyring,
    allowed: str,
    by: int,
    at: dt.datetime,
) -> tuple[int, str]:
    """The new subscription's number, and its secret, which is told this once.

    Raises: TargetRefused, TooManySubscriptions.
    """
    assert event_kinds and set(event_kinds) <= set(EVENT_KINDS), "the form offers these and no others"
    addresses_of(read_target(url, allowed=allowed), allowed=allowed)
    s = WebhookSubscription
    count = session.scalar(select(func.count()).where(s.county_code == county_code, s.off_at.is_(None)))
    if (count or 0) >= MOST_ON:
        raise TooManySubscriptions(most=MOST_ON)
    number = session.scalar(select(func.nextval(text("'contractor.webhook_subscription_id_seq'"))))
    assert number is not None
    secret = new_secret()
    session.add(
        s(
            county_code=county_code,
            id=number,
            label=label,
            url=url,
            event_kinds=sorted(event_kinds),
            institution_code=institution_code,
            signing_key_sealed=sealed_as(CURRENT, secret, keyring, county_code, number),
            created_at=at,
            created_by=by,
        )
    )
    session.flush()
    host = read_target(url, allowed=allowed).host
    _note(session, "webhook.added", county_code, number, by=by, at=at, host=host, kinds=sorted(event_kinds))
    return number, secret


def turn_off(session: Session, subscription_id: int, *, county_code: str, by: int, at: dt.datetime) -> None:
    """Nothing is sent any more; what waited is dropped. Raises: NotFound, SubscriptionOff."""
    own = locked(session, county_code, subscription_id)
    own.off_at, own.off_by = at, by
    d = WebhookDelivery
    dropped = session.execute(
        update(d)
        .where(d.county_code == county_code, d.subscription_id == subscription_id, d.state == "waiting")
        .values(state="dropped")
    )
    _note(session, "webhook.off", county_code, subscription_id, by=by, at=at, dropped=dropped.rowcount)


def rotate(
    session: Session,
    subscription_id: int,
    *,
    seen_no: int,
    overlap_hours: int,
    county_code: str,
    keyring: Keyring,
    by: int,
    at: dt.datetime,
) -> str:
    """A new secret, told this once; the one before stays good for the hours given.

    Raises: NotFound, SubscriptionOff, SecretChanged.
    """
    own = locked(session, county_code, subscription_id)
    secret = change_secret(session, own, seen_no=seen_no, overlap_hours=overlap_hours, keyring=keyring, by=by, at=at)
    facts = {"secret": own.secret_no, "overlap_hours": overlap_hours}
    _note(session, "webhook.secret_changed", county_code, subscription_id, by=by, at=at, **facts)
    return secret


def send_test(session: Session, subscription_id: int, *, county_code: str, by: int, at: dt.datetime) -> None:
    """A message that says nothing happened, through everything a real one goes through."""
    own = locked(session, county_code, subscription_id)
    own.test_count += 1
    own.resting_until = None
    session.add(
        WebhookDelivery(
            county_code=county_code,
            subscription_id=subscription_id,
            event_kind=TEST,
            subject=TEST,
            subject_id=subscription_id,
            event_no=own.test_count,
            happened_at=at,
            next_at=at,
        )
    )
    session.flush()
    _note(session, "webhook.test", county_code, subscription_id, by=by, at=at, test=own.test_count)


def replay(
    session: Session,
    subscription_id: int,
    delivery_ids: Collection[int] | None,
    *,
    county_code: str,
    by: int,
    at: dt.datetime,
) -> int:
    """Send deliveries again, with all their tries before them: these, or every dead one. Returns how many.

    Raises: NotFound, SubscriptionOff, NothingToReplay.
    """
    own = locked(session, county_code, subscription_id)
    own.resting_until = None
    d = WebhookDelivery
    which = d.state == "dead" if delivery_ids is None else d.id.in_(delivery_ids)
    again = session.execute(
        update(d)
        .where(d.county_code == county_code, d.subscription_id == subscription_id, which)
        .where(d.state.in_(("delivered", "dead")))
        .values(state="waiting", tries=0, next_at=at, dead_at=None, replayed_at=at, replayed_by=by)
        .execution_options(synchronize_session=False)
    )
    if not again.rowcount:
        raise NothingToReplay()
    _note(session, "webhook.replayed", county_code, subscription_id, by=by, at=at, count=again.rowcount)
    return again.rowcount


def locked(session: Session, county_code: str, subscription_id: int) -> WebhookSubscription:
    """Raises: NotFound, SubscriptionOff."""
    s = WebhookSubscription
    own = session.scalars(
        select(s).where(s.county_code == county_code, s.id == subscription_id).with_for_update()
    ).one_or_none()
    if own is None:
        raise NotFound(kind="webhook_subscription")
    if own.off_at is not None:
        raise SubscriptionOff()
    return own


def _note(
    session: Session, act: str, county_code: str, subscription_id: int, *, by: int, at: dt.datetime, **facts: object
) -> None:
    entry = Entry(act, "webhook_subscription", str(subscription_id), Actor(ActorKind.STAFF, str(by)), facts)
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
