"""The second person's word on an approval, and taking one back."""

from __future__ import annotations

from flask import flash, g, redirect, request
from flask_babel import gettext as _

from chassis.errors import NotFound, UnreadableInput
from chassis.identity import doors
from chassis.identity.answering import caller
from chassis.identity.forms import read, words_of
from chassis.people.forms import APPROVE, REASON
from chassis.people.refusals import ShownOtherwise
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from oversight.registry.schedules import approving, pages_one
from oversight.registry.schedules.refusals import LawIsNotChangedBackwards, LawMovedOn
from rulebook.registry import GapBetweenVersions, OverlappingVersions


def confirm(county_code: str, approval_id: int):
    """The password once more for exactly what is on the page; the route asks for a step-up before it."""
    _own(county_code, approval_id)
    visitor, database = the_visitor(), the_database()
    try:
        values = read(APPROVE, request.form)
        confirmed = doors.confirm_password(
            database, the_house(), visitor, password=values["password"], caller=caller(), at=g.at
        )
        database.retrying(
            lambda session: approving.confirm(
                session,
                visitor,
                confirmed,
                approval_id=approval_id,
                shown_sha256=bytes.fromhex(values["content_hash"]),
                at=g.at,
            )
        )
    except UnreadableInput as refusal:
        faults = words_of(refusal.facts["faults"])
        return pages_one.page(county_code, approval_id, status=refusal.status, errors=faults)
    except (ShownOtherwise, LawMovedOn, LawIsNotChangedBackwards, OverlappingVersions, GapBetweenVersions) as refusal:
        answer = answer_to(refusal)
        errors = {"form": answer.text}
        return pages_one.page(county_code, approval_id, status=409, errors=errors)
    flash(_("已确认。从生效日起，两个席位都按这一版计算。"), "ok")
    return _back(county_code, approval_id)


def withdraw(county_code: str, approval_id: int):
    return _end(county_code, approval_id, approving.withdraw, "withdraw", _("已撤回，没有生效过。"))


def take_back(county_code: str, approval_id: int):
    return _end(county_code, approval_id, approving.take_back, "take_back", _("已收回，原方案照旧。"))


def _end(county_code: str, approval_id: int, verb, field: str, done: str):
    _own(county_code, approval_id)
    visitor = the_visitor()
    try:
        reason = read(REASON, request.form)["reason"]
        the_database().retrying(
            lambda session: verb(
                session,
                county_code=county_code,
                approval_id=approval_id,
                reason=reason,
                by=visitor.person_id,
                at=g.at,
            )
        )
    except UnreadableInput as refusal:
        words = words_of(refusal.facts["faults"])["reason"]
        return pages_one.page(county_code, approval_id, status=refusal.status, errors={field: words})
    flash(done, "ok")
    return _back(county_code, approval_id)


def _own(county_code: str, approval_id: int) -> None:
    """Acts are the county's own; whoever sees more counties than one decides in none."""
    if county_code != the_visitor().county_code:
        raise NotFound(kind="schedule_approval", approval=approval_id)


def _back(county_code: str, approval_id: int):
    return redirect(desk_url("schedules.approval", county_code=county_code, approval_id=approval_id), 303)
