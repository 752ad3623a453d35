"""What is typed in the payments' room."""

from __future__ import annotations

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from chassis.people.forms import Words

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


MAKE, VERSION, REASON, REISSUE = MakeForm(), VersionForm(), ReasonForm(), ReissueForm()
