"""What may be done with one batch: each act, and the files of its payments to take along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis.errors import NotFound, Refusal, UnreadableInput
from chassis.exports import FILE_TYPES, Column, write_csv, write_xlsx
from chassis.identity import doors
from chassis.identity.answering import caller
from chassis.identity.forms import read, words_of
from chassis.people.forms import APPROVE
from chassis.people.refusals import ShownOtherwise
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from contractor.payments import approving, batches, queries, words
from contractor.payments.forms import REASON, VERSION
from contractor.payments.moves import locked_batch
from contractor.payments.pages_batch_shown import own, page
from contractor.payments.refusals import BatchNotInThisState


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


def show(batch_id: int):
    return page(batch_id)


def export(batch_id: int, file_type: str):
    """Every payment of the batch; accounts stay at home."""
    county_code = the_visitor().county_code
    with the_database().transaction() as session:
        batch = own(session, batch_id)
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
        approving.ask_to_send(session, batch, at=g.at)

    return _act(batch_id, act, _("已交给后台发送，几秒后刷新看结果。"))


def approve(batch_id: int):
    """The password once more for exactly what is on the page; the route asks for a step-up before it."""
    visitor, database = the_visitor(), the_database()
    with database.transaction() as session:
        own(session, batch_id)
    try:
        values = read(APPROVE, request.form)
        confirmed = doors.confirm_password(
            database, the_house(), visitor, password=values["password"], caller=caller(), at=g.at
        )
        shown = bytes.fromhex(values["content_hash"])
        database.retrying(
            lambda session: approving.approve(
                session, visitor, confirmed, batch_id=batch_id, shown_sha256=shown, at=g.at
            )
        )
    except UnreadableInput as refusal:
        return page(batch_id, status=refusal.status, errors=words_of(refusal.facts["faults"]))
    except (Refusal, ShownOtherwise) as refusal:
        return page(batch_id, status=refusal.status, errors={"form": answer_to(refusal).text})
    flash(_("已核准。后台把文件交给银行，回执一到这里就更新。"), "ok")
    return _back(batch_id)


def _who(batch_id: int) -> dict[str, Any]:
    visitor = the_visitor()
    return {"county_code": visitor.county_code, "batch_id": batch_id, "by": visitor.person_id, "at": g.at}


def _act(batch_id: int, act: Callable[[Session], None], done: str, field: str = "form"):
    with the_database().transaction() as session:
        own(session, batch_id)
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


def _back(batch_id: int):
    return redirect(desk_url("payments.batch", batch_id=batch_id), 303)
