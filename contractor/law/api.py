"""The county's law for programs: its versions, and one of them whole, as it is known by its hash."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _
from marshmallow import fields
from sqlalchemy.orm import Session

from chassis.api.fields import Told
from chassis.api.operations import Ask, Operation
from chassis.api.operations import mount as mount_operations
from chassis.desks import Desk
from chassis.errors import NotFound
from chassis.law.approved import confirmed_schedule_of, period_of
from contractor.law.queries import approvals_of


class LawVersion(Told):
    id = fields.Integer(required=True)
    scheme_key = fields.String(required=True)
    content_hash = fields.String(required=True, metadata={"description": _("canonical 的 SHA-256")})
    in_force_from = fields.Date(required=True)
    in_force_until = fields.Date(
        required=True, allow_none=True, metadata={"description": _("不含这一天；没有写明时为空")}
    )
    committee = fields.String(required=True)
    approved_on = fields.Date(required=True)
    document = fields.String(required=True)
    corrected_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": _("后来登记更正的时间；没有更正时为空")}
    )


class LawVersionsTold(Told):
    versions = fields.List(fields.Nested(LawVersion), required=True)


class LawVersionTold(LawVersion):
    title = fields.String(required=True)
    title_en = fields.String(required=True)
    canonical = fields.String(required=True, metadata={"description": _("整份方案，一字不改")})


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "law_api", OPERATIONS)


def tell_versions(session: Session, ask: Ask) -> dict[str, Any]:
    rows = approvals_of(session, ask.visitor.county_code)
    return {"versions": [dict(row._mapping) | {"in_force_until": period_of(row).end} for row in rows]}


def tell_version(session: Session, ask: Ask, approval_id: int) -> dict[str, Any]:
    for row in approvals_of(session, ask.visitor.county_code):
        if row.id == approval_id:
            schedule = confirmed_schedule_of(row)
            told = dict(row._mapping) | {"in_force_until": period_of(row).end}
            return told | {"title": schedule.title, "title_en": schedule.title_en}
    raise NotFound(kind="schedule_approval")


OPERATIONS = (
    Operation("versions", "GET", "/law", tell_versions, _("补偿方案的各版"), LawVersionsTold()),
    Operation(
        "version",
        "GET",
        "/law/<int:approval_id>",
        tell_version,
        _("一版补偿方案"),
        LawVersionTold(),
        description=_("每个数、条款和起止，整份给出；核对它的 content_hash。"),
    ),
)
