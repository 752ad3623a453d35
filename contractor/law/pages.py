"""The rules as the reviewer reads them: the county's schedule in force on a day, by whom approved, known by its hash.

A reviewer comes with a claim in hand and a question of one number: what was the rate, which article, since when. So the
first page is the table of today, and the day is one field away. Nothing here can be changed.
"""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Flask, g, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Row

from chassis import clock
from chassis.desks import Desk
from chassis.errors import NotFound
from chassis.law import showing
from chassis.law.approved import confirmed_schedule_of, period_of
from chassis.law.exporting import law_file
from chassis.law.reading import ALL_DATES, ONE_DAY, comparison, day_or_all, day_to_show, lend_templates
from chassis.web.current import the_database, the_visitor
from chassis.web.rooms import at
from contractor.law.queries import approvals_of
from rulebook.schedule import Schedule


def mount(app: Flask, desk: Desk) -> None:
    lend_templates(app)
    room = Blueprint("law", __name__, template_folder="templates", url_prefix="/law")
    at(room, "", "page", {"GET": show_today})
    one = "/<county_code>/<int:approval_id>"
    at(room, one, "version", {"GET": show_version})
    at(room, f"{one}/table.<any(csv, xlsx):file_type>", "export", {"GET": export})
    at(room, f"{one}/differences", "differences", {"GET": show_differences})
    app.register_blueprint(room)


def show_today():
    """The version in force on the day asked for, today if none is."""
    rows = _rows()
    today = clock.local_day(g.at)
    on = day_or_all(request.args, today)
    ruling = next((row for row in rows if row.corrected_at is None and (on or today) in period_of(row)), None)
    return _page(rows, ruling, on, here=url_for("law.page"))


def show_version(county_code: str, approval_id: int):
    rows = _rows()
    row = _one(rows, county_code, approval_id)
    on = day_or_all(request.args, day_to_show(period_of(row), clock.local_day(g.at)))
    return _page(rows, row, on, here=_url("version", row))


def export(county_code: str, approval_id: int, file_type: str):
    row = _one(_rows(), county_code, approval_id)
    on = day_or_all(request.args, day_to_show(period_of(row), clock.local_day(g.at)))
    name = f"law-{county_code}-{row.id}-{on or ALL_DATES}"
    return law_file(confirmed_schedule_of(row), on=on, file_type=file_type, name=name)


def show_differences(county_code: str, approval_id: int):
    rows = _rows()
    row = _one(rows, county_code, approval_id)
    schedule = confirmed_schedule_of(row)
    others = {one.id: (confirmed_schedule_of(one), one.in_force_from) for one in rows if one.id != row.id}
    found = comparison(schedule, others, request.args, from_on=row.in_force_from, replaced=row.replaces_id)
    words = {one.id: _version_words(one, others[one.id][0]) for one in rows if one.id in others}
    return render_template(
        "law/differences.html",
        title=showing.title_of(schedule),
        back=_url("version", row),
        action=_url("differences", row),
        versions=list(words.items()),
        found=found,
        other_words=words.get(found.other),
        this_words=_version_words(row, schedule),
    )


def _page(rows: list[Row], row: Row | None, on: dt.date | None, *, here: str):
    schedule = confirmed_schedule_of(row) if row is not None else None
    outside = row is not None and on is not None and on not in period_of(row)
    return render_template(
        "law/page.html",
        here=here,
        row=row,
        until_on=period_of(row).end if row is not None else None,
        title=showing.title_of(schedule) if schedule else _("规则"),
        right_url=_url("version", right) if (right := _right_one(rows, row)) else None,
        on=on,
        outside=_("这一天不在本版的有效期内") if outside else None,
        groups=showing.shown_law(schedule, on=on) if schedule else [],
        all_url=f"{here}?on={ALL_DATES}",
        differences_url=_url("differences", row) if row is not None else None,
        files=[
            (words, _url("export", row, file_type=kind, on=on.isoformat() if on else ALL_DATES))
            for kind, words in (("xlsx", _("导出 Excel")), ("csv", _("导出 CSV")))
        ]
        if row is not None
        else [],
        versions=[_version(one, is_shown=row is not None and one.id == row.id) for one in reversed(rows)],
    )


def _version(row: Row, *, is_shown: bool) -> SimpleNamespace:
    period = period_of(row)
    return SimpleNamespace(
        title=showing.title_of(confirmed_schedule_of(row)),
        url=_url("version", row),
        from_on=period.start,
        last_on=period.end - ONE_DAY if period.end else None,
        document=row.document,
        is_shown=is_shown,
        is_corrected=row.corrected_at is not None,
    )


def _right_one(rows: list[Row], row: Row | None) -> Row | None:
    """The corrected version of one that was found wrong."""
    if row is None or row.corrected_by_id is None:
        return None
    return next((one for one in rows if one.id == row.corrected_by_id), None)


def _version_words(row: Row, schedule: Schedule) -> str:
    return f"{row.in_force_from.isoformat()} · {row.document} · {showing.title_of(schedule)}"


def _rows() -> list[Row]:
    with the_database().transaction() as session:
        return list(approvals_of(session, the_visitor().county_code))


def _one(rows: list[Row], county_code: str, approval_id: int) -> Row:
    for row in rows:
        if (row.county_code, row.id) == (county_code, approval_id):
            return row
    raise NotFound(kind="schedule_approval")


def _url(endpoint: str, row: Row, **values: Any) -> str:
    return url_for(f"law.{endpoint}", county_code=row.county_code, approval_id=row.id, **values)
