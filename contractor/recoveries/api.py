"""Debts for programs, to read: who holds what of which claim, and how much of it came back which way.

That money came back is entered by one person and confirmed by another with a fresh proof (decisions 0050, 0052).
"""

from __future__ import annotations

from dataclasses import asdict
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
from contractor.recoveries import queries
from contractor.recoveries.queries import WHICH, Debt


class DebtsQuery(PageQuery):
    which = fields.String(
        load_default="open",
        validate=validate.OneOf(tuple(WHICH), error=_("没有这个代号")),
        metadata={"description": _("open 还没有还清的；waiting 有登记等确认的；all 全部")},
    )


class DebtHead(Told):
    id = fields.Integer(required=True)
    claim_id = fields.Integer(required=True)
    claim_number = fields.String(required=True)
    fund = fields.String(required=True)
    payee_kind = fields.String(required=True)
    institution_code = fields.String(required=True, allow_none=True)
    reason_code = fields.String(required=True)
    since = fields.AwareDateTime(required=True)
    amount_fen = fields.Integer(required=True)
    set_off_fen = fields.Integer(required=True, metadata={"description": _("抵了新的裁定的")})
    repaid_fen = fields.Integer(required=True)
    waiting_fen = fields.Integer(required=True, metadata={"description": _("已登记、等确认的")})
    open_fen = fields.Integer(required=True)


class DebtsTold(PageTold):
    debts = fields.List(fields.Nested(DebtHead), required=True)


class RepaymentTold(Told):
    id = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)
    confirmed_at = fields.AwareDateTime(required=True, allow_none=True)
    withdrawn_at = fields.AwareDateTime(required=True, allow_none=True)


class DebtTold(DebtHead):
    repayments = fields.List(fields.Nested(RepaymentTold), required=True)


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "recoveries_api", OPERATIONS)


def tell_debts(session: Session, ask: Ask) -> dict[str, Any]:
    query, limit = ask.query, ask.query["limit"]
    before = number_at(query["cursor"])
    found = queries.debts(session, ask.visitor.county_code, query["which"], before=before, size=limit + 1)
    shown, cursor = page_of(found, limit, "owed_back_id")
    return {"debts": [_head(one) for one in shown], "next": cursor}


def tell_debt(session: Session, ask: Ask, owed_back_id: int) -> dict[str, Any]:
    county = ask.visitor.county_code
    found = queries.debt_of(session, county, owed_back_id) if 0 < owed_back_id <= MOST_ID else None
    if found is None:
        raise NotFound(kind="owed_back")
    return _head(found) | {"repayments": queries.repayments_of(session, county, owed_back_id)}


def _head(debt: Debt) -> dict[str, Any]:
    return asdict(debt) | {"id": debt.owed_back_id, "open_fen": debt.open_fen}


OPERATIONS = (
    Operation(
        "debts",
        "GET",
        "/debts",
        tell_debts,
        _("应退回的，一笔一笔"),
        DebtsTold(),
        description=_("新的在前，一页一页取。收到退款由人登记，另一人确认。"),
        query=DebtsQuery(),
    ),
    Operation("debt", "GET", "/debts/<int:owed_back_id>", tell_debt, _("一笔应退回的"), DebtTold()),
)
