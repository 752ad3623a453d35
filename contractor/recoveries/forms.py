"""What is typed in the room of recoveries."""

from __future__ import annotations

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from chassis.people.forms import Words
from contractor.ledger.advances import REFERENCE
from contractor.payments.forms import Yuan
from contractor.recoveries.repaying import WAYS

_REQUIRED = {"required": lazy_gettext("这一项要填"), "null": lazy_gettext("这一项要填")}


class RepaymentForm(Schema):
    class Meta:
        unknown = EXCLUDE

    amount = Yuan(required=True, error_messages=_REQUIRED)
    way = fields.String(
        required=True,
        error_messages=_REQUIRED,
        validate=validate.OneOf(WAYS, error=lazy_gettext("请选一项")),
    )
    reference = Words(
        required=True,
        error_messages=_REQUIRED,
        validate=validate.Regexp(
            REFERENCE, error=lazy_gettext("照回单写 3 到 60 个字母或数字，可以有点、横线和下划线")
        ),
    )
    arrived_on = fields.Date(
        required=True, error_messages=_REQUIRED | {"invalid": lazy_gettext("日期写成 2026-01-31 这样")}
    )


REPAYMENT = RepaymentForm()
