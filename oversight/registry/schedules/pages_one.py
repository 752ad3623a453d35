"""One approval: the law it puts in force as a table, its differences, its file; while it waits, the decision."""

from __future__ import annotations

from typing import Any

from flask import g, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis import clock
from chassis.errors import NotFound
from chassis.i18n import language
from chassis.law import showing
from chassis.law.approved import confirmed_schedule_of, period_of, schedule_of
from chassis.law.exporting import law_file
from chassis.law.reading import ALL_DATES, comparison, day_or_all, day_to_show
from chassis.people.queries import names_of
from chassis.web.current import desk_url, the_database, the_visitor
from oversight.registry.queries import counties_seen_by
from oversight.registry.schedules import forms, queries
from oversight.registry.schedules.correcting import CORRECTABLE
from oversight.registry.schedules.showing import ENTER_ROLES, WITHDRAW_ROLES, shown_approval
from oversight.registry.schedules.tables import ScheduleApproval
from rulebook.schedule import Schedule


def show(county_code: str, approval_id: int):
    return page(county_code, approval_id)


def page(county_code: str, approval_id: int, *, status: int = 200, errors: dict[str, str] | None = None):
    """The approval's page; a form that was refused is shown on it again."""
    visitor, today = the_visitor(), clock.local_day(g.at)
    with the_database().transaction() as session:
        row, county = record(session, county_code, approval_id)
        people = [by for by in (row.proposed_by, row.confirmed_by, row.withdrawn_by) if by is not None]
        names = names_of(session, county_code, people)
        # What it takes the place of: the one before it, or the wrong one whose days it takes.
        before_id = row.replaces_id or row.corrects_id
        replaced = queries.approval_of(session, county_code, before_id) if before_id else None
    schedule = _schedule(row)
    period = period_of(row)
    # Whoever compares it with the document needs all of it; afterwards a day is what one comes for.
    wants_all = row.confirmed_at is None and "on" not in request.args
    on = None if wants_all else day_or_all(request.args, day_to_show(period, today))
    own = visitor.county_code == county_code
    approval = shown_approval(row, names, on=today)
    may_confirm = approval.state == "proposed" and queries.CONFIRMS in visitor.roles and own
    response = make_response(
        render_template(
            "schedules/approval.html",
            approval=approval,
            county=county,
            title=showing.title_of(schedule),
            version=schedule.version,
            on=on,
            outside=None if on is None or on in period else _("这一天不在本版的有效期内"),
            groups=showing.shown_law(schedule, on=on),
            here=_url("approval", row),
            all_url=_url("approval", row, on=ALL_DATES),
            differences_url=_url("differences", row),
            files=[
                (words, _url("export", row, file_type=kind, on=on.isoformat() if on else ALL_DATES))
                for kind, words in (("xlsx", _("导出 Excel")), ("csv", _("导出 CSV")))
            ],
            replaced=replaced,
            replaced_url=_url("approval", replaced) if replaced else None,
            changes=showing.between_versions(schedule_of(replaced), schedule, since=row.in_force_from)
            if replaced
            else [],
            right_url=desk_url("schedules.approval", county_code=county_code, approval_id=row.corrected_by_id)
            if row.corrected_by_id
            else None,
            correct_url=_url("correct", row) if own and approval.state in CORRECTABLE else None,
            may_correct=bool(visitor.roles & ENTER_ROLES),
            may_confirm=may_confirm,
            refused=_("您登记的，不能由您自己确认。请另一位主任登录后办理。")
            if row.proposed_by == visitor.person_id
            else None,
            must_step_up=visitor.stepped_up_until is None or visitor.stepped_up_until <= g.at,
            step_up_url=desk_url("identity.step_up", next=_url("approval", row)),
            may_withdraw=approval.state == "proposed" and bool(visitor.roles & WITHDRAW_ROLES) and own,
            may_take_back=approval.state == "confirmed" and queries.CONFIRMS in visitor.roles and own,
            errors=errors or {},
            typed=request.form,
            longest=forms.LONGEST_REASON,
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def export(county_code: str, approval_id: int, file_type: str):
    with the_database().transaction() as session:
        row, _county = record(session, county_code, approval_id)
    schedule = _schedule(row)
    on = day_or_all(request.args, day_to_show(period_of(row), clock.local_day(g.at)))
    name = f"law-{county_code}-{row.id}-{on or ALL_DATES}"
    return law_file(schedule, on=on, file_type=file_type, name=name)


def show_differences(county_code: str, approval_id: int):
    with the_database().transaction() as session:
        row, county = record(session, county_code, approval_id)
        others = [one for one in queries.approvals_of(session, [county_code]) if one.id != row.id]
    schedule = _schedule(row)
    schedules = {one.id: (schedule_of(one), one.in_force_from) for one in others if one.withdrawn_at is None}
    found = comparison(schedule, schedules, request.args, from_on=row.in_force_from, replaced=row.replaces_id)
    words = {one.id: _version_words(one, schedules[one.id][0]) for one in others if one.id in schedules}
    return render_template(
        "schedules/differences.html",
        county=county,
        title=showing.title_of(schedule),
        back=_url("approval", row),
        action=_url("differences", row),
        versions=list(words.items()),
        found=found,
        other_words=words.get(found.other),
        this_words=_version_words(row, schedule),
    )


def record(session: Session, county_code: str, approval_id: int) -> tuple[ScheduleApproval, str]:
    """The approval and its county's name, where this visitor may see that county; else it is not there."""
    counties = {c.county_code: c for c in counties_seen_by(session, the_visitor().county_code)}
    row = queries.approval_of(session, county_code, approval_id) if county_code in counties else None
    if row is None:
        raise NotFound(kind="schedule_approval")
    county = counties[county_code]
    return row, county.name_en if language() == "en" else county.name_zh


def _schedule(row: ScheduleApproval) -> Schedule:
    """A confirmed law is shown only as it was confirmed."""
    return schedule_of(row) if row.confirmed_at is None else confirmed_schedule_of(row)


def _version_words(row: ScheduleApproval, schedule: Schedule) -> str:
    return f"{row.in_force_from.isoformat()} · {row.document} · {showing.title_of(schedule)}"


def _url(endpoint: str, row: ScheduleApproval, **values: Any) -> str:
    return desk_url(f"schedules.{endpoint}", county_code=row.county_code, approval_id=row.id, **values)
