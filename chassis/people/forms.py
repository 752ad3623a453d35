"""What is typed about people and roles, and the words beside a field that is wrong."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from chassis.authorisation import Role
from chassis.identity.forms import SignInName

LONGEST_NAME, LONGEST_PINYIN, LONGEST_REASON, SHORTEST_REASON = 40, 120, 300, 2
PINYIN = re.compile(r"[a-z][a-z' -]*")
SIGN_IN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
SCOPES = {
    "institution": re.compile(r"[A-Z0-9]{4,20}"),
    "township": re.compile(r"[0-9]{9}"),
    "department": re.compile(r"[a-z][a-z_]{1,39}"),
}
_REQUIRED = {
    "required": lazy_gettext("这一项要填"),
    "null": lazy_gettext("这一项要填"),
    "invalid": lazy_gettext("看不懂这一项"),
}


class Words(fields.String):
    """Text of one line: blanks at the ends and doubled ones dropped, control characters refused."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = " ".join(super()._deserialize(value, *args, **kwargs).split())
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
            raise ValidationError(lazy_gettext("看不懂这一项"))
        return text


class Pinyin(Words):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs).lower()
        if text and not PINYIN.fullmatch(text):
            raise ValidationError(lazy_gettext("拼音只写小写字母和空格，不带声调"))
        return text


def _name() -> Words:
    return Words(
        required=True,
        error_messages=_REQUIRED,
        validate=validate.Length(
            min=1, max=LONGEST_NAME, error=lazy_gettext("这一项要填，最多 %(max)s 个字", max=LONGEST_NAME)
        ),
    )


def _pinyin() -> Pinyin:
    return Pinyin(
        load_default="",
        validate=validate.Length(max=LONGEST_PINYIN, error=lazy_gettext("最多 %(max)s 个字", max=LONGEST_PINYIN)),
    )


def _reason() -> Words:
    return Words(
        required=True,
        error_messages=_REQUIRED,
        validate=validate.Length(
            min=SHORTEST_REASON,
            max=LONGEST_REASON,
            error=lazy_gettext("写 %(min)s 到 %(max)s 个字", min=SHORTEST_REASON, max=LONGEST_REASON),
        ),
    )


class _Form(Schema):
    class Meta:
        unknown = EXCLUDE


class InviteForm(_Form):
    name = _name()
    name_pinyin = _pinyin()
    sign_in_name = SignInName(
        required=True,
        error_messages=_REQUIRED,
        validate=validate.Regexp(
            SIGN_IN_NAME.pattern + r"\Z", error=lazy_gettext("3 到 40 个小写字母、数字、点、横线，以字母或数字开头")
        ),
    )
    identity_number = fields.String(
        load_default="", validate=validate.Length(max=60, error=lazy_gettext("看不懂这一项"))
    )


class RenameForm(_Form):
    name = _name()
    name_pinyin = _pinyin()
    version = fields.Integer(required=True, error_messages=_REQUIRED)


class ChangeForm(_Form):
    """Suspend, give back, leave."""

    reason = _reason()
    version = fields.Integer(required=True, error_messages=_REQUIRED)


class ReasonForm(_Form):
    reason = _reason()


class ProposeForm(_Form):
    """`roles` in the context: the roles that may be granted here, by key."""

    staff_id = fields.Integer(
        required=True, error_messages=_REQUIRED | {"invalid": lazy_gettext("请选一个人")}, strict=False
    )
    role = fields.String(required=True, error_messages=_REQUIRED)
    scope = Words(load_default="")
    reason = _reason()

    @validates_schema
    def scope_fits_the_role(self, data: dict[str, Any], **kwargs: Any) -> None:
        role: Role | None = self.context_roles.get(data["role"])
        if role is None:
            raise ValidationError({"role": [lazy_gettext("请选一个岗位")]})
        if role.scope is None and data["scope"]:
            raise ValidationError({"scope": [lazy_gettext("这个岗位不限范围，请留空")]})
        if role.scope is not None and not SCOPES[role.scope].fullmatch(data["scope"]):
            raise ValidationError(
                {
                    "scope": [
                        {
                            "institution": lazy_gettext("这个岗位要写一家医疗机构的代码"),
                            "township": lazy_gettext("这个岗位要写一个乡镇的 9 位代码"),
                            "department": lazy_gettext("这个岗位要写一个部门的代码，如 health"),
                        }[role.scope]
                    ]
                }
            )

    def __init__(self, roles: list[Role]) -> None:
        self.context_roles = {role.key: role for role in roles}
        super().__init__()


class ApproveForm(_Form):
    content_hash = fields.String(
        required=True,
        error_messages=_REQUIRED,
        validate=validate.Regexp(r"[0-9a-f]{64}\Z", error=lazy_gettext("看不懂这一项")),
    )
    last_four = fields.String(required=True, error_messages=_REQUIRED)
    password = fields.String(required=True, error_messages=_REQUIRED, validate=validate.Length(min=1, max=200))

    @validates_schema
    def the_four_are_those_shown(self, data: dict[str, Any], **kwargs: Any) -> None:
        # The fingerprint shows the first sixteen digits; the last four of those are what the eye copied.
        if data["last_four"].strip().upper() != data["content_hash"][12:16].upper():
            raise ValidationError({"last_four": [lazy_gettext("和上面指纹的最后四位不一样")]})


INVITE = InviteForm()
RENAME = RenameForm()
CHANGE = ChangeForm()
REASON = ReasonForm()
APPROVE = ApproveForm()
