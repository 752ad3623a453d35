"""The sign-in page, the page of the second factor, and the way out."""

from __future__ import annotations

from flask import flash, g, redirect, request
from flask_babel import gettext as _

from chassis.errors import UnreadableInput
from chassis.identity import cookies, doors, forms, security_keys, sign_in
from chassis.identity.answering import (
    caller,
    go,
    home,
    key_done,
    key_refused,
    next_page,
    not_accepted,
    page,
    relying_party,
    wait_words,
)
from chassis.identity.queries import second_factors_of
from chassis.identity.refusals import PendingGone
from chassis.identity.sessions import revoke
from chassis.identity.sign_in import SecondFactorWanted, SignedIn, Wrong
from chassis.identity.throttle import Throttled
from chassis.web.current import the_database, the_house, the_visitor


def show():
    if g.visitor is not None:
        return redirect(next_page(), 303)
    return _sign_in_page()


def give_password():
    try:
        values = forms.read(forms.SIGN_IN, request.form)
    except UnreadableInput as refusal:
        return _sign_in_page(refusal.status, errors=forms.words_of(refusal.facts["faults"]))
    found = doors.give_password(
        the_database(),
        the_house(),
        sign_in_name=values["sign_in_name"],
        password=values["password"],
        code=values["code"] or None,
        caller=caller(),
        at=g.at,
    )
    if isinstance(found, Throttled):
        return _sign_in_page(429, wait=wait_words(found))
    if isinstance(found, Wrong):
        return _sign_in_page(422, is_wrong=True)
    if isinstance(found, SecondFactorWanted):
        response = go("second_factor", next=next_page())
        cookies.keep_waiting(response, found.token)
        return response
    return _signed_in(found)


def show_second_factor():
    return _second_factor_page(cookies.read(cookies.WAITING), {}, 200)


def give_code():
    token = cookies.read(cookies.WAITING)
    try:
        code = forms.read(forms.CODE, request.form)["code"]
    except UnreadableInput as refusal:
        return _second_factor_page(token, forms.words_of(refusal.facts["faults"]), refusal.status)
    code = forms.plain_code(code)
    try:
        found = _conclude(token, forms.kind_of_code(code), code)
    except PendingGone:
        return _start_again()
    if isinstance(found, Throttled):
        return _second_factor_page(token, {"code": wait_words(found)}, 429)
    if isinstance(found, Wrong):
        return _second_factor_page(token, {"code": _("验证码不对，或者已经用过。请等下一个再填")}, 422)
    return _signed_in(found)


def key_options():
    with the_database().transaction() as session:
        pending = sign_in.pending_for(session, cookies.read(cookies.WAITING), at=g.at, lock=True)
        return security_keys.authentication_options(session, pending, relying_party(), at=g.at)


def give_key():
    found = _conclude(cookies.read(cookies.WAITING), "security_key", request.get_json(silent=True))
    if isinstance(found, Throttled):
        return key_refused(wait_words(found), 429)
    if isinstance(found, Wrong):
        return key_refused(not_accepted())
    response = key_done(next_page())
    _end_session_of_before()
    cookies.keep_signed_in(response, found)
    return response


def sign_out():
    visitor = the_visitor()
    with the_database().transaction() as session:
        sign_in.sign_out(session, visitor.county_code, visitor.person_id, visitor.session_id, at=g.at)
    response = go("sign_in")
    cookies.drop_session(response)
    flash(_("已退出。"), "note")
    return response


def _conclude(token: str | None, kind: str, answer: object) -> SignedIn | Wrong | Throttled:
    return the_database().retrying(
        lambda session: sign_in.conclude_second_factor(
            session, the_house().keyring, token, kind, answer, caller(), party=relying_party(), at=g.at
        )
    )


def _signed_in(signed_in: SignedIn):
    response = redirect(next_page(), 303)
    _end_session_of_before()
    cookies.keep_signed_in(response, signed_in)
    return response


def _end_session_of_before() -> None:
    """Whoever was signed in in this browser is so no longer."""
    before = g.visitor
    if before is not None:
        with the_database().transaction() as session:
            revoke(
                session,
                before.county_code,
                before.session_id,
                staff_id=before.person_id,
                why="signed_out",
                by=before.person_id,
                at=g.at,
            )


def _sign_in_page(status: int = 200, *, errors: dict | None = None, is_wrong: bool = False, wait: str | None = None):
    return page(
        "identity/sign_in.html",
        status,
        next=next_page(),
        home=home(),
        sign_in_name=request.form.get("sign_in_name", "")[:64],
        errors=errors or {},
        is_wrong=is_wrong,
        wait=wait,
    )


def _second_factor_page(token: str | None, errors: dict[str, str], status: int):
    """The same page with what was wrong; after the last try there is no page any more, but the way back."""
    try:
        with the_database().transaction() as session:
            pending = sign_in.pending_for(session, token, at=g.at)
            kinds = second_factors_of(session, pending.county_code, pending.staff_id)
    except PendingGone:
        return _start_again()
    return page("identity/second_factor.html", status, kinds=kinds, next=next_page(), errors=errors)


def _start_again():
    flash(_("第二重验证超过了时间或次数，请重新登录。"), "wait")
    return go("sign_in", next=next_page())
