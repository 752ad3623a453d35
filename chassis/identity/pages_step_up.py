"""Proving oneself anew before money or rights are touched."""

from __future__ import annotations

from flask import g, redirect, request
from flask_babel import gettext as _

from chassis.errors import UnreadableInput
from chassis.identity import cookies, doors, forms, proving, security_keys
from chassis.identity.answering import (
    caller,
    key_done,
    key_refused,
    next_page,
    not_accepted,
    page,
    relying_party,
    wait_words,
)
from chassis.identity.sign_in import Wrong
from chassis.identity.throttle import Throttled
from chassis.web.current import the_database, the_house, the_visitor


def show():
    return _page()


def give():
    try:
        values = forms.read(forms.STEP_UP, request.form)
    except UnreadableInput as refusal:
        return _page(forms.words_of(refusal.facts["faults"]), refusal.status)
    code = forms.plain_code(values["code"])
    found = doors.step_up(
        the_database(),
        the_house(),
        the_visitor(),
        password=values["password"],
        kind=forms.kind_of_code(code),
        answer=code,
        caller=caller(),
        at=g.at,
    )
    if isinstance(found, Throttled):
        return _page({"password": wait_words(found)}, 429)
    if isinstance(found, Wrong):
        return _page({"password": _("密码或验证码不对，请都核对后再填")}, 422)
    response = redirect(next_page(), 303)
    cookies.keep_session(response, found.token)
    return response


def key_options():
    with the_database().transaction() as session:
        holder = security_keys.session_holder(session, the_visitor())
        return security_keys.authentication_options(session, holder, relying_party(), verified=True, at=g.at)


def give_key():
    answer = request.get_json(silent=True)
    found = the_database().retrying(
        lambda session: proving.step_up_with_key(
            session, the_house().keyring, the_visitor(), caller(), relying_party(), answer, at=g.at
        )
    )
    if isinstance(found, Throttled):
        return key_refused(wait_words(found), 429)
    if isinstance(found, Wrong):
        return key_refused(not_accepted())
    response = key_done(next_page())
    cookies.keep_session(response, found.token)
    return response


def _page(errors: dict[str, str] | None = None, status: int = 200):
    with the_database().transaction() as session:
        ways = proving.ways_to_prove(session, the_house().settings, the_visitor())
    return page("identity/step_up.html", status, ways=ways, next=next_page(), errors=errors or {})
