"""Payments to batch, the list of batches, and the map of the room.

A cashier comes to pay what was decided since yesterday and to see what hangs; a checker comes for what waits for a
second pair of eyes. One page answers both: what can be batched, and every batch with its state.
"""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, Flask, flash, g, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis.desks import Desk
from chassis.errors import Refusal, UnreadableInput
from chassis.identity.forms import read
from chassis.visitors import Visitor
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from contractor.ledger.advances import is_open
from contractor.payments import pages_answers, pages_batch, pages_opening, words
from contractor.payments.batches import Group, make_batches
from contractor.payments.forms import MAKE
from contractor.payments.held import held_count
from contractor.payments.opening import is_sending_permitted
from contractor.payments.pages_batch_shown import number_of
from contractor.payments.queries import batch_counts, batches_page, count_for_people, waiting

PAGE = 30


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("payments", __name__, template_folder="templates", url_prefix="/payments")
    at(room, "", "page", {"GET": show})
    at(room, "/make", "make", {"POST": make})
    pages_batch.add(room)
    pages_answers.add(room)
    pages_opening.add(room)
    app.register_blueprint(room)


def count_for_visitor(session: Session, visitor: Visitor) -> int:
    """What waits for this person: batches to check, or what needs a cashier or the lead."""
    if "checker" in visitor.roles:
        return batch_counts(session, visitor.county_code).get("submitted", 0)
    return count_for_people(session, visitor.county_code) if visitor.roles & {"cashier", "lead"} else 0


def show():
    return _page()


def make():
    """One kind of payment into batches, at most 10,000 each."""
    visitor = the_visitor()
    try:
        values = read(MAKE, request.form)
        group = Group(values["fund"], values["payee_kind"])
        made = the_database().retrying(
            lambda session: make_batches(
                session, [group], county_code=visitor.county_code, by=visitor.person_id, at=g.at
            )
        )
    except UnreadableInput:
        return _page(status=422, refused=_("请从清单里选一类支付。"))
    except Refusal as refusal:
        return _page(status=refusal.status, refused=answer_to(refusal).text)
    flash(_("编好 %(count)s 个批次。看过内容，再提交复核。", count=len(made)), "ok")
    return redirect(desk_url("payments.batch", batch_id=made[0]), 303)


def _page(*, status: int = 200, refused: str | None = None):
    visitor = the_visitor()
    state = request.args.get("state", "") if request.args.get("state") in words.BATCH_STATES else ""
    before = int(request.args["before"]) if request.args.get("before", "").isdigit() else None
    with the_database().transaction() as session:
        groups, held = waiting(session, visitor.county_code), held_count(session, visitor.county_code)
        found = batches_page(
            session, visitor.county_code, state=state or None, before=before and min(before, 2**62), size=PAGE
        )
        counts = batch_counts(session, visitor.county_code)
        open_count = count_for_people(session, visitor.county_code)
        is_begun = is_open(session, visitor.county_code)
        is_permitted = is_sending_permitted(session, visitor.county_code)
    shown, is_more = found[:PAGE], len(found) > PAGE
    body = render_template(
        "payments/page.html",
        groups=[_group(group) for group in groups],
        held_count=held,
        may_make="cashier" in visitor.roles,
        make_url=desk_url("payments.make"),
        refused=refused,
        rows=[_row(batch) for batch in shown],
        views=[
            (_("全部"), desk_url("payments.page"), sum(counts.values()), not state),
            *(
                (str(name), desk_url("payments.page", state=key), counts[key], key == state)
                for key, (name, _kind) in words.BATCH_STATES.items()
                if counts.get(key)
            ),
        ],
        next_url=desk_url("payments.page", state=state or None, before=shown[-1].id) if is_more else None,
        first_url=desk_url("payments.page", state=state or None) if before else None,
        answers_url=desk_url("payments.answers"),
        open_count=open_count,
        is_permitted=is_permitted,
        is_begun=is_begun,
        opening_url=desk_url("payments.opening"),
    )
    return body, status


def _group(group) -> SimpleNamespace:
    return SimpleNamespace(
        fund=group.fund,
        payee_kind=group.payee_kind,
        fund_words=str(words.FUNDS[group.fund]),
        payee_words=str(words.PAYEES[group.payee_kind]),
        payee_count=group.payee_count,
        payment_count=group.payment_count,
        total_fen=group.total_fen,
        oldest_at=group.oldest_at,
    )


def _row(batch) -> dict[str, object]:
    state, kind = words.BATCH_STATES[batch.state]
    return {
        "number": (number_of(batch), desk_url("payments.batch", batch_id=batch.id)),
        "fund": str(words.FUNDS[batch.fund]),
        "payees": str(words.PAYEES[batch.payee_kind]),
        "count": batch.payment_count or None,
        "total": batch.total_fen or None,
        "made_at": batch.made_at,
        "state": (str(state), kind),
    }
