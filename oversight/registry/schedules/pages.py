"""The room of the county's law: which schedule rules which days, what waits for a second person, entering a decision.

The registrar comes with the committee's document in hand, a few times a year; the director comes to compare what was
entered with that document; auditor and readers come to see what the law was on the day of a claim.
"""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, Flask, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _

from chassis import clock
from chassis.desks import COUNTY, Desk
from chassis.errors import Refusal, UnreadableInput
from chassis.i18n import language
from chassis.identity.forms import read, words_of
from chassis.law import showing
from chassis.law.approved import period_of, schedule_of
from chassis.law.reading import day_to_show, lend_templates
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from oversight.registry.queries import counties_seen_by
from oversight.registry.schedules import approving, forms, pages_correct, pages_decide, pages_one, queries
from oversight.registry.schedules.refusals import ApprovedInTheFuture, LawIsNotChangedBackwards
from oversight.registry.schedules.showing import ENTER_ROLES, choices_of, pill_of
from rulebook.periods import EmptyPeriod
from rulebook.refusals import Refused
from rulebook.registry import GapBetweenVersions, OverlappingVersions
from rulebook.schedule import NotInForce
from rulebook.schedule_files import schedules_on_file


def mount(app: Flask, desk: Desk) -> None:
    if desk != COUNTY:
        return
    lend_templates(app)
    room = Blueprint("schedules", __name__, template_folder="templates", url_prefix="/schedules")
    at(room, "", "list", {"GET": show_list})
    at(room, "/propose", "propose", {"GET": show_proposal, "POST": propose})
    one = "/<county_code>/<int:approval_id>"
    at(room, one, "approval", {"GET": pages_one.show})
    at(room, f"{one}/table.<any(csv, xlsx):file_type>", "export", {"GET": pages_one.export})
    at(room, f"{one}/differences", "differences", {"GET": pages_one.show_differences})
    at(room, f"{one}/correct", "correct", {"GET": pages_correct.show, "POST": pages_correct.correct})
    at(room, f"{one}/confirm", "confirm", {"POST": pages_decide.confirm})
    at(room, f"{one}/withdraw", "withdraw", {"POST": pages_decide.withdraw})
    at(room, f"{one}/take-back", "take_back", {"POST": pages_decide.take_back})
    app.register_blueprint(room)


def show_list():
    visitor, today = the_visitor(), clock.local_day(g.at)
    with the_database().transaction() as session:
        counties = counties_seen_by(session, visitor.county_code)
        asked = request.args.get("county", "")
        codes = [c.county_code for c in counties if not asked or c.county_code == asked]
        rows = queries.approvals_of(session, codes)
    names = {c.county_code: c.name_en if language() == "en" else c.name_zh for c in counties}
    shown = [_row(row, names[row.county_code], today) for row in rows]
    return render_template(
        "schedules/list.html",
        action=desk_url("schedules.list"),
        county=asked if asked in names else "",
        counties=list(names.items()) if len(names) > 1 else [],
        waiting=[row for row in shown if row.state == "proposed"],
        law=[row for row in shown if row.state in ("in_force", "confirmed", "past", "corrected")],
        withdrawn=[row for row in shown if row.state == "withdrawn"],
        lacking=[name for code, name in names.items() if code in codes and not _is_ruled(rows, code, today)],
        may_enter=bool(visitor.roles & ENTER_ROLES),
    )


def show_proposal():
    return _proposal(request.args, {}, 200)


def propose():
    visitor = the_visitor()
    on_file = schedules_on_file()
    if "look" in request.form:
        return _proposal(request.form, {}, 200)
    try:
        values = read(forms.ProposeForm(on_file.keys()), request.form)
        row = the_database().retrying(
            lambda session: approving.propose(
                session,
                on_file[values["scheme"]],
                forms.decision_of(values),
                county_code=visitor.county_code,
                by=visitor.person_id,
                at=g.at,
            )
        )
    except UnreadableInput as refusal:
        return _proposal(request.form, words_of(refusal.facts["faults"]), refusal.status)
    except (ApprovedInTheFuture, LawIsNotChangedBackwards, EmptyPeriod, NotInForce) as refusal:
        return _refused(refusal)
    except (OverlappingVersions, GapBetweenVersions) as refusal:
        return _refused(refusal)
    flash(_("已登记，等主任与文件核对后确认。在那之前不生效。"), "ok")
    return redirect(desk_url("schedules.approval", county_code=row.county_code, approval_id=row.id), 303)


def _refused(refusal: Refusal | Refused):
    """The refusal beside the field that it is about."""
    field = {ApprovedInTheFuture: "approved_on", EmptyPeriod: "in_force_until"}.get(type(refusal), "in_force_from")
    answer = answer_to(refusal)
    return _proposal(request.form, {field: f"{answer.title}{_('：')}{answer.text}"}, 409)


def _proposal(typed, errors: dict[str, str], status: int):
    on_file = schedules_on_file()
    chosen = on_file.get(typed.get("scheme", ""))
    today = clock.local_day(g.at)
    response = make_response(
        render_template(
            "schedules/propose.html",
            schemes=choices_of(on_file),
            typed=typed,
            errors=errors,
            longest=forms.LONGEST_WORDS,
            chosen=chosen,
            chosen_title=showing.title_of(chosen) if chosen else "",
            groups=showing.shown_law(chosen) if chosen else [],
            dates=chosen.dates() if chosen else [],
            today=today,
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _row(row, county: str, today) -> SimpleNamespace:
    state = queries.state_of(row, on=today)
    schedule = schedule_of(row)
    period = period_of(row)
    return SimpleNamespace(
        state=state,
        pill=pill_of(state),
        county=county,
        title=showing.title_of(schedule),
        url=desk_url("schedules.approval", county_code=row.county_code, approval_id=row.id),
        content_hash=row.content_hash,
        from_on=period.start,
        until_on=period.end,
        committee=row.committee,
        document=row.document,
        approved_on=row.approved_on,
        day=day_to_show(period, today),
    )


def _is_ruled(rows, county_code: str, today) -> bool:
    return any(row.county_code == county_code and queries.state_of(row, on=today) == "in_force" for row in rows)
