"""What the bank said and what hangs: exceptions that a person closes, payments that came back, the last files."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis.errors import NotFound, Refusal, UnreadableInput
from chassis.identity.forms import read, words_of
from chassis.people.queries import names_of
from chassis.vault.refusals import BankAccountRefused
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from contractor.ledger.advances import is_open
from contractor.payments import exceptions, opening, queries, returned, words
from contractor.payments.forms import LONGEST_REASON, REASON, REISSUE
from contractor.payments.tables import Payment, PaymentException

MOST_ID = 2**62


def add(room: Blueprint) -> None:
    at(room, "/answers", "answers", {"GET": show})
    at(room, "/exceptions/<int:exception_id>", "exception", {"GET": show_exception, "POST": resolve})
    at(room, "/unpaid/<int:payment_id>", "unpaid", {"GET": show_unpaid})
    at(room, "/unpaid/<int:payment_id>/reissue", "reissue", {"POST": reissue})
    at(room, "/unpaid/<int:payment_id>/cancel", "cancel", {"POST": cancel})
    at(room, "/permit", "permit", {"GET": show_permit, "POST": permit})


def show():
    county_code = the_visitor().county_code
    with the_database().transaction() as session:
        noticed = queries.open_exceptions(session, county_code)
        back = queries.unpaid(session, county_code)
        messages = queries.messages_page(session, county_code)
        is_permitted = opening.is_sending_permitted(session, county_code) or not is_open(session, county_code)
    return render_template(
        "payments/answers.html",
        noticed=[_exception_row(row) for row in noticed],
        back=[_unpaid_row(row) for row in back],
        bank_files=[_message_row(row) for row in messages],
        page_url=desk_url("payments.page"),
        permit_url=None if is_permitted else desk_url("payments.permit"),
    )


def show_exception(exception_id: int):
    return _exception(exception_id)


def resolve(exception_id: int):
    visitor = the_visitor()

    def act(session: Session) -> None:
        exceptions.resolve(
            session,
            county_code=visitor.county_code,
            exception_id=exception_id,
            resolution=read(REASON, request.form)["reason"],
            by=visitor.person_id,
            at=g.at,
        )

    return _act(act, lambda **more: _exception(exception_id, **more), _("已办结。"))


def show_unpaid(payment_id: int):
    return _unpaid(payment_id)


def reissue(payment_id: int):
    visitor, house = the_visitor(), the_house()

    def act(session: Session) -> None:
        values = read(REISSUE, request.form)
        returned.reissue(
            session,
            county_code=visitor.county_code,
            payment_id=payment_id,
            account_name=values["account_name"],
            account=values["account"].strip() or None,
            reason=values["reason"],
            keyring=house.keyring,
            by=visitor.person_id,
            at=g.at,
        )

    return _act(act, lambda **more: _unpaid(payment_id, **more), _("已补发，等编入下一个批次。"))


def cancel(payment_id: int):
    visitor = the_visitor()

    def act(session: Session) -> None:
        returned.cancel(
            session,
            county_code=visitor.county_code,
            payment_id=payment_id,
            reason=read(REASON, request.form)["reason"],
            by=visitor.person_id,
            at=g.at,
        )

    return _act(act, lambda **more: _unpaid(payment_id, form="cancel", **more), _("已取消，不再支付。"))


def show_permit():
    return _permit()


def permit():
    visitor = the_visitor()

    def act(session: Session) -> None:
        if not opening.is_sending_permitted(session, visitor.county_code):
            reason = read(REASON, request.form)["reason"]
            opening.permit_sending(
                session, county_code=visitor.county_code, reason=reason, by=visitor.person_id, at=g.at
            )

    return _act(act, _permit, _("已允许发送。"))


def _act(act: Callable[[Session], None], again: Callable, done: str):
    try:
        the_database().retrying(act)
    except UnreadableInput as refusal:
        return again(status=refusal.status, errors=words_of(refusal.facts["faults"]))
    except NotFound:
        raise
    except BankAccountRefused:
        return again(status=422, errors={"account": _("这不是一个银行账号，请核对位数和校验位")})
    except Refusal as refusal:
        return again(status=refusal.status, errors={"act": answer_to(refusal).text})
    flash(done, "ok")
    return redirect(desk_url("payments.answers"), 303)


def _permit(*, status: int = 200, errors: dict[str, str] | None = None):
    with the_database().transaction() as session:
        is_permitted = opening.is_sending_permitted(session, the_visitor().county_code)
    return _answer(
        "payments/permit.html", status, errors=errors or {}, is_permitted=is_permitted, here=desk_url("payments.permit")
    )


def _exception(exception_id: int, *, status: int = 200, errors: dict[str, str] | None = None):
    visitor = the_visitor()
    with the_database().transaction() as session:
        row = session.get(PaymentException, (visitor.county_code, exception_id)) if exception_id <= MOST_ID else None
        if row is None:
            raise NotFound(kind="payment_exception")
        names = names_of(session, visitor.county_code, [row.resolved_by] if row.resolved_by else [])
    facts = [
        (_("是什么"), str(words.EXCEPTIONS[row.kind])),
        (_("涉及"), row.subject),
        (_("应当是"), row.expected),
        (_("发现是"), row.found),
        (_("发现于"), words.shown_instant(row.noticed_at)),
    ]
    if row.resolved_at:
        facts += [
            (_("办结人"), names.get(row.resolved_by or 0, str(row.resolved_by))),
            (_("办结于"), words.shown_instant(row.resolved_at)),
            (_("怎样办的"), row.resolution or ""),
        ]
    return _answer(
        "payments/exception.html",
        status,
        row=row,
        title=str(words.EXCEPTIONS[row.kind]),
        facts=facts,
        batch_url=desk_url("payments.batch", batch_id=row.batch_id) if row.batch_id else None,
        may_resolve=row.resolved_at is None and bool(visitor.roles & {"cashier", "lead"}),
        here=desk_url("payments.exception", exception_id=exception_id),
        errors=errors or {},
    )


def _unpaid(payment_id: int, *, status: int = 200, errors: dict[str, str] | None = None, form: str = "reissue"):
    visitor = the_visitor()
    with the_database().transaction() as session:
        row = session.get(Payment, (visitor.county_code, payment_id)) if payment_id <= MOST_ID else None
        if row is None:
            raise NotFound(kind="payment")
    state, kind = words.PAYMENT_STATES[row.state]
    is_open = row.state in ("refused_by_bank", "returned")
    return _answer(
        "payments/unpaid.html",
        status,
        row=row,
        title=_("支付 %(number)s", number=row.id),
        pill=(str(state), kind),
        facts=[
            (_("户名"), row.account_name),
            (_("基金"), str(words.FUNDS[row.fund])),
            (_("申请编号"), str(row.claim_id)),
            (_("银行编号"), row.end_to_end_id),
            (_("银行的理由"), row.last_reason or _("没有说")),
        ],
        may_reissue=is_open and bool(visitor.roles & {"cashier", "lead"}),
        may_cancel=is_open and "lead" in visitor.roles,
        urls={name: desk_url(f"payments.{name}", payment_id=payment_id) for name in ("reissue", "cancel")},
        errors=errors or {},
        failed_form=form,
    )


def _answer(template: str, status: int, **values: object):
    values |= {"typed": request.form, "longest": LONGEST_REASON, "back": desk_url("payments.answers")}
    response = make_response(render_template(template, **values), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _exception_row(row: PaymentException) -> dict[str, object]:
    return {
        "what": (str(words.EXCEPTIONS[row.kind]), desk_url("payments.exception", exception_id=row.id)),
        "subject": row.subject,
        "expected": row.expected,
        "found": row.found,
        "at": row.noticed_at,
    }


def _unpaid_row(row: Payment) -> dict[str, object]:
    state, kind = words.PAYMENT_STATES[row.state]
    return {
        "name": (row.account_name, desk_url("payments.unpaid", payment_id=row.id)),
        "fund": str(words.FUNDS[row.fund]),
        "amount": row.amount_fen,
        "state": (str(state), kind),
        "reason": row.last_reason,
        "at": row.last_event_at,
    }


def _message_row(row) -> dict[str, object]:
    return {
        "kind": str(words.MESSAGES[row.kind]),
        "name": row.message_id,
        "count": row.line_count,
        "total": row.total_fen,
        "at": row.at,
    }
