"""An approval as its page shows it: who decided what, by which document, and where it stands now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import SimpleNamespace

from flask_babel import gettext as _

from chassis.law.approved import content_of, period_of
from chassis.law.showing import title_of
from oversight.registry.schedules.queries import CONFIRMS, state_of
from oversight.registry.schedules.tables import ScheduleApproval
from rulebook.schedule import Schedule

ENTER_ROLES = frozenset({"registrar", "officer"})
WITHDRAW_ROLES = ENTER_ROLES | {CONFIRMS}


def pill_of(state: str) -> tuple[str, str]:
    return {
        "proposed": (_("等第二人确认"), "wait"),
        "confirmed": (_("已批准，未到生效日"), "note"),
        "in_force": (_("现行"), "ok"),
        "past": (_("已停用"), "note"),
        "corrected": (_("有错，已更正"), "bad"),
        "withdrawn": (_("已撤回"), "bad"),
    }[state]


def shown_approval(row: ScheduleApproval, names: Mapping[int, str], *, on: dt.date) -> SimpleNamespace:
    state = state_of(row, on=on)
    period = period_of(row)
    return SimpleNamespace(
        id=row.id,
        county_code=row.county_code,
        state=state,
        pill=pill_of(state),
        from_on=period.start,
        until_on=period.end,
        committee=row.committee,
        approved_on=row.approved_on,
        document=row.document,
        document_sha256=row.document_sha256,
        content_hash=row.content_hash,
        shown_sha256=content_of(row).hex(),
        proposed=SimpleNamespace(by=names.get(row.proposed_by, "–"), at=row.proposed_at),
        confirmed=SimpleNamespace(by=names.get(row.confirmed_by, "–"), at=row.confirmed_at)
        if row.confirmed_at
        else None,
        corrects_id=row.corrects_id,
        correction_reason=row.correction_reason,
        corrected_by_id=row.corrected_by_id,
        corrected_at=row.corrected_at,
        withdrawn=SimpleNamespace(by=names.get(row.withdrawn_by, "–"), at=row.withdrawn_at, reason=row.withdraw_reason)
        if row.withdrawn_at
        else None,
    )


def choices_of(on_file: Mapping[str, Schedule]) -> list[tuple[str, str]]:
    """Schedules to choose from, each with the beginning of its fingerprint."""
    named = ((key, f"{title_of(schedule)} · {schedule.content_hash[:12]}") for key, schedule in on_file.items())
    return [("", _("请选一个方案")), *named]
