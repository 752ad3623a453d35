"""Roles before a second person: the list of what waits and who holds what, one proposal, and the decision on it."""

from __future__ import annotations

from types import SimpleNamespace

from flask import flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _

from chassis.errors import NotFound, UnreadableInput
from chassis.identity import doors
from chassis.identity.answering import caller
from chassis.identity.forms import read, words_of
from chassis.identity.queries import staff_of
from chassis.identity.refusals import NotInThisState
from chassis.people import forms, granting, queries, words
from chassis.people.pages_person import number, shown_grant
from chassis.people.refusals import RoleHeldAlready, RoleNotHere, RolesExclude, ShownOtherwise
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.frame import role_words


def show_list():
    visitor = the_visitor()
    here = granting.grantable_roles(g.desk, visitor.county_code)
    role = request.args.get("role", "")
    role = role if role in {one.key for one in here} else ""
    after, shown = number("after"), number("shown") or 0
    with the_database().transaction() as session:
        pending = queries.pending_grants(session, visitor.county_code)
        page = queries.holders_page(session, visitor.county_code, role=role, after=after, at=g.at)
        rows = [*pending, *page.rows]
        officers = {by for grant, _staff in rows for by in (grant.proposed_by, grant.decided_by) if by is not None}
        names = queries.names_of(session, visitor.county_code, officers)
    kept = {"role": role} if role else {}
    first = shown if after else 0
    return render_template(
        "people/grants.html",
        action=desk_url("grants.list"),
        pending=[_row(grant, staff, names) for grant, staff in pending],
        holders=[_row(grant, staff, names) for grant, staff in page.rows],
        role=role,
        roles=[("", _("全部")), *((one.key, role_words([one.key])) for one in here)],
        tags=[(role_words([role]), desk_url("grants.list"))] if role else [],
        first=first + (1 if page.rows else 0),
        until=first + len(page.rows),
        page=page,
        first_url=desk_url("grants.list", **kept) if after else None,
        next_url=desk_url("grants.list", **kept, after=page.next_after, shown=first + len(page.rows))
        if page.next_after
        else None,
    )


def show_proposal():
    return _proposal({"staff_id": request.args.get("person", "")}, {}, 200)


def propose():
    visitor = the_visitor()
    roles = granting.grantable_roles(g.desk, visitor.county_code)
    try:
        values = read(forms.ProposeForm(roles), request.form)
        grant = the_database().retrying(
            lambda session: granting.propose(
                session,
                g.desk,
                county_code=visitor.county_code,
                staff_id=values["staff_id"],
                role=values["role"],
                scope=values["scope"] or None,
                reason=values["reason"],
                by=visitor.person_id,
                at=g.at,
            )
        )
    except UnreadableInput as refusal:
        return _proposal(request.form, words_of(refusal.facts["faults"]), refusal.status)
    except (RolesExclude, RoleHeldAlready, RoleNotHere) as refusal:
        return _proposal(request.form, {"role": answer_to(refusal).text}, refusal.status)
    except (NotFound, NotInThisState) as refusal:
        return _proposal(request.form, {"staff_id": _("请选一个人")}, refusal.status)
    flash(_("已提议，等另一位安全保密员确认。在那之前不生效。"), "ok")
    return redirect(desk_url("grants.grant", grant_id=grant.id), 303)


def show(grant_id: int):
    return _page(grant_id)


def approve(grant_id: int):
    """The password once more for exactly what is on the page; the route asks for a step-up before it."""
    visitor, database = the_visitor(), the_database()
    try:
        values = read(forms.APPROVE, request.form)
        confirmed = doors.confirm_password(
            database, the_house(), visitor, password=values["password"], caller=caller(), at=g.at
        )
        database.retrying(
            lambda session: granting.approve(
                session,
                g.desk,
                visitor,
                confirmed,
                grant_id=grant_id,
                shown_sha256=bytes.fromhex(values["content_hash"]),
                at=g.at,
            )
        )
    except UnreadableInput as refusal:
        return _page(grant_id, status=refusal.status, errors=words_of(refusal.facts["faults"]))
    except (ShownOtherwise, RolesExclude) as refusal:
        return _page(grant_id, status=refusal.status, errors={"form": answer_to(refusal).text})
    flash(_("已授予。这个人的下一次点击起就生效。"), "ok")
    return redirect(desk_url("grants.list"), 303)


