"""One batch: what it pays to whom, the hash the checker signs, and what may be done with it now."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis.errors import NotFound, Refusal, UnreadableInput
from chassis.exports import FILE_TYPES, Column, write_csv, write_xlsx
from chassis.i18n import language
from chassis.identity import doors
from chassis.identity.answering import caller
from chassis.identity.forms import read, words_of
from chassis.people.forms import APPROVE
from chassis.people.queries import names_of
from chassis.people.refusals import ShownOtherwise
from chassis.vault.masking import mask_account
from chassis.vault.sealing import row_id_text, unseal_many
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from contractor.ledger.charts import BOOK_OF_FUND
from contractor.ledger.queries import bank_balance
from contractor.payments import batches, queries, words
from contractor.payments.forms import REASON, VERSION
from contractor.payments.moves import locked_batch
from contractor.payments.planning import PURPOSE, SEALED_CELL
from contractor.payments.refusals import BatchNotInThisState
from contractor.payments.tables import Payment, PaymentBatch

LINES = 50
MOST_ID = 2**62


def add(room: Blueprint) -> None:
    one = "/batches/<int:batch_id>"
    at(room, one, "batch", {"GET": show})
    at(room, f"{one}.<any(csv, xlsx):file_type>", "export", {"GET": export})
    at(room, f"{one}/submit", "submit", {"POST": submit})
    at(room, f"{one}/send-back", "send_back", {"POST": send_back})
    at(room, f"{one}/approve", "approve", {"POST": approve})
    at(room, f"{one}/withdraw", "withdraw", {"POST": withdraw})
    at(room, f"{one}/discard", "discard", {"POST": discard})
    at(room, f"{one}/send", "send", {"POST": send})


def number_of(batch: PaymentBatch) -> str:
    return _("批次 %(number)s", number=batch.id)


def show(batch_id: int):
    return page(batch_id)


def export(batch_id: int, file_type: str):
    """Every payment of the batch; accounts stay at home."""
    county_code = the_visitor().county_code
    with the_database().transaction() as session:
        batch = _own(session, batch_id)
        rows = queries.payments_of(session, county_code, batch.id, size=batches.MOST_PAYMENTS)
    columns = [
        Column("id", _("支付号"), "whole"),
        Column("claim_id", _("申请编号"), "whole"),
        Column("account_name", _("户名")),
        Column("amount_fen", _("金额（元）"), "money"),
        Column("top_up_fen", _("其中贫困提高（元）"), "money"),
        Column("end_to_end_id", _("银行编号")),
        Column("state", _("状态")),
    ]
    told = [dict(row._mapping) | {"state": str(words.PAYMENT_STATES[row.state][0])} for row in rows]
    body = write_csv(columns, told) if file_type == "csv" else write_xlsx(columns, told, sheet="batch")
    answer = Response(body, content_type=FILE_TYPES[file_type])
    answer.headers["Content-Disposition"] = f'attachment; filename="batch-{county_code}-{batch_id}.{file_type}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def submit(batch_id: int):
    def act(session: Session) -> None:
        version = read(VERSION, request.form)["version"]
        batches.submit(session, **_who(batch_id), version=version)

    return _act(batch_id, act, _("已提交，等复核员核准。"))


def send_back(batch_id: int):
    def act(session: Session) -> None:
        batches.send_back(session, **_who(batch_id), reason=read(REASON, request.form)["reason"])

    return _act(batch_id, act, _("已退回制单人。"), "send_back")


def withdraw(batch_id: int):
    def act(session: Session) -> None:
        batches.withdraw_approval(session, **_who(batch_id), reason=read(REASON, request.form)["reason"])

    return _act(batch_id, act, _("核准已撤回，批次又是草稿。"), "withdraw")


def discard(batch_id: int):
    def act(session: Session) -> None:
        batches.discard(session, **_who(batch_id), reason=read(REASON, request.form)["reason"])

    return _act(batch_id, act, _("批次已作废，里面的支付等下一批。"), "discard")


def send(batch_id: int):
    """Ask the worker once more for an approved batch that was held back."""

    def act(session: Session) -> None:
        batch = locked_batch(session, the_visitor().county_code, batch_id)
        if batch.state != "approved":
            raise BatchNotInThisState(batch=batch_id, state=batch.state, expected="approved")
        batches.ask_to_send(session, batch, at=g.at)

    return _act(batch_id, act, _("已交给后台发送，几秒后刷新看结果。"))


def approve(batch_id: int):
    """The password once more for exactly what is on the page; the route asks for a step-up before it."""
    visitor, database = the_visitor(), the_database()
    with database.transaction() as session:
        _own(session, batch_id)
    try:
        values = read(APPROVE, request.form)
        confirmed = doors.confirm_password(
            database, the_house(), visitor, password=values["password"], caller=caller(), at=g.at
        )
        shown = bytes.fromhex(values["content_hash"])
        database.retrying(
            lambda session: batches.approve(session, visitor, confirmed, batch_id=batch_id, shown_sha256=shown, at=g.at)
        )
    except UnreadableInput as refusal:
        return page(batch_id, status=refusal.status, errors=words_of(refusal.facts["faults"]))
    except (Refusal, ShownOtherwise) as refusal:
        return page(batch_id, status=refusal.status, errors={"form": answer_to(refusal).text})
    flash(_("已核准。后台把文件交给银行，回执一到这里就更新。"), "ok")
    return _back(batch_id)


def page(batch_id: int, *, status: int = 200, errors: dict[str, str] | None = None):
    visitor, house = the_visitor(), the_house()
    county_code = visitor.county_code
    after = int(request.args["after"]) if request.args.get("after", "").isdigit() else 0
    with the_database().transaction() as session:
        batch = _own(session, batch_id)
        count, total_fen = queries.totals_of(session, county_code, batch_id)
        payees = queries.payees_of(session, county_code, batch_id)
        lines = queries.payments_of(session, county_code, batch_id, after=min(after, MOST_ID), size=LINES)
        events = queries.events_of(session, county_code, batch_id)
        people = {one for one in (batch.made_by, *(event.acted_by for event in events)) if one is not None}
        names = names_of(session, county_code, people)
        accounts = _last_fours(session, county_code, payees, house.keyring)
        held_fen = bank_balance(session, county_code, BOOK_OF_FUND[batch.fund])
        shown_sha256 = batches.content_sha256(session, county_code, batch_id) if batch.state == "submitted" else None
        is_reissuer = batches.has_reissued(session, batch, visitor.person_id)
    own_part = visitor.person_id in (batch.made_by, batch.submitted_by) or is_reissuer
    state, kind = words.BATCH_STATES[batch.state]
    shown, is_more = lines[:LINES], len(lines) > LINES
    response = make_response(
        render_template(
            "payments/batch.html",
            batch=batch,
            title=number_of(batch),
            pill=(str(state), kind),
            head_facts=[str(words.FUNDS[batch.fund]), str(words.PAYEES[batch.payee_kind])],
            count=count,
            total_fen=total_fen,
            held_fen=held_fen,
            is_enough=held_fen >= total_fen,
            payees=[_payee(row, accounts) for row in payees],
            lines=[_line(row) for row in shown],
            next_url=desk_url("payments.batch", batch_id=batch_id, after=shown[-1].id) if is_more else None,
            first_url=desk_url("payments.batch", batch_id=batch_id) if after else None,
            events=[_event(event, names) for event in events],
            maker=names.get(batch.made_by, str(batch.made_by)),
            road=_road(batch),
            may=_may(batch, visitor.roles),
            must_step_up=visitor.stepped_up_until is None or visitor.stepped_up_until <= g.at,
            step_up_url=desk_url("identity.step_up", next=desk_url("payments.batch", batch_id=batch_id)),
            content_hash=shown_sha256.hex() if shown_sha256 else None,
            refused=_("您制单、提交或补发过其中一笔，不能由您核准。请另一位复核员办理。") if own_part else None,
            urls={
                name: desk_url(f"payments.{name}", batch_id=batch_id)
                for name in ("submit", "send_back", "approve", "withdraw", "discard", "send")
            },
            back=desk_url("payments.page"),
            files=[
                (label, desk_url("payments.export", batch_id=batch_id, file_type=file_type))
                for file_type, label in (("xlsx", _("导出 Excel")), ("csv", _("导出 CSV")))
            ],
            errors=errors or {},
            typed=request.form,
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _who(batch_id: int) -> dict[str, Any]:
    visitor = the_visitor()
    return {"county_code": visitor.county_code, "batch_id": batch_id, "by": visitor.person_id, "at": g.at}


def _act(batch_id: int, act: Callable[[Session], None], done: str, field: str = "form"):
    with the_database().transaction() as session:
        _own(session, batch_id)
    try:
        the_database().retrying(act)
    except UnreadableInput as refusal:
        faults = words_of(refusal.facts["faults"])
        return page(batch_id, status=refusal.status, errors={field: faults.get("reason") or faults.get("version", "")})
    except NotFound:
        raise
    except Refusal as refusal:
        return page(batch_id, status=refusal.status, errors={"act": answer_to(refusal).text})
    flash(done, "ok")
    return _back(batch_id)


def _own(session: Session, batch_id: int) -> PaymentBatch:
    batch = queries.batch_of(session, the_visitor().county_code, batch_id) if batch_id <= MOST_ID else None
    if batch is None:
        raise NotFound(kind="payment_batch")
    return batch


def _back(batch_id: int):
    return redirect(desk_url("payments.batch", batch_id=batch_id), 303)


def _may(batch: PaymentBatch, roles: frozenset[str]) -> SimpleNamespace:
    """Which acts this person's roles and the batch's state offer; the database has the last word."""
    state = batch.state
    return SimpleNamespace(
        submit=state == "draft" and "cashier" in roles,
        discard=state == "draft" and "cashier" in roles,
        approve=state == "submitted" and "checker" in roles,
        send_back=state == "submitted" and "checker" in roles,
        withdraw=state == "approved" and bool(roles & {"checker", "lead"}),
        send=state == "approved" and bool(roles & {"cashier", "lead"}),
    )


def _road(batch: PaymentBatch) -> list[tuple[str, str]]:
    steps = [
        (_("制单"), {"draft"}),
        (_("复核"), {"submitted"}),
        (_("发送银行"), {"approved", "sending", "in_doubt"}),
        (_("逐笔回执"), {"sent"}),
        (_("结清"), {"settled"}),
    ]
    now = next((place for place, (_name, states) in enumerate(steps) if batch.state in states), -1)
    return [
        (name, "now" if place == now and batch.state != "settled" else "done" if place <= now else "next")
        for place, (name, _states) in enumerate(steps)
    ]


def _last_fours(session: Session, county_code: str, payees, keyring) -> dict[int, str]:
    ids = [row.first_payment for row in payees]
    sealed = session.query(Payment.id, Payment.account_sealed).filter(
        Payment.county_code == county_code, Payment.id.in_(ids)
    )
    rows = sealed.all()
    opened = unseal_many(
        keyring,
        PURPOSE,
        [row.account_sealed for row in rows],
        **SEALED_CELL,
        row_ids=[row_id_text(county_code, row.id) for row in rows],
    )
    return {row.id: mask_account(account) for row, account in zip(rows, opened, strict=True)}


def _payee(row, accounts: dict[int, str]) -> dict[str, object]:
    name = (row.name_en if language() == "en" else row.name_zh) or row.account_name
    return {
        "payee": (name, row.account_name if name != row.account_name else ""),
        "account": accounts[row.first_payment],
        "is_reissued": row.is_reissued,
        "count": row.payment_count,
        "paid": row.paid_count,
        "bad": row.bad_count,
        "total": int(row.total_fen),
    }


def _line(row) -> dict[str, object]:
    state, kind = words.PAYMENT_STATES[row.state]
    return {
        "id": row.id,
        "claim": row.claim_id,
        "name": row.account_name,
        "bank_name": row.end_to_end_id,
        "amount": row.amount_fen,
        "state": (str(state), kind),
        "reason": row.last_reason,
    }


def _event(event, names: dict[int, str]) -> SimpleNamespace:
    return SimpleNamespace(
        at=event.at,
        what=str(words.BATCH_EVENTS[event.event]),
        by=names.get(event.acted_by, str(event.acted_by)) if event.acted_by else _("系统或银行"),
        note=event.reason,
        kind="note",
    )
