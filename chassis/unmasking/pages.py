"""The count of unmaskings, for the security officer and the log auditor: who, how many, of whom, by day."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Flask, g, render_template, request

from chassis.clock import local_day
from chassis.desks import Desk
from chassis.unmasking import queries, words
from chassis.unmasking.showing import DAILY_QUOTA
from chassis.web.current import desk_url, room_name, the_database, the_visitor
from chassis.web.rooms import at

PAGE_SIZE = 50
USUAL_SPAN = dt.timedelta(days=30)


def mount(app: Flask, desk: Desk) -> None:
    if not desk.has_staff:
        return
    room = Blueprint("unmasking", __name__, template_folder="templates")
    at(room, "/unmasking", "log", {"GET": log})
    app.register_blueprint(room, name=room_name(desk, "unmasking"), url_prefix=desk.path or None)


def log():
    county_code, today = the_visitor().county_code, local_day(g.at)
    first = _day("from") or today - USUAL_SPAN
    last = _day("to") or today
    staff_id = _number("person")
    end = min(last, first + dt.timedelta(days=queries.LONGEST_SPAN_DAYS)) + dt.timedelta(days=1)
    with the_database().transaction() as session:
        people = queries.people_who_looked(session, county_code)
        days = queries.looks_by_day(session, county_code, start=first, end=end, staff_id=staff_id)
        page = queries.log_page(
            session,
            county_code,
            start=first,
            end=end,
            staff_id=staff_id,
            before=_number("before"),
            size=PAGE_SIZE,
        )
    kept = {name: request.args[name] for name in ("from", "to", "person") if request.args.get(name)}
    return render_template(
        "unmasking/log.html",
        action=desk_url("unmasking.log"),
        first=first,
        last=last,
        people=people,
        staff_id=staff_id,
        days=days,
        rows=[words.shown(record, name) for record, name in page.rows],
        quota=DAILY_QUOTA,
        first_url=desk_url("unmasking.log", **kept) if request.args.get("before") else None,
        next_url=desk_url("unmasking.log", **kept, before=page.next_before) if page.next_before else None,
    )


def _day(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
