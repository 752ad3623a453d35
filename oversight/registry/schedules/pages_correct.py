"""Entering a corrected version of a schedule that was in force and was wrong; the director confirms it like any."""

from __future__ import annotations

from flask import flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _

from chassis import clock
from chassis.errors import NotFound, Refusal, UnreadableInput
from chassis.identity.forms import read, words_of
from chassis.law import showing
from chassis.law.approved import period_of, schedule_of
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_visitor
from oversight.registry.schedules import approving, forms, pages_one, queries
from oversight.registry.schedules.correcting import CORRECTABLE
from oversight.registry.schedules.refusals import ApprovedInTheFuture
from oversight.registry.schedules.showing import choices_of
from rulebook.refusals import Refused
from rulebook.schedule_files import schedules_on_file


def show(county_code: str, approval_id: int):
    return _page(county_code, approval_id, request.args)


def correct(county_code: str, approval_id: int):
    """What was wrong, and the committee's document on it. The days are those of the wrong one."""
    visitor, on_file = the_visitor(), schedules_on_file()
    _own(county_code)
    if "look" in request.form:
        return _page(county_code, approval_id, request.form)
    try:
        values = read(forms.CorrectForm(on_file.keys()), request.form)
        row = the_database().retrying(
            lambda session: approving.propose_corrected(
                session,
                approval_id,
                on_file[values["scheme"]],
                forms.correction_of(values),
                county_code=visitor.county_code,
                by=visitor.person_id,
                at=g.at,
            )
        )
    except UnreadableInput as refusal:
        faults = words_of(refusal.facts["faults"])
        return _page(county_code, approval_id, request.form, errors=faults, status=refusal.status)
    except NotFound:
        raise
    except (Refusal, Refused) as refusal:
        answer = answer_to(refusal)
        field = "approved_on" if isinstance(refusal, ApprovedInTheFuture) else "scheme"
        told = {field: f"{answer.title}{_('：')}{answer.text}"}
        return _page(county_code, approval_id, request.form, errors=told, status=409)
    flash(_("更正已登记，等主任与文件核对后确认。在那之前不变。"), "ok")
    return redirect(desk_url("schedules.approval", county_code=row.county_code, approval_id=row.id), 303)


def _own(county_code: str) -> None:
    if county_code != the_visitor().county_code:
        raise NotFound(kind="schedule_approval")


def _page(county_code: str, approval_id: int, typed, *, errors: dict[str, str] | None = None, status: int = 200):
    _own(county_code)
    today = clock.local_day(g.at)
    with the_database().transaction() as session:
        row, county = pages_one.record(session, county_code, approval_id)
    wrong, period, on_file = schedule_of(row), period_of(row), schedules_on_file()
    chosen = on_file.get(typed.get("scheme", ""))
    response = make_response(
        render_template(
            "schedules/correct.html",
            county=county,
            title=showing.title_of(wrong),
            document=row.document,
            first_on=period.start,
            until_on=period.end,
            is_open=queries.state_of(row, on=today) in CORRECTABLE,
            back=desk_url("schedules.approval", county_code=county_code, approval_id=approval_id),
            here=desk_url("schedules.correct", county_code=county_code, approval_id=approval_id),
            schemes=choices_of(on_file),
            chosen=chosen,
            chosen_title=showing.title_of(chosen) if chosen else "",
            changes=showing.between_versions(wrong, chosen, since=row.in_force_from) if chosen else [],
            typed=typed,
            errors=errors or {},
            longest=forms.LONGEST_WORDS,
            longest_reason=forms.LONGEST_REASON,
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
