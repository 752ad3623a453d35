"""What a person types when they make a token."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from chassis.api.tokens import LIFETIMES_DAYS

LONGEST_LABEL = 60
_REQUIRED = {"required": _("这一项要填"), "null": _("这一项要填"), "invalid": _("看不懂这一项")}


def _has_words(text: str) -> None:
    if not text.strip() or not text.isprintable():
        raise ValidationError(str(_("这一项要填")))


class TokenForm(Schema):
    class Meta:
        unknown = EXCLUDE

    label = fields.String(
        required=True,
        error_messages=_REQUIRED,
        validate=[validate.Length(max=LONGEST_LABEL, error=_("最多 %(most)s 个字", most=LONGEST_LABEL)), _has_words],
    )
    role = fields.String(required=True, error_messages=_REQUIRED, validate=validate.Length(min=1, error=_("请选一项")))
    days = fields.Integer(
        required=True, error_messages=_REQUIRED, validate=validate.OneOf(LIFETIMES_DAYS, error=_("请选一项"))
    )
    is_read_only = fields.Boolean(load_default=False, error_messages=_REQUIRED)


TOKEN: Any = TokenForm()
