"""Webhooks for programs: what did not arrive, sent again; a test; a new secret while the old one is still good.

Whom a subscription tells is set on the page, by the lead with a fresh proof. A secret may be changed by a program, so
that it is changed often: its answer alone holds it, once, and no repeat does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from chassis.api.cursors import PageQuery, PageTold, number_at, page_of
from chassis.api.fields import MOST_ID, Given, Told, Whole
from chassis.api.operations import Ask, JsonBody, Operation
from chassis.api.operations import mount as mount_operations
from chassis.desks import Desk
from chassis.errors import NotFound
from chassis.web.current import the_house
from contractor.claims.api_asking import who
from contractor.webhooks import queries, subscribing
from contractor.webhooks.messages import event_id
from contractor.webhooks.secrets import OVERLAPS_HOURS
from contractor.webhooks.tables import EVENT_KINDS, OUTCOMES, WebhookSubscription
from contractor.webhooks.wording import STATE_WORDS


class Subscription(Told):
    id = fields.Integer(required=True)
    label = fields.String(required=True)
    url = fields.String(required=True)
    event_kinds = fields.List(fields.String(validate=validate.OneOf(EVENT_KINDS)), required=True)
    institution_code = fields.String(required=True, allow_none=True)
    is_on = fields.Boolean(required=True)
    secret_no = fields.Integer(required=True, metadata={"description": _("现在是第几把密钥")})
    previous_until = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": _("旧的一把到什么时候也有效")}
    )
    waiting_count = fields.Integer(required=True)
    dead_count = fields.Integer(required=True)


class SubscriptionsTold(Told):
    subscriptions = fields.List(fields.Nested(Subscription), required=True)


class DeliveriesQuery(PageQuery):
    state = fields.String(load_default="", validate=validate.OneOf(("", *STATE_WORDS), error=_("没有这个状态")))


class Delivery(Told):
    id = fields.Integer(required=True)
    event_id = fields.String(required=True)
    event_kind = fields.String(required=True)
    happened_at = fields.AwareDateTime(required=True)
    state = fields.String(required=True, validate=validate.OneOf(tuple(STATE_WORDS)))
    tries_ever = fields.Integer(required=True)
    outcome = fields.String(required=True, allow_none=True, validate=validate.OneOf(OUTCOMES))
    status = fields.Integer(required=True, allow_none=True, metadata={"description": _("最近一次的 HTTP 状态")})
    next_at = fields.AwareDateTime(required=True)


class DeliveriesTold(PageTold):
    deliveries = fields.List(fields.Nested(Delivery), required=True)


class Replaying(Given):
    delivery_ids = fields.List(
        Whole(least=1),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=1_000),
        metadata={"description": _("重推哪几个；不填是全部没有推成的")},
    )


class Replayed(Told):
    replayed_count = fields.Integer(required=True)


class Rotating(Given):
    seen_no = Whole(required=True, least=1, most=2**31 - 1, metadata={"description": _("看到的是第几把")})
    overlap_hours = fields.Integer(
        required=True,
        strict=True,
        validate=validate.OneOf(OVERLAPS_HOURS, error=_("没有这个代号")),
        metadata={"description": _("旧的一把还有效几小时；0 是立即失效")},
    )


class Rotated(Subscription):
    secret = fields.String(
        required=True, allow_none=True, metadata={"description": _("新的密钥，只说这一次；同一个编号再问时为空")}
    )


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "webhooks_api", OPERATIONS)


def tell_subscriptions(session: Session, ask: Ask) -> dict[str, Any]:
    rows = queries.subscriptions(session, ask.visitor.county_code)
    told = [_told(row.WebhookSubscription, row.waiting or 0, row.dead or 0) for row in rows]
    return {"subscriptions": told}


def tell_deliveries(session: Session, ask: Ask, subscription_id: int) -> dict[str, Any]:
    county, query, limit = ask.visitor.county_code, ask.query, ask.query["limit"]
    _require(session, ask, subscription_id)
    found = queries.newest_deliveries(
        session, county, subscription_id, state=query["state"], before=number_at(query["cursor"]), size=limit
    )
    told = [_delivery(row) for row in found[:limit]]
    cursor = page_of([row.WebhookDelivery for row in found], limit)[1]
    return {"deliveries": told, "next": cursor}


def send_test(session: Session, ask: Ask, subscription_id: int) -> dict[str, Any]:
    subscribing.send_test(session, subscription_id, **who(ask))
    return _one(session, ask, subscription_id)


def replay(session: Session, ask: Ask, subscription_id: int) -> dict[str, Any]:
    """Raises: NothingToReplay."""
    count = subscribing.replay(session, subscription_id, ask.body["delivery_ids"], **who(ask))
    return {"replayed_count": count}


def rotate(session: Session, ask: Ask, subscription_id: int) -> dict[str, Any]:
    """Raises: SecretChanged."""
    secret = subscribing.rotate(session, subscription_id, keyring=the_house().keyring, **ask.body, **who(ask))
    return _one(session, ask, subscription_id) | {"secret": secret}


def turn_off(session: Session, ask: Ask, subscription_id: int) -> dict[str, Any]:
    subscribing.turn_off(session, subscription_id, **who(ask))
    return _one(session, ask, subscription_id)


def _seen(act: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A number that no row can have is no row's, whatever is asked of it."""

    def view(session: Session, ask: Ask, subscription_id: int) -> dict[str, Any]:
        _require(session, ask, subscription_id)
        return act(session, ask, subscription_id)

    return view


