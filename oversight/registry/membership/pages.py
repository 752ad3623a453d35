"""The report of a death, and taking it back where the member lives."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _

from chassis.desks import COUNTY, Desk
from chassis.errors import NotFound
from chassis.people.queries import names_of
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from oversight.registry.membership.deaths import withdraw_death
from oversight.registry.membership.queries import death_of
from oversight.registry.queries import counties_seen_by, member_record
from oversight.registry.showing import sees_names, shown_name

WITHDRAWS_ROLES = frozenset({"registrar"})
SHORTEST_REASON, LONGEST_REASON = 5, 300


def mount(app: Flask, desk: Desk) -> None:
    if desk != COUNTY:
        return
    room = Blueprint("membership", __name__, template_folder="templates", url_prefix="/registry/members")
    at(room, "/<county_code>/<int:member_id>/death", "death", {"GET": show_death, "POST": withdraw})
    app.register_blueprint(room)


def show_death(county_code: str, member_id: int):
    return _page(county_code, member_id)


def withdraw(county_code: str, member_id: int):
    visitor = the_visitor()
    reason = " ".join(request.form.get("reason", "").split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        error = _("写 %(min)s 到 %(max)s 个字", min=SHORTEST_REASON, max=LONGEST_REASON)
        return _page(county_code, member_id, error=error, typed=reason, status=422)

    def work(session):
        _found(session, county_code, member_id)
        withdraw_death(session, county_code, member_id, reason=reason, by=visitor.person_id, at=g.at)

    the_database().retrying(work)
    flash(_("死亡登记已撤销，留有记录。"), "ok")
    return redirect(desk_url("registry.member", county_code=county_code, member_id=member_id), 303)


def _page(county_code: str, member_id: int, *, error: str | None = None, typed: str = "", status: int = 200):
    visitor = the_visitor()
    with the_database().transaction() as session:
        member, death = _found(session, county_code, member_id)
        people = [by for by in (death.recorded_by, death.withdrawn_by) if by is not None]
        names = names_of(session, county_code, people)
    answer = make_response(
        render_template(
            "membership/death.html",
            name=shown_name(member, in_full=sees_names(visitor.roles)),
            death=death,
            recorded_by=names.get(death.recorded_by, "–"),
            withdrawn_by=names.get(death.withdrawn_by, "–"),
            may_withdraw=bool(visitor.roles & WITHDRAWS_ROLES),
            action=desk_url("membership.death", county_code=county_code, member_id=member_id),
            back=desk_url("registry.member", county_code=county_code, member_id=member_id),
            error=error,
            typed=typed,
            longest=LONGEST_REASON,
        ),
        status,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _found(session, county_code: str, member_id: int):
    codes = [c.county_code for c in counties_seen_by(session, the_visitor().county_code)]
    record = member_record(session, codes, county_code, member_id)
    death = death_of(session, county_code, member_id) if record is not None else None
    if record is None or death is None:
        raise NotFound(kind="death")
    return record[0], death