def refuse(grant_id: int):
    visitor = the_visitor()
    try:
        reason = read(forms.REASON, request.form)["reason"]
        the_database().retrying(
            lambda session: granting.refuse(session, visitor, grant_id=grant_id, reason=reason, at=g.at)
        )
    except UnreadableInput as refusal:
        return _page(grant_id, status=refusal.status, errors={"refuse": words_of(refusal.facts["faults"])["reason"]})
    flash(_("已记下不同意。"), "ok")
    return redirect(desk_url("grants.list"), 303)


def end(grant_id: int):
    visitor = the_visitor()
    try:
        reason = read(forms.REASON, request.form)["reason"]
        grant = the_database().retrying(
            lambda session: granting.end(
                session,
                county_code=visitor.county_code,
                grant_id=grant_id,
                reason=reason,
                by=visitor.person_id,
                at=g.at,
            )
        )
    except UnreadableInput as refusal:
        return _page(grant_id, status=refusal.status, errors={"end": words_of(refusal.facts["faults"])["reason"]})
    done = _("提议已撤回。") if grant.decision is None else _("岗位已结束，这个人的下一次点击起就不再有效。")
    flash(done, "ok")
    return redirect(desk_url("grants.grant", grant_id=grant_id), 303)


def _row(grant, staff, names) -> SimpleNamespace:
    row = shown_grant(grant, names)
    row.name, row.sign_in_name = staff.name, staff.sign_in_name
    row.person_url = desk_url("people.person", staff_id=staff.id)
    row.is_mine = the_visitor().person_id in (grant.proposed_by, grant.staff_id)
    return row


def _proposal(typed, errors: dict[str, str], status: int):
    visitor = the_visitor()
    roles = granting.grantable_roles(g.desk, visitor.county_code)
    with the_database().transaction() as session:
        people = queries.people_to_choose(session, visitor.county_code, besides=visitor.person_id)
    response = make_response(
        render_template(
            "people/propose.html",
            people=[("", _("请选一个人")), *((one.id, f"{one.name} · {one.sign_in_name}") for one in people)],
            roles=[("", _("请选一个岗位")), *((role.key, _role_choice(role)) for role in roles)],
            typed=typed,
            errors=errors,
            longest=forms.LONGEST_REASON,
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _role_choice(role) -> str:
    name = role_words([role.key])
    return _("%(role)s（要写%(scope)s）", role=name, scope=words.scope_kind(role.scope)) if role.scope else name


def _page(grant_id: int, *, status: int = 200, errors: dict[str, str] | None = None):
    visitor = the_visitor()
    with the_database().transaction() as session:
        grant = queries.grant_of(session, visitor.county_code, grant_id)
        if grant is None:
            raise NotFound(grant=grant_id)
        staff = staff_of(session, visitor.county_code, grant.staff_id)
        officers = [by for by in (grant.proposed_by, grant.decided_by, grant.ended_by) if by is not None]
        names = queries.names_of(session, visitor.county_code, officers)
        held = queries.roles_of_people(session, visitor.county_code, [staff.id], g.at).get(staff.id, [])
    refused = None
    if grant.staff_id == visitor.person_id:
        refused = _("这是给您自己的岗位，要由另外两位安全保密员办理。")
    elif grant.proposed_by == visitor.person_id:
        refused = _("您提议的，不能由您自己确认。请另一位安全保密员登录后办理。")
    response = make_response(
        render_template(
            "people/grant.html",
            grant=shown_grant(grant, names),
            staff=staff,
            staff_pill=words.status_pill(staff.status),
            held=role_words(held),
            content_hash=granting.content_of(g.desk, grant, staff).hex(),
            refused=refused,
            must_step_up=refused is None and (visitor.stepped_up_until is None or visitor.stepped_up_until <= g.at),
            step_up_url=desk_url("identity.step_up", next=desk_url("grants.grant", grant_id=grant_id)),
            is_mine=grant.proposed_by == visitor.person_id,
            is_own=grant.staff_id == visitor.person_id,
            errors=errors or {},
            typed=request.form,
            longest=forms.LONGEST_REASON,
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
