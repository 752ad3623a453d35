"""What is typed in the payments' room."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from chassis.people.forms import Words
from chassis.web.answers import answer_to
from contractor.ledger.advances import REFERENCE
from contractor.ledger.charts import the_chart
from rulebook.money import RefusedAmount, parse_amount_due

LONGEST_REASON, LONGEST_NAME = 300, 140
_REQUIRED = {"required": lazy_gettext("这一项要填"), "null": lazy_gettext("这一项要填")}


def _reason(shortest: int) -> Words:
    return Words(
        required=True,
        error_messages=_REQUIRED,
        validate=validate.Length(
            min=shortest,
            max=LONGEST_REASON,
            error=lazy_gettext("写 %(min)s 到 %(max)s 个字", min=shortest, max=LONGEST_REASON),
        ),
    )


class MakeForm(Schema):
    class Meta:
        unknown = EXCLUDE

    fund = fields.String(
        required=True, validate=validate.OneOf(("pooled", "serious", "supplementary", "household_account"))
    )
    payee_kind = fields.String(required=True, validate=validate.OneOf(("institution", "member")))


class VersionForm(Schema):
    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True, error_messages=_REQUIRED, validate=validate.Range(min=0, max=2**31 - 1))


class ReasonForm(Schema):
    class Meta:
        unknown = EXCLUDE

    reason = _reason(4)


class ReissueForm(ReasonForm):
    account_name = Words(
        required=True,
        error_messages=_REQUIRED,
        validate=validate.Length(
            min=1, max=LONGEST_NAME, error=lazy_gettext("写 %(min)s 到 %(max)s 个字", min=1, max=LONGEST_NAME)
        ),
    )
    account = fields.String(load_default="", validate=validate.Length(max=60))


class Yuan(fields.String):
    """An amount above zero, written in yuan; loads as fen."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        try:
            fen = parse_amount_due(super()._deserialize(value, *args, **kwargs).strip())
        except RefusedAmount as refused:
            raise ValidationError(answer_to(refused).title) from refused
        if not fen:
            raise ValidationError(lazy_gettext("金额要大于零"))
        return fen


class AdvanceForm(Schema):
    class Meta:
        unknown = EXCLUDE

    book = fields.String(required=True, error_messages=_REQUIRED, validate=validate.OneOf(tuple(the_chart())))
    amount = Yuan(required=True, error_messages=_REQUIRED)
    reference = Words(
        required=True,
        error_messages=_REQUIRED,
        validate=validate.Regexp(
            REFERENCE, error=lazy_gettext("照银行对账单写 3 到 60 个字母或数字，可以有点、横线和下划线")
        ),
    )
    arrived_on = fields.Date(
        required=True, error_messages=_REQUIRED | {"invalid": lazy_gettext("日期写成 2026-01-31 这样")}
    )


MAKE, VERSION, REASON, REISSUE = MakeForm(), VersionForm(), ReasonForm(), ReissueForm()
ADVANCE = AdvanceForm()
