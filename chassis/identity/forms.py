"""What people type at sign-in and in their account, and the words beside a field that is wrong."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from chassis.errors import UnreadableInput
from chassis.identity.passwords import LONGEST, SHORTEST_ALONE, SHORTEST_WITH_FACTOR, PasswordFault

_REQUIRED = {
    "required": lazy_gettext("这一项要填"),
    "null": lazy_gettext("这一项要填"),
    "invalid": lazy_gettext("看不懂这一项"),
}
_NOT_EMPTY = validate.Length(min=1, max=LONGEST, error=lazy_gettext("这一项要填，最多 %(max)s 个字", max=LONGEST))


def _text(**options: Any) -> fields.String:
    return fields.String(required=True, error_messages=_REQUIRED, validate=_NOT_EMPTY, **options)


class _Form(Schema):
    class Meta:
        unknown = EXCLUDE


class SignInName(fields.String):
    """Lower case, without the spaces and full-width letters that a keyboard left in it."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = unicodedata.normalize("NFKC", super()._deserialize(value, *args, **kwargs)).strip().lower()
        if not text.isprintable():  # a NUL, which PostgreSQL has no text for, and its like
            raise self.make_error("invalid")
        return text


class SignInForm(_Form):
    sign_in_name = SignInName(required=True, error_messages=_REQUIRED, validate=_NOT_EMPTY)
    password = _text()
    code = fields.String(load_default="", validate=validate.Length(max=40, error=lazy_gettext("看不懂这一项")))


class CodeForm(_Form):
    code = _text()


class StepUpForm(_Form):
    password = _text()
    code = fields.String(load_default="", validate=validate.Length(max=40, error=lazy_gettext("看不懂这一项")))


class NewPasswordForm(_Form):
    new_password = _text()
    repeated = _text()

    @validates_schema
    def both_are_the_same(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        if data["new_password"] != data["repeated"]:
            raise ValidationError({"repeated": [lazy_gettext("两次填的密码不一样")]})


class ChangePasswordForm(NewPasswordForm):
    password = _text()


class WhichForm(_Form):
    """Which session or key of one's own."""

    id = fields.Integer(required=True, error_messages=_REQUIRED, validate=validate.Range(min=1, max=2**63 - 1))


SIGN_IN = SignInForm()
CODE = CodeForm()
STEP_UP = StepUpForm()
NEW_PASSWORD = NewPasswordForm()
CHANGE_PASSWORD = ChangePasswordForm()
WHICH = WhichForm()


def read(form: Schema, posted: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a form, or `UnreadableInput` with all its faults at once."""
    try:
        return form.load(dict(posted))
    except ValidationError as error:
        raise UnreadableInput(faults=error.normalized_messages()) from None


def words_of(faults: Mapping[str, Any]) -> dict[str, str]:
    """One sentence beside each field."""
    # One fault in a lazy translation comes alone, where marshmallow would list a plain text.
    listed = {field: found if isinstance(found, list | tuple) else [found] for field, found in faults.items()}
    return {field: " ".join(map(_sentence, found)) for field, found in listed.items()}


def kind_of_code(code: str) -> str:
    """`totp` for six figures; anything longer is a recovery code."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", code) if c.isalnum())
    return "totp" if len(plain) <= 6 else "recovery_code"


def plain_code(code: str) -> str:
    return unicodedata.normalize("NFKC", code).strip()


def _sentence(fault: Any) -> str:
    if isinstance(fault, PasswordFault):
        return {
            PasswordFault.TOO_SHORT: _(
                "太短：有第二重验证的至少 %(with_factor)s 个字，没有的至少 %(alone)s 个字",
                with_factor=SHORTEST_WITH_FACTOR,
                alone=SHORTEST_ALONE,
            ),
            PasswordFault.TOO_LONG: _("太长：最多 %(longest)s 个字", longest=LONGEST),
            PasswordFault.COMMON: _("太常见，或含有您的姓名、登录名、县名。可以用几个不相干的词连起来"),
            PasswordFault.TOO_PLAIN: _("要有大写字母、小写字母、数字、符号中的三种"),
            PasswordFault.SAME_AS_BEFORE: _("和现在的密码一样，请换一个"),
        }[fault]
    if fault == "wrong":
        return _("不对，请核对后再填")
    return str(fault)