def _require(session: Session, ask: Ask, subscription_id: int) -> WebhookSubscription:
    if not 0 < subscription_id <= MOST_ID:
        raise NotFound(kind="webhook_subscription")
    return queries.subscription(session, ask.visitor.county_code, subscription_id)


def _one(session: Session, ask: Ask, subscription_id: int) -> dict[str, Any]:
    told = tell_subscriptions(session, ask)["subscriptions"]
    return next(one for one in told if one["id"] == subscription_id)


def _told(own: WebhookSubscription, waiting: int, dead: int) -> dict[str, Any]:
    names = ("id", "label", "url", "event_kinds", "institution_code", "secret_no", "previous_until")
    counts = {"is_on": own.off_at is None, "waiting_count": waiting, "dead_count": dead}
    return {name: getattr(own, name) for name in names} | counts


def _delivery(row: Any) -> dict[str, Any]:
    one = row.WebhookDelivery
    names = ("id", "event_kind", "happened_at", "state", "tries_ever", "next_at")
    tried = {"event_id": event_id(one), "outcome": row.outcome, "status": row.status}
    return {name: getattr(one, name) for name in names} | tried


_ONE = "/webhooks/<int:subscription_id>"
_OFF = _("已经停用")

OPERATIONS = (
    Operation("subscriptions", "GET", "/webhooks", tell_subscriptions, _("事件推送"), SubscriptionsTold()),
    Operation(
        "deliveries",
        "GET",
        f"{_ONE}/deliveries",
        tell_deliveries,
        _("推送记录"),
        DeliveriesTold(),
        description=_("新的在前，一页一页取。"),
        query=DeliveriesQuery(),
    ),
    Operation(
        "test",
        "POST",
        f"{_ONE}/test",
        _seen(send_test),
        _("试推送"),
        Subscription(),
        is_once=True,
        refusals={409: _OFF},
    ),
    Operation(
        "replay",
        "POST",
        f"{_ONE}/replay",
        _seen(replay),
        _("重推"),
        Replayed(),
        body=JsonBody(Replaying()),
        is_once=True,
        refusals={409: _("没有可重推的，或已经停用")},
    ),
    Operation(
        "rotate",
        "POST",
        f"{_ONE}/rotate",
        _seen(rotate),
        _("换密钥"),
        Rotated(),
        description=_("两把密钥在您定的几小时里都有效，每次推送带两个签名。新的只在第一次的回答里。"),
        body=JsonBody(Rotating()),
        is_once=True,
        told_once=frozenset({"secret"}),
        refusals={409: _("密钥刚刚换过，或已经停用")},
    ),
    Operation(
        "off", "POST", f"{_ONE}/off", _seen(turn_off), _("停用"), Subscription(), is_once=True, refusals={409: _OFF}
    ),
)
