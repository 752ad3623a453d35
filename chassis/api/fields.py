"""The kinds of value that programs send: no float, no control character, no number that the database cannot hold."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import EXCLUDE, RAISE, Schema, fields, validate

MOST_FEN = 10**13
MOST_ID = 2**63 - 1
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_REQUIRED = {"required": _("这一项要填"), "null": _("这一项要填"), "invalid": _("看不懂这一项")}


class Given(Schema):
    """What a program sends: a name that we do not know is a fault, not a shrug."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": _("没有这个名字"), "type": _("看不懂这一项"), "invalid": _("看不懂这一项")}


class Told(Schema):
    """What a program is told."""

    class Meta:
        unknown = EXCLUDE


class Words(fields.String):
    """Text of one line. A control character, half a surrogate pair or blanks at its ends are faults."""

    def __init__(self, *, longest: int, shortest: int = 1, pattern: str | None = None, **options: Any) -> None:
        checks: list[Any] = [
            validate.Length(min=shortest, max=longest, error=_("%(low)s 至 %(high)s 个字", low=shortest, high=longest))
        ]
        if pattern:
            checks.append(validate.Regexp(re.compile(pattern, re.ASCII), error=_("写法不对")))
        super().__init__(validate=checks, error_messages=_REQUIRED, **options)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        if text != text.strip() or any(not sign.isprintable() for sign in text):
            raise self.make_error("invalid")
        return text


class Day(fields.Field[dt.date]):
    """A local day as `2026-11-20`, and in no other way of ISO 8601."""

    default_error_messages = {"invalid": _("看不懂这一项")}

    def __init__(self, **options: Any) -> None:
        super().__init__(error_messages=_REQUIRED, **options)

    def _serialize(self, value: dt.date | None, *args: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.isoformat()

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> dt.date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise self.make_error("invalid")
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise self.make_error("invalid") from None


class Fen(fields.Integer):
    """Money in whole fen, as a JSON integer: 1234.50 yuan is 123450."""

    def __init__(self, *, least: int = 0, **options: Any) -> None:
        check = validate.Range(min=least, max=MOST_FEN, error=_("%(low)s 至 %(high)s 分", low=least, high=MOST_FEN))
        super().__init__(strict=True, validate=check, error_messages=_REQUIRED, **options)

    def _validated(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid")
        return super()._validated(value)


class Whole(fields.Integer):
    """A whole number between two ends; from an address it comes as text."""

    def __init__(self, *, least: int = 0, most: int = MOST_ID, **options: Any) -> None:
        check = validate.Range(min=least, max=most, error=_("%(low)s 至 %(high)s", low=least, high=most))
        super().__init__(validate=check, error_messages=_REQUIRED, **options)

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool | float) or (
            isinstance(value, str) and not re.fullmatch(r"\d{1,19}", value, re.ASCII)
        ):
            raise self.make_error("invalid")
        return super()._validated(value)
