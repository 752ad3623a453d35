"""What the lead types when adding a subscription."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from contractor.webhooks.secrets import OVERLAPS_HOURS
from contractor.webhooks.targets import LONGEST_URL

LONGEST_LABEL = 60
_REQUIRED = {"required": _("这一项要填"), "null": _("这一项要填"), "invalid": _("看不懂这一项")}


def _has_words(text: str) -> None:
    if not text.strip() or not text.isprintable():
        raise ValidationError(str(_("这一项要填")))


class SubscriptionForm(Schema):
    class Meta:
        unknown = EXCLUDE

    label = fields.String(
        required=True,
        error_messages=_REQUIRED,
        validate=[validate.Length(max=LONGEST_LABEL, error=_("最多 %(most)s 个字", most=LONGEST_LABEL)), _has_words],
    )
    url = fields.String(
        required=True,
        error_messages=_REQUIRED,
        validate=[validate.Length(max=LONGEST_URL, error=_("最多 %(most)s 个字", most=LONGEST_URL)), _has_words],
    )
    institution_code = fields.String(load_default="", validate=validate.Length(max=20, error=_("请选一项")))


class RotationForm(Schema):
    class Meta:
        unknown = EXCLUDE

    seen_no = fields.Integer(
        required=True, error_messages=_REQUIRED, validate=validate.Range(min=1, max=2**31 - 1, error=_("看不懂这一项"))
    )
    overlap_hours = fields.Integer(
        required=True, error_messages=_REQUIRED, validate=validate.OneOf(OVERLAPS_HOURS, error=_("请选一项"))
    )


SUBSCRIPTION: Any = SubscriptionForm()
ROTATION: Any = RotationForm()
