"""Words for fields and records that can be unmasked."""

from __future__ import annotations

from types import SimpleNamespace

from flask_babel import gettext as _

from chassis.unmasking.tables import Unmasking


def field_words(field: str) -> str:
    return {
        "identity_number": _("身份证号"),
        "bank_account": _("收款账户"),
        "phone": _("电话"),
    }.get(field, field)


def subject_words(record: Unmasking) -> str:
    kind = {"member": _("参合人")}.get(record.subject_kind, record.subject_kind)
    return f"{kind} {record.subject_county_code}/{record.subject_id}"


def shown(record: Unmasking, name: str) -> SimpleNamespace:
    """A record as a row of a table."""
    return SimpleNamespace(
        at=record.at,
        who=name,
        subject=subject_words(record),
        field=field_words(record.field),
        reason=record.reason,
    )
