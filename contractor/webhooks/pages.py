"""The lead's page of webhooks: who is told of what, what did not arrive, a test, a replay, and the end of it.

The secret is on the page once, right after the subscription was added.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Flask, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _

from chassis.api.fields import MOST_ID
from chassis.desks import Desk
from chassis.errors import NotFound, Refusal, UnreadableInput
from chassis.i18n import language
from chassis.identity.forms import read, words_of
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from contractor.claims.listing import institutions_seen
from contractor.claims.sight import sight_of
from contractor.webhooks import subscribing
from contractor.webhooks.forms import LONGEST_LABEL, ROTATION, SUBSCRIPTION
from contractor.webhooks.messages import event_id
from contractor.webhooks.queries import MOST_SHOWN, dead_count, newest_deliveries, subscription, subscriptions
from contractor.webhooks.refusals import TargetRefused, TooManySubscriptions
from contractor.webhooks.secrets import OVERLAPS_HOURS
from contractor.webhooks.tables import EVENT_KINDS
from contractor.webhooks.targets import LONGEST_URL
from contractor.webhooks.wording import EVENT_WORDS, OUTCOME_WORDS, STATE_WORDS, overlap_words

ACTS = ("test", "replay", "rotate", "off")


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("webhooks", __name__, template_folder="templates", url_prefix="/webhooks")
    at(room, "", "page", {"GET": show, "POST": add})
    at(room, "/<int:subscription_id>", "one", {"GET": show_one})
    at(room, "/<int:subscription_id>/test", "test", {"POST": send_test})
    at(room, "/<int:subscription_id>/replay", "replay", {"POST": replay})
    at(room, "/<int:subscription_id>/rotate", "rotate", {"POST": rotate})
    at(room, "/<int:subscription_id>/off", "off", {"POST": turn_off})
    app.register_blueprint(room)


def show():
    return _page({}, 200)


def add():
    """The route asks for a step-up before it."""
    visitor, house = the_visitor(), the_house()
    try:
        values = _values()
        number, secret = the_database().retrying(
            lambda session: subscribing.add(
                session,
                county_code=visitor.county_code,
                keyring=house.keyring,
                allowed=house.settings.webhook_targets,
                by=visitor.person_id,
                at=g.at,
                **values,
            )
        )
    except UnreadableInput as refusal:
        return _page(words_of(refusal.facts["faults"]), refusal.status)
    except (TargetRefused, TooManySubscriptions) as refusal:
        return _page({"url": answer_to(refusal).text}, refusal.status)
    return _page({}, 200, made=SimpleNamespace(id=number, secret=secret, label=values["label"]))


def show_one(subscription_id: int):
    return _one(subscription_id)


def send_test(subscription_id: int):
    who = _who()
    return _done(
        subscription_id, lambda session: subscribing.send_test(session, subscription_id, **who), _("已排入试推送。")
    )


def replay(subscription_id: int):
    """One delivery by its number, or every dead one."""
    given = request.form.get("delivery", "")
    if given and not (given.isascii() and given.isdigit() and 0 < int(given[:19]) <= MOST_ID):
        raise NotFound(kind="webhook_delivery")
    which = [int(given)] if given else None
    who = _who()
    return _done(
        subscription_id,
        lambda session: subscribing.replay(session, subscription_id, which, **who),
        _("已排入重推。"),
    )


def rotate(subscription_id: int):
    """A new secret, shown once on the page that comes back; the route asks for a step-up before it."""
    house, who = the_house(), _who()
    if not 0 < subscription_id <= MOST_ID:
        raise NotFound(kind="webhook_subscription")
    try:
        values = read(ROTATION, request.form)
        secret = the_database().retrying(
            lambda session: subscribing.rotate(session, subscription_id, keyring=house.keyring, **values, **who)
        )
    except NotFound:
        raise
    except UnreadableInput:
        return _one(subscription_id, status=422)
    except Refusal as refusal:
        return _one(subscription_id, refusal)
    return _one(subscription_id, made=secret)


def turn_off(subscription_id: int):
    who = _who()
    return _done(
        subscription_id, lambda session: subscribing.turn_off(session, subscription_id, **who), _("推送已停用。")
    )


def _who() -> dict[str, Any]:
    visitor = the_visitor()
    return {"county_code": visitor.county_code, "by": visitor.person_id, "at": g.at}


def _done(subscription_id: int, act, told: str):
    if not 0 < subscription_id <= MOST_ID:
        raise NotFound(kind="webhook_subscription")
    try:
        the_database().retrying(act)
    except NotFound:
        raise
    except Refusal as refusal:
        return _one(subscription_id, refusal)
    flash(told, "ok")
    return redirect(desk_url("webhooks.one", subscription_id=subscription_id), 303)


def _values() -> dict[str, Any]:
    """Raises: UnreadableInput."""
    values = read(SUBSCRIPTION, request.form)
    kinds = [kind for kind in request.form.getlist("event_kinds") if kind in EVENT_KINDS]
    if not kinds:
        raise UnreadableInput(faults={"event_kinds": [_("至少选一种事件")]})
    code = values["institution_code"]
    if code:
        with the_database().transaction() as session:
            known = {row.institution_code for row in institutions_seen(session, sight_of(the_visitor()))}
        if code not in known:
            raise UnreadableInput(faults={"institution_code": [_("请选一项")]})
    return {
        "label": values["label"].strip(),
        "url": values["url"].strip(),
        "event_kinds": kinds,
        "institution_code": code or None,
    }


def _page(errors: dict[str, str], status: int, made: SimpleNamespace | None = None):
    visitor = the_visitor()
    with the_database().transaction() as session:
        rows = subscriptions(session, visitor.county_code)
        institutions = institutions_seen(session, sight_of(visitor))
    english = language() == "en"
    response = make_response(
        render_template(
            "webhooks/page.html",
            rows=[_subscription(row.WebhookSubscription, row.waiting or 0, row.dead or 0) for row in rows],
            kinds=[(kind, EVENT_WORDS[kind]) for kind in EVENT_KINDS],
            chosen=request.form.getlist("event_kinds") if errors else list(EVENT_KINDS),
            institutions=[
                ("", _("全县")),
                *((i.institution_code, i.name_en if english else i.name_zh) for i in institutions),
            ],
            longest_label=LONGEST_LABEL,
            longest_url=LONGEST_URL,
            made=made,
            errors=errors,
            typed=request.form if errors else {},
            must_step_up=visitor.stepped_up_until is None or visitor.stepped_up_until <= g.at,
            step_up_url=desk_url("identity.step_up", next=desk_url("webhooks.page")),
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _one(subscription_id: int, refused: Refusal | None = None, *, made: str | None = None, status: int = 200):
    visitor, state = the_visitor(), request.args.get("state", "")
    before = request.args.get("before", "")
    with the_database().transaction() as session:
        if not 0 < subscription_id <= MOST_ID:
            raise NotFound(kind="webhook_subscription")
        own = subscription(session, visitor.county_code, subscription_id)
        found = newest_deliveries(
            session,
            visitor.county_code,
            subscription_id,
            state=state if state in STATE_WORDS else "",
            before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        )
        dead = dead_count(session, visitor.county_code, subscription_id)
    shown = found[:MOST_SHOWN]
    here = {"subscription_id": subscription_id}
    next_url = None
    if len(found) > MOST_SHOWN:
        next_url = desk_url("webhooks.one", **here, state=state, before=shown[-1].WebhookDelivery.id)
    page = render_template(
        "webhooks/one.html",
        own=_subscription(own, 0, dead),
        rows=[_delivery(row) for row in shown],
        dead=dead,
        state=state,
        states=[("", _("全部")), *((key, words) for key, (words, _kind) in STATE_WORDS.items())],
        refused=answer_to(refused) if refused else None,
        urls=SimpleNamespace(**{act: desk_url(f"webhooks.{act}", **here) for act in ("one", *ACTS)}),
        next_url=next_url,
        made=made,
        overlaps=[(hours, overlap_words(hours)) for hours in OVERLAPS_HOURS],
        must_step_up=visitor.stepped_up_until is None or visitor.stepped_up_until <= g.at,
        step_up_url=desk_url("identity.step_up", next=desk_url("webhooks.one", **here)),
    )
    response = make_response(page, refused.status if refused else status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _subscription(own, waiting: int, dead: int) -> SimpleNamespace:
    return SimpleNamespace(
        label=own.label,
        url=own.url,
        events="、".join(str(EVENT_WORDS[kind]) for kind in own.event_kinds),
        institution_code=own.institution_code or _("全县"),
        created_at=own.created_at,
        is_on=own.off_at is None,
        off_at=own.off_at,
        secret_no=own.secret_no,
        rotated_at=own.rotated_at,
        previous_until=own.previous_until if own.previous_until and own.previous_until > g.at else None,
        resting_until=own.resting_until if own.failed_runs and own.off_at is None else None,
        waiting=waiting,
        dead=dead,
        one_url=desk_url("webhooks.one", subscription_id=own.id),
    )


def _delivery(row) -> SimpleNamespace:
    one = row.WebhookDelivery
    outcome = str(OUTCOME_WORDS[row.outcome]) if row.outcome else ""
    return SimpleNamespace(
        id=one.id,
        event_id=event_id(one),
        event=EVENT_WORDS[one.event_kind],
        happened_at=one.happened_at,
        state=STATE_WORDS[one.state],
        tries=one.tries_ever,
        outcome=f"{outcome} {row.status}" if row.status else outcome,
        next_at=one.next_at if one.state == "waiting" else None,
        can_replay=one.state in ("delivered", "dead"),
    )
