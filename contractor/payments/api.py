"""Payments for programs, to read: what waits to be batched, batches with their payments, what hangs.

Money leaves the house by people: a cashier, a checker with a fresh proof for exactly what was shown, the lead for what
hangs. No program makes, approves, sends or calls off a payment (decision 0052).
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from chassis.api.cursors import PageQuery, PageTold, number_at, page_of
from chassis.api.fields import MOST_ID, Told
from chassis.api.operations import Ask, Operation
from chassis.api.operations import mount as mount_operations
from chassis.desks import Desk
from chassis.errors import NotFound
from contractor.payments import queries
from contractor.payments.tables import PaymentBatch
from contractor.payments.words import BATCH_STATES


class PaymentGroup(Told):
    fund = fields.String(required=True)
    payee_kind = fields.String(required=True)
    payment_count = fields.Integer(required=True)
    payee_count = fields.Integer(required=True)
    total_fen = fields.Integer(required=True)
    oldest_at = fields.AwareDateTime(required=True)


class PaymentsWaitingTold(Told):
    groups = fields.List(fields.Nested(PaymentGroup), required=True)


class BatchesQuery(PageQuery):
    state = fields.String(load_default="", validate=validate.OneOf(("", *BATCH_STATES), error=_("没有这个状态")))


class Batch(Told):
    id = fields.Integer(required=True)
    fund = fields.String(required=True)
    payee_kind = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(tuple(BATCH_STATES)))
    payment_count = fields.Integer(required=True, metadata={"description": _("提交以前为零")})
    total_fen = fields.Integer(required=True, metadata={"description": _("提交以前为零")})
    made_at = fields.AwareDateTime(required=True)
    made_by = fields.Integer(required=True)
    approved_at = fields.AwareDateTime(required=True, allow_none=True)
    approved_by = fields.Integer(required=True, allow_none=True)
    message_id = fields.String(required=True, allow_none=True, metadata={"description": _("银行文件的编号")})
    settled_at = fields.AwareDateTime(required=True, allow_none=True)


class BatchesTold(PageTold):
    batches = fields.List(fields.Nested(Batch), required=True)


class PaymentLine(Told):
    id = fields.Integer(required=True)
    claim_id = fields.Integer(required=True)
    account_name = fields.String(required=True)
    amount_fen = fields.Integer(required=True)
    top_up_fen = fields.Integer(required=True, metadata={"description": _("其中贫困提高的")})
    end_to_end_id = fields.String(required=True)
    state = fields.String(required=True)
    last_reason = fields.String(required=True, allow_none=True)


class BatchTold(Batch, PageTold):
    payments = fields.List(fields.Nested(PaymentLine), required=True)


class PaymentException(Told):
    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    subject = fields.String(required=True)
    batch_id = fields.Integer(required=True, allow_none=True)
    payment_id = fields.Integer(required=True, allow_none=True)
    expected = fields.String(required=True)
    found = fields.String(required=True)
    noticed_at = fields.AwareDateTime(required=True)


class UnpaidPayment(Told):
    id = fields.Integer(required=True)
    claim_id = fields.Integer(required=True)
    batch_id = fields.Integer(required=True, allow_none=True)
    fund = fields.String(required=True)
    payee_kind = fields.String(required=True)
    institution_code = fields.String(required=True, allow_none=True)
    amount_fen = fields.Integer(required=True)
    end_to_end_id = fields.String(required=True)
    state = fields.String(required=True)
    last_reason = fields.String(required=True, allow_none=True)


class BankFile(Told):
    id = fields.Integer(required=True)
    direction = fields.String(required=True)
    kind = fields.String(required=True)
    message_id = fields.String(required=True, allow_none=True)
    line_count = fields.Integer(required=True, allow_none=True)
    total_fen = fields.Integer(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True)
    batch_id = fields.Integer(required=True, allow_none=True)


class AnswersTold(Told):
    exceptions = fields.List(fields.Nested(PaymentException), required=True)
    unpaid = fields.List(fields.Nested(UnpaidPayment), required=True)
    bank_files = fields.List(fields.Nested(BankFile), required=True)


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "payments_api", OPERATIONS)


def tell_waiting(session: Session, ask: Ask) -> dict[str, Any]:
    return {"groups": queries.waiting(session, ask.visitor.county_code)}


def tell_batches(session: Session, ask: Ask) -> dict[str, Any]:
    query, limit = ask.query, ask.query["limit"]
    given = {"state": query["state"] or None, "before": number_at(query["cursor"]), "size": limit}
    rows, cursor = page_of(queries.batches_page(session, ask.visitor.county_code, **given), limit)
    return {"batches": rows, "next": cursor}


def tell_batch(session: Session, ask: Ask, batch_id: int) -> dict[str, Any]:
    county, limit = ask.visitor.county_code, ask.query["limit"]
    batch = queries.batch_of(session, county, batch_id) if 0 < batch_id <= MOST_ID else None
    if batch is None:
        raise NotFound(kind="payment_batch")
    after = number_at(ask.query["cursor"]) or 0
    rows, cursor = page_of(queries.payments_of(session, county, batch_id, after=after, size=limit), limit)
    return _head(batch) | {"payments": rows, "next": cursor}


def tell_answers(session: Session, ask: Ask) -> dict[str, Any]:
    county = ask.visitor.county_code
    return {
        "exceptions": queries.open_exceptions(session, county),
        "unpaid": queries.unpaid(session, county),
        "bank_files": queries.messages_page(session, county),
    }


def _head(batch: PaymentBatch) -> dict[str, Any]:
    return {name: getattr(batch, name) for name in Batch().fields}


OPERATIONS = (
    Operation("waiting", "GET", "/payments/waiting", tell_waiting, _("可以编批的款项"), PaymentsWaitingTold()),
    Operation(
        "batches",
        "GET",
        "/payment-batches",
        tell_batches,
        _("支付批次"),
        BatchesTold(),
        description=_("新的在前，一页一页取。编批、核准和发送由人在页面上办。"),
        query=BatchesQuery(),
    ),
    Operation(
        "batch",
        "GET",
        "/payment-batches/<int:batch_id>",
        tell_batch,
        _("一个批次"),
        BatchTold(),
        description=_("里面的支付一页一页取；账号不在其中。"),
        query=PageQuery(),
    ),
    Operation(
        "answers",
        "GET",
        "/payments/answers",
        tell_answers,
        _("银行的回执和没有了结的"),
        AnswersTold(),
        description=_("等人处理的、退回和拒付的，最近的银行文件。"),
    ),
)
