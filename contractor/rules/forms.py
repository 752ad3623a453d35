"""What is typed in the room of the rules."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from chassis.errors import UnreadableInput
from chassis.people.forms import Words
from rulebook.money import RefusedAmount, parse_amount_due

_REQUIRED = {
    "required": lazy_gettext("这一项要填"),
    "null": lazy_gettext("这一项要填"),
    "invalid": lazy_gettext("看不懂这一项"),
}
LONGEST_REASON = 300


def _reason() -> Words:
    return Words(
        required=True,
        error_messages=_REQUIRED,
        validate=validate.Length(min=2, max=LONGEST_REASON, error=lazy_gettext("写下为什么，最多 300 个字")),
    )


class ThresholdForm(Schema):
    class Meta:
        unknown = EXCLUDE

    name = fields.String(required=True, error_messages=_REQUIRED)
    from_on = fields.Date(required=True, error_messages=_REQUIRED)
    value = fields.String(required=True, error_messages=_REQUIRED, validate=validate.Length(min=1, max=20))
    reason = _reason()


class ReasonForm(Schema):
    class Meta:
        unknown = EXCLUDE

    reason = _reason()


THRESHOLD, REASON = ThresholdForm(), ReasonForm()


def value_of(name: str, typed: str) -> int:
    """A threshold as it was typed: amounts in yuan, the rest whole numbers. Raises: UnreadableInput."""
    typed = typed.strip()
    if name.endswith("_fen"):
        try:
            return parse_amount_due(typed)
        except RefusedAmount:
            raise UnreadableInput(faults={"value": [_("写成金额，最多两位小数")]}) from None
    if not (typed.isascii() and typed.isdigit()):
        raise UnreadableInput(faults={"value": [_("写成整数")]})
    return int(typed)
