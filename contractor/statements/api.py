"""The settlement statement for an institution's own books, by program."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _
from marshmallow import fields
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import Given, Told, Words
from chassis.api.operations import Ask, Operation
from chassis.api.operations import mount as mount_operations
from chassis.desks import Desk
from chassis.errors import UnreadableInput
from contractor.claims.sight import sight_of
from contractor.statements.periods import month_of, read_month
from contractor.statements.queries import statement, totals


class StatementQuery(Given):
    month = Words(
        load_default="", shortest=0, longest=7, metadata={"description": _("例如 2026-11，按裁定日；不填是本月")}
    )
    institution_code = Words(
        load_default="",
        shortest=0,
        longest=20,
        metadata={"description": _("经办的令牌要填；医疗机构的令牌只有本机构的")},
    )


class StatementLine(Told):
    claim_id = fields.Integer(required=True)
    claim_number = fields.String(required=True)
    route = fields.String(required=True)
    is_reversal = fields.Boolean(required=True)
    decided_at = fields.AwareDateTime(required=True, attribute="at")
    discharged_on = fields.Date(required=True)
    charged_fen = fields.Integer(required=True)
    institution_reduced_fen = fields.Integer(required=True)
    taken_off_fen = fields.Integer(required=True, metadata={"description": _("高于限价和审核减额的部分")})
    reduce_reasons = fields.List(fields.String(), required=True)
    benefits_fen = fields.Integer(required=True)
    advanced_fen = fields.Integer(required=True)
    due_fen = fields.Integer(required=True, metadata={"description": _("应付本机构的")})
    paid_fen = fields.Integer(required=True, metadata={"description": _("其中银行已付的")})


class StatementSums(Told):
    claim_count = fields.Integer(required=True)
    charged_fen = fields.Integer(required=True)
    institution_reduced_fen = fields.Integer(required=True)
    taken_off_fen = fields.Integer(required=True)
    benefits_fen = fields.Integer(required=True)
    advanced_fen = fields.Integer(required=True)
    due_fen = fields.Integer(required=True)
    paid_fen = fields.Integer(required=True)


class StatementTold(Told):
    month = fields.String(required=True)
    institution_code = fields.String(required=True)
    lines = fields.List(fields.Nested(StatementLine), required=True)
    sums = fields.Nested(StatementSums, required=True)


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "statements_api", OPERATIONS)


def tell(session: Session, ask: Ask) -> dict[str, Any]:
    sight = sight_of(ask.visitor)
    asked = ask.query["month"]
    month = read_month(asked) if asked else month_of(clock.local_day(ask.at))
    if month is None:
        raise UnreadableInput(faults={"month": [_("看不懂这一项")]})
    code = ask.query["institution_code"] if sight.is_whole else sight.institution_code
    if not code:
        raise UnreadableInput(faults={"institution_code": [_("这一项要填")]})
    rows = statement(session, sight.county_code, code, begins_at=month.begins_at, ends_at=month.ends_at)
    return {
        "month": month.text,
        "institution_code": code,
        "lines": [dict(row._mapping) | {"reduce_reasons": row.reasons or []} for row in rows],
        "sums": totals(rows),
    }


OPERATIONS = (
    Operation(
        "statement",
        "GET",
        "/statements",
        tell,
        _("一个机构一个月的结算单"),
        StatementTold(),
        description=_("每笔裁定和冲销：费用、减去的、补偿、垫付、应付和已付。"),
        query=StatementQuery(),
    ),
)
