"""Addresses that are handed to a person: shown once, on the answer that made them, and stored nowhere."""

from __future__ import annotations

from flask import flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _

from chassis import clock
from chassis.errors import UnreadableInput
from chassis.identity import accounts
from chassis.identity.accounts import Invited
from chassis.identity.forms import read, words_of
from chassis.identity.queries import staff_of
from chassis.identity.refusals import NameTaken
from chassis.people import forms, keeping
from chassis.vault.identity_numbers import parse_identity_number
from chassis.vault.refusals import IdentityNumberRefused
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor


def show():
    return _form({}, {}, 200)


def invite():
    visitor = the_visitor()
    try:
        values = read(forms.INVITE, request.form)
        number = _number(values["identity_number"])
        invited = the_database().retrying(
            lambda session: accounts.invite(
                session,
                the_house().keyring,
                county_code=visitor.county_code,
                sign_in_name=values["sign_in_name"],
                name=values["name"],
                name_pinyin=values["name_pinyin"] or None,
                identity_number=number,
                by=visitor.person_id,
                at=g.at,
            )
        )
    except UnreadableInput as refusal:
        return _form(request.form, words_of(refusal.facts["faults"]), refusal.status)
    except NameTaken as refusal:
        return _form(request.form, {refusal.facts["field"]: answer_to(refusal).text}, refusal.status)
    return _address(invited, "invitation")


def invite_again(staff_id: int):
    visitor = the_visitor()
    invited = the_database().retrying(
        lambda session: accounts.invite_again(
            session, county_code=visitor.county_code, staff_id=staff_id, by=visitor.person_id, at=g.at
        )
    )
    return _address(invited, "invitation")


def withdraw(staff_id: int):
    visitor = the_visitor()
    the_database().retrying(
        lambda session: keeping.withdraw_invitation(
            session, county_code=visitor.county_code, staff_id=staff_id, by=visitor.person_id, at=g.at
        )
    )
    flash(_("邀请已收回，原来的地址打不开了。"), "ok")
    return redirect(desk_url("people.person", staff_id=staff_id), 303)


def recover(staff_id: int):
    visitor = the_visitor()
    invited = the_database().retrying(lambda session: keeping.recover(session, visitor, staff_id=staff_id, at=g.at))
    return _address(invited, "recovery")


def _number(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        return parse_identity_number(text, on=clock.local_day(g.at)).text
    except IdentityNumberRefused as refusal:
        raise UnreadableInput(faults={"identity_number": [answer_to(refusal).text]}) from None


def _form(typed, errors: dict[str, str], status: int):
    # An identity number that was typed is not sent back: it would stand in the browser's memory.
    response = make_response(render_template("people/invite.html", typed=typed, errors=errors), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _address(invited: Invited, purpose: str):
    visitor = the_visitor()
    with the_database().transaction() as session:
        staff = staff_of(session, visitor.county_code, invited.staff_id)
    response = make_response(
        render_template(
            "people/address.html",
            staff=staff,
            purpose=purpose,
            address=desk_url("identity.accept_invitation", token=invited.token, _external=True),
            ends_at=invited.ends_at,
        )
    )
    response.headers["Cache-Control"] = "no-store"
    return response
