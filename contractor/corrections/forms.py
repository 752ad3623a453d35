"""What is typed in the room of corrections."""

from __future__ import annotations

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from chassis.people.forms import Words

LONGEST = 300
_REQUIRED = {
    "required": lazy_gettext("这一项要填"),
    "null": lazy_gettext("这一项要填"),
    "invalid": lazy_gettext("看不懂这一项"),
}
_TOO_SHORT = lazy_gettext("写 %(min)s 到 %(max)s 个字", min=2, max=LONGEST)


def _words(longest: int = LONGEST) -> Words:
    return Words(
        required=True, error_messages=_REQUIRED, validate=validate.Length(min=2, max=longest, error=_TOO_SHORT)
    )


class NoteForm(Schema):
    class Meta:
        unknown = EXCLUDE

    reason_code = fields.String(required=True, error_messages=_REQUIRED)
    note = _words()
    content_hash = fields.String(required=True, error_messages=_REQUIRED, validate=validate.Regexp("^[0-9a-f]{64}$"))


class HashForm(Schema):
    class Meta:
        unknown = EXCLUDE

    content_hash = fields.String(required=True, error_messages=_REQUIRED, validate=validate.Regexp("^[0-9a-f]{64}$"))


class ScopeForm(Schema):
    class Meta:
        unknown = EXCLUDE

    from_on = fields.Date(required=True, error_messages=_REQUIRED)
    until_on = fields.Date(required=True, error_messages=_REQUIRED)
    item_code = fields.String(load_default="", validate=validate.Regexp("^[0-9A-Za-z._-]{0,40}$"))


class AppealForm(Schema):
    class Meta:
        unknown = EXCLUDE

    filed_by = fields.String(
        required=True, error_messages=_REQUIRED, validate=validate.OneOf(("member", "institution", "county"))
    )
    filer_name = _words(80)
    paper = _words(120)
    statement = _words()
    filed_on = fields.Date(required=True, error_messages=_REQUIRED)
    late_reason = Words(load_default=None, allow_none=True, validate=validate.Length(max=LONGEST, error=_TOO_SHORT))


class AnswerForm(Schema):
    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True, error_messages=_REQUIRED, validate=validate.Range(min=0, max=2**31 - 1))
    outcome = fields.String(required=True, error_messages=_REQUIRED, validate=validate.OneOf(("upheld", "dismissed")))
    answer = _words()


NOTE, HASH, SCOPE, APPEAL, ANSWER = NoteForm(), HashForm(), ScopeForm(), AppealForm(), AnswerForm()
