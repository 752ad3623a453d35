"""What is typed in the room of second review."""

from __future__ import annotations

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from chassis.people.forms import Words

_REQUIRED = {
    "required": lazy_gettext("这一项要填"),
    "null": lazy_gettext("这一项要填"),
    "invalid": lazy_gettext("看不懂这一项"),
}
LONGEST_NOTE = 300


def _yuan() -> fields.Field:
    return fields.String(required=True, error_messages=_REQUIRED, validate=validate.Length(min=1, max=20))


class OpinionForm(Schema):
    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True, error_messages=_REQUIRED, validate=validate.Range(min=0, max=2**31 - 1))
    decided = fields.String(
        required=True, error_messages=_REQUIRED, validate=validate.OneOf(("approve", "refuse", "return"))
    )
    refuse_reason = fields.String(load_default="")
    note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE))


class PolicyForm(Schema):
    class Meta:
        unknown = EXCLUDE

    from_on = fields.Date(required=True, error_messages=_REQUIRED)
    limit = _yuan()
    household_limit = _yuan()
    payee_limit = _yuan()
    rolling_days = fields.Integer(required=True, error_messages=_REQUIRED, validate=validate.Range(min=1, max=366))
    share = fields.Decimal(required=True, error_messages=_REQUIRED, places=4, validate=validate.Range(min=0, max=100))
    is_on_critical = fields.Boolean(load_default=False)
    note = Words(required=True, error_messages=_REQUIRED, validate=validate.Length(min=2, max=LONGEST_NOTE))


class HouseholdForm(Schema):
    class Meta:
        unknown = EXCLUDE

    staff_id = fields.Integer(required=True, error_messages=_REQUIRED, validate=validate.Range(min=1, max=2**53))
    card_number = fields.String(required=True, error_messages=_REQUIRED, validate=validate.Length(min=4, max=40))
    relation = fields.String(required=True, error_messages=_REQUIRED, validate=validate.OneOf(("own", "kin")))


OPINION, POLICY, HOUSEHOLD = OpinionForm(), PolicyForm(), HouseholdForm()
