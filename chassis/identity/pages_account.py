"""One's own account: roles, factors, sessions, password; and what must be finished before anything else."""

from __future__ import annotations

from flask import current_app, flash, g, redirect, request
from flask_babel import gettext as _

from chassis import authorisation
from chassis.db import Database
from chassis.errors import UnreadableInput
from chassis.identity import accounts, cookies, doors, forms, passwords, queries, sessions
from chassis.identity.answering import caller, go, home, page
from chassis.identity.passwords import PasswordFault
from chassis.identity.refusals import WeakPassword
from chassis.identity.tables import Staff
from chassis.visitors import Visitor
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.frame import role_words

TOKENS = "interfaces.tokens"


def unfinished():
    what = the_visitor().unfinished
    if what is None:
        return redirect(home(), 303)
    return page("identity/unfinished.html", what=what)


def show():
    visitor = the_visitor()
    with the_database().transaction() as session:
        staff = queries.staff_of(session, visitor.county_code, visitor.person_id)
        mine = (session, visitor.county_code, visitor.person_id)
        context = {
            "staff": staff,
            "factors": queries.second_factors_of(*mine),
            "keys": queries.keys_of(*mine),
            "codes_left": queries.recovery_codes_left(*mine),
            "sessions": queries.sessions_of(*mine, at=g.at),
        }
    known = authorisation.matrix().roles
    roles = [(role_words([key]), visitor.scopes.get(key)) for key in known if key in visitor.roles]
    return page(
        "identity/account.html",
        roles=roles,
        own_session=visitor.session_id,
        place=g.get("place_name"),
        # Programs have doors at some desks only.
        tokens_url=desk_url(TOKENS) if TOKENS in current_app.view_functions else None,
        **context,
    )


def show_password():
    return page("identity/password.html", errors={}, must=the_visitor().unfinished == "change_password")


def change_password():
    visitor = the_visitor()
    try:
        values = forms.read(forms.CHANGE_PASSWORD, request.form)
        doors.confirm_password(
            the_database(), the_house(), visitor, password=values["password"], caller=caller(), at=g.at
        )
        new = values["new_password"]
        with the_database().transaction() as session:
            staff = queries.staff_of(session, visitor.county_code, visitor.person_id)
        check_new_password(staff, new, has_second_factor=visitor.has_second_factor, old=values["password"])
    except UnreadableInput as refusal:
        errors = forms.words_of(refusal.facts["faults"])
        return page(
            "identity/password.html", refusal.status, errors=errors, must=visitor.unfinished == "change_password"
        )
    hashed = passwords.hash_password(the_house().settings, new)

    def work(session):
        accounts.change_password(session, visitor, hashed, at=g.at)
        return sessions.renew(session, visitor.county_code, visitor.session_id, at=g.at)

    response = go("account")
    cookies.keep_session(response, the_database().retrying(work))
    flash(_("密码已换。别处的登录都已退出。"), "ok")
    return response


def revoke_session():
    visitor = the_visitor()
    session_id = forms.read(forms.WHICH, request.form)["id"]
    _revoke(the_database(), visitor, session_id)
    if session_id == visitor.session_id:
        return _signed_out()
    flash(_("那一处的登录已退出。"), "ok")
    return go("account")


def revoke_all_sessions():
    visitor = the_visitor()
    the_database().retrying(
        lambda session: sessions.revoke_all(
            session,
            visitor.county_code,
            visitor.person_id,
            why="everywhere",
            by=visitor.person_id,
            at=g.at,
            forget_devices=True,
        )
    )
    return _signed_out()


def check_new_password(staff: Staff, new: str, *, has_second_factor: bool, old: str | None = None) -> None:
    """Refuse a password the policy does not take, with all reasons."""
    place_name = current_app.extensions.get("coopmed_place_name")
    place = place_name(staff.county_code) if place_name else ""
    whole = [staff.sign_in_name, staff.name, staff.name_pinyin.replace(" ", ""), place or ""]
    letters = accounts.pinyin_of(place or "").replace(" ", "")
    faults = passwords.faults_of(
        the_house().settings, new, has_second_factor=has_second_factor, own_words=[*whole, letters]
    )
    if old is not None and new == old:
        faults.append(PasswordFault.SAME_AS_BEFORE)
    if faults:
        raise WeakPassword(faults={"new_password": faults})


def _revoke(database: Database, visitor: Visitor, session_id: int) -> None:
    database.retrying(
        lambda session: sessions.revoke(
            session,
            visitor.county_code,
            session_id,
            staff_id=visitor.person_id,
            why="revoked",
            by=visitor.person_id,
            at=g.at,
        )
    )


def _signed_out():
    response = go("sign_in")
    cookies.drop_session(response)
    flash(_("已退出所有地方的登录。"), "ok")
    return response
