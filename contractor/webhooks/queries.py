"""Subscriptions and their deliveries as the lead sees them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, and_, case, func, select
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from contractor.webhooks.tables import WebhookAttempt, WebhookDelivery, WebhookSubscription

MOST_SHOWN = 50


def subscriptions(session: Session, county_code: str) -> Sequence[Row]:
    """Each subscription, those that are on first, with how many deliveries wait and how many are dead."""
    s = WebhookSubscription
    counts = _counts()
    return session.execute(
        select(s, counts.c.waiting, counts.c.dead)
        .join(counts, and_(counts.c.county_code == s.county_code, counts.c.subscription_id == s.id), isouter=True)
        .where(s.county_code == county_code)
        .order_by(s.off_at.is_not(None), s.id.desc())
    ).all()


def subscription(session: Session, county_code: str, subscription_id: int) -> WebhookSubscription:
    """Raises: NotFound."""
    s = WebhookSubscription
    own = session.scalars(select(s).where(s.county_code == county_code, s.id == subscription_id)).one_or_none()
    if own is None:
        raise NotFound(kind="webhook_subscription")
    return own


def newest_deliveries(
    session: Session,
    county_code: str,
    subscription_id: int,
    *,
    state: str = "",
    before: int | None = None,
    size: int = MOST_SHOWN,
) -> Sequence[Row]:
    """One page of deliveries and one more, newest first, each with what came of its last try."""
    d, a = WebhookDelivery, WebhookAttempt
    asked = (
        select(d, a.outcome, a.status, a.at.label("tried_at"))
        .join(
            a,
            and_(a.county_code == d.county_code, a.delivery_id == d.id, a.attempt_no == d.tries_ever),
            isouter=True,
        )
        .where(d.county_code == county_code, d.subscription_id == subscription_id)
        .order_by(d.id.desc())
        .limit(size + 1)
    )
    if state:
        asked = asked.where(d.state == state)
    if before is not None:
        asked = asked.where(d.id < before)
    return session.execute(asked).all()


def dead_count(session: Session, county_code: str, subscription_id: int) -> int:
    d = WebhookDelivery
    own = (d.county_code == county_code, d.subscription_id == subscription_id, d.state == "dead")
    return session.scalar(select(func.count()).where(*own)) or 0


def _counts():
    d = WebhookDelivery
    return (
        select(
            d.county_code,
            d.subscription_id,
            func.count(case((d.state == "waiting", 1))).label("waiting"),
            func.count(case((d.state == "dead", 1))).label("dead"),
        )
        .where(d.state.in_(("waiting", "dead")))
        .group_by(d.county_code, d.subscription_id)
        .subquery("counts")
    )
