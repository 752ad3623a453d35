"""The list of a desk's people, and one person: what they are here, what was granted to them and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from flask import g, make_response, render_template, request
from flask_babel import gettext as _

from chassis import authorisation
from chassis.errors import NotFound
from chassis.identity import queries as identity_queries
from chassis.identity.tables import RoleGrant, Staff
from chassis.people import forms, granting, queries, words
from chassis.people.queries import Filter
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.frame import role_words

LONGEST_TEXT = 40


def show_list():
    visitor = the_visitor()
    here = authorisation.matrix().roles_of(g.desk.key)
    wanted = Filter(
        text=" ".join(request.args.get("text", "").split())[:LONGEST_TEXT],
        status=_one_of(request.args.get("status"), queries.STATUSES),
        role=_one_of(request.args.get("role"), [role.key for role in here]),
    )
    after, shown = number("after"), number("shown") or 0
    with the_database().transaction() as session:
        page = queries.people_page(session, visitor.county_code, wanted, after=after, at=g.at)
        held = queries.roles_of_people(session, visitor.county_code, [staff.id for staff in page.rows], g.at)
    kept = {"text": wanted.text, "status": wanted.status, "role": wanted.role}
    until = (shown if after else 0) + len(page.rows)
    return render_template(
        "people/list.html",
        action=desk_url("people.list"),
        wanted=wanted,
        statuses=[("", _("全部")), *words.status_choices()],
        roles=[("", _("全部")), *((role.key, role_words([role.key])) for role in here)],
        tags=_tags(kept),
        rows=[
            {
                "name": (staff.name, desk_url("people.person", staff_id=staff.id)),
                "sign_in_name": staff.sign_in_name,
                "roles": role_words(held.get(staff.id, ())) or None,
                "status": words.status_pill(staff.status),
                "since": staff.status_changed_at,
            }
            for staff in page.rows
        ],
        first=(shown if after else 0) + (1 if page.rows else 0),
        until=until,
        page=page,
        first_url=desk_url("people.list", **_given(kept)) if after else None,
        next_url=desk_url("people.list", **_given(kept), after=page.next_after, shown=until)
        if page.next_after
        else None,
        may_invite="administrator" in visitor.roles,
    )


def show(staff_id: int):
    return person_page(staff_id)


def person_page(
    staff_id: int,
    *,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    is_stale: bool = False,
    act: str = "",
):
    """One person. After a refusal the page comes again with what was typed, and says what is wrong beside it."""
    visitor = the_visitor()
    with the_database().transaction() as session:
        staff = identity_queries.staff_of(session, visitor.county_code, staff_id)
        if staff is None:
            raise NotFound(staff=staff_id)
        grants = queries.grants_of(session, visitor.county_code, staff_id)
        invitation = queries.standing_invitation(session, visitor.county_code, staff_id, at=g.at)
        sessions = identity_queries.sessions_of(session, visitor.county_code, staff_id, at=g.at)
        factors = identity_queries.second_factors_of(session, visitor.county_code, staff_id)
        names = queries.names_of(session, visitor.county_code, _named(staff, grants))
    is_own = staff.id == visitor.person_id
    is_officer = any(grant.role == "security_officer" and _is_in_force(grant) for grant in grants)
    context: dict[str, Any] = {
        "staff": staff,
        "pill": words.status_pill(staff.status),
        "grants": [shown_grant(grant, names) for grant in grants],
        "invitation": invitation,
        "session_count": len(sessions),
        "factors": factors,
        "invited_by": _actor(staff.invited_by, names),
        "changed_by": _actor(staff.status_changed_by, names, nobody=_("本人")),
        "is_own": is_own,
        "may_keep": "administrator" in visitor.roles and not is_own,
        "may_grant": "security_officer" in visitor.roles and not is_own,
        "recover_url": desk_url("people.recover_officer" if is_officer else "people.recover", staff_id=staff.id),
        "may_recover": not is_own and ("administrator" if is_officer else "security_officer") in visitor.roles,
        "errors": errors or {},
        "typed": typed or {},
        "act": act,
        "is_stale": is_stale,
        "longest": forms.LONGEST_REASON,
    }
    response = make_response(render_template("people/person.html", **context), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def shown_grant(grant: RoleGrant, names: Mapping[int, str]) -> SimpleNamespace:
    """A grant as a row of a history."""
    return SimpleNamespace(
        id=grant.id,
        role=words.role_with_scope(grant),
        pill=words.grant_pill(grant),
        reason=grant.reason,
        proposed=_said(grant.proposed_by, grant.proposed_at, names, nobody=_("服务器命令行")),
        decided=_said(grant.decided_by, grant.decided_at, names, nobody=_("服务器命令行")),
        decision_reason=grant.decision_reason,
        ended=_said(grant.ended_by, grant.ended_at, names),
        end_reason=grant.end_reason,
        state=granting.state_of(grant),
        url=desk_url("grants.grant", grant_id=grant.id),
    )


def number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _said(by: int | None, at, names: Mapping[int, str], nobody: str = "") -> SimpleNamespace | None:
    return None if at is None else SimpleNamespace(by=_actor(by, names, nobody=nobody), at=at)


def _actor(by: int | None, names: Mapping[int, str], nobody: str = "") -> str:
    if by is None:
        return nobody or _("服务器命令行")
    return names.get(by, str(by))


def _named(staff: Staff, grants) -> set[int]:
    of_grants = {by for grant in grants for by in (grant.proposed_by, grant.decided_by, grant.ended_by)}
    return {by for by in of_grants | {staff.invited_by, staff.status_changed_by} if by is not None}


def _is_in_force(grant: RoleGrant) -> bool:
    return grant.decision == "approved" and (grant.ended_at is None or grant.ended_at > g.at)


def _one_of(value: str | None, known) -> str:
    return value if value in known else ""


def _given(kept: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in kept.items() if value}


def _tags(kept: Mapping[str, str]) -> list[tuple[str, str]]:
    said = {
        "text": kept["text"],
        "status": words.status_pill(kept["status"])[0] if kept["status"] else "",
        "role": role_words([kept["role"]]),
    }
    return [
        (said[part], desk_url("people.list", **_given({**kept, part: ""}))) for part, value in kept.items() if value
    ]
