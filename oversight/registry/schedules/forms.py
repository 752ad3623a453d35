"""What is typed from the committee's document, and the words beside a field that is wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from chassis.people.forms import Words
from oversight.registry.schedules.approving import Decision
from oversight.registry.schedules.correcting import Correction

LONGEST_WORDS, LONGEST_REASON = 80, 300
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_REQUIRED = {
    "required": lazy_gettext("这一项要填"),
    "null": lazy_gettext("这一项要填"),
}


class Day(fields.Date):
    """A day written as 2026-01-31; an empty field is no day."""

    default_error_messages = {"invalid": lazy_gettext("日期写成 2026-01-31 这样")}

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            value = None
        return super().deserialize(value, *args, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> dt.date:
        if not isinstance(value, str) or not DAY.fullmatch(value.strip()):
            raise self.make_error("invalid", input=value, obj_type="date")
        day = super()._deserialize(value.strip(), *args, **kwargs)
        if not 1949 <= day.year <= 2199:
            raise ValidationError([lazy_gettext("年份不对")])
        return day


def _words() -> Words:
    return Words(
        required=True,
        error_messages=_REQUIRED,
        validate=validate.Length(
            min=2,
            max=LONGEST_WORDS,
            error=lazy_gettext("写 %(min)s 到 %(max)s 个字", min=2, max=LONGEST_WORDS),
        ),
    )


class _DocumentForm(Schema):
    """Which schedule, and the document that says so."""

    class Meta:
        unknown = EXCLUDE

    scheme = fields.String(required=True, error_messages=_REQUIRED)
    committee = _words()
    approved_on = Day(required=True, error_messages=_REQUIRED)
    document = _words()
    document_sha256 = Words(load_default="")

    def __init__(self, schemes: Collection[str]) -> None:
        self.schemes = schemes
        super().__init__()

    @validates_schema(skip_on_field_errors=False)
    def one_that_is_on_file(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        if "scheme" in data and data["scheme"] not in self.schemes:
            raise ValidationError({"scheme": [lazy_gettext("请选一个方案")]})

    @validates_schema(skip_on_field_errors=False)
    def a_fingerprint_is_whole(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        told = data.get("document_sha256", "").lower().replace(" ", "")
        if told and not re.fullmatch(r"[0-9a-f]{64}", told):
            raise ValidationError({"document_sha256": [lazy_gettext("SHA-256 是 64 位的 0–9、a–f")]})


class ProposeForm(_DocumentForm):
    in_force_from = Day(required=True, error_messages=_REQUIRED)
    in_force_until = Day(load_default=None, allow_none=True)


class CorrectForm(_DocumentForm):
    reason = Words(
        required=True,
        error_messages=_REQUIRED,
        validate=validate.Length(
            min=2, max=LONGEST_REASON, error=lazy_gettext("写 %(min)s 到 %(max)s 个字", min=2, max=LONGEST_REASON)
        ),
    )


def decision_of(values: Mapping[str, Any]) -> Decision:
    return Decision(
        in_force_from=values["in_force_from"],
        in_force_until=values["in_force_until"],
        committee=values["committee"],
        approved_on=values["approved_on"],
        document=values["document"],
        document_sha256=values["document_sha256"].lower().replace(" ", "") or None,
    )


def correction_of(values: Mapping[str, Any]) -> Correction:
    return Correction(
        reason=values["reason"],
        committee=values["committee"],
        approved_on=values["approved_on"],
        document=values["document"],
        document_sha256=values["document_sha256"].lower().replace(" ", "") or None,
    )
