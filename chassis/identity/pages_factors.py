"""Setting up what stands beside the password: authenticator app, recovery codes, security keys."""

from __future__ import annotations

import io

import segno
from flask import Response, flash, g, request
from flask_babel import gettext as _

from chassis.errors import UnreadableInput
from chassis.identity import cookies, factors, forms, queries, security_keys, sessions
from chassis.identity.answering import go, key_done, key_refused, not_accepted, page, relying_party
from chassis.identity.refusals import KeyNotAccepted
from chassis.web.current import desk_url, the_database, the_house, the_visitor


def show_authenticator():
    return _authenticator_page({}, 200)


def authenticator_qr():
    visitor = the_visitor()
    with the_database().transaction() as session:
        secret = factors.begin_totp(session, the_house().keyring, visitor, at=g.at)
        staff = queries.staff_of(session, visitor.county_code, visitor.person_id)
    uri = factors.provisioning_uri(secret, sign_in_name=staff.sign_in_name, issuer=f"Coopmed {g.desk.key}")
    drawn = io.BytesIO()
    segno.make(uri, error="m").save(drawn, kind="svg", scale=4, border=4, svgclass=None, lineclass=None)
    return Response(drawn.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})


def confirm_authenticator():
    """The first right code puts the app into use; the ten recovery codes are shown, this once."""
    visitor = the_visitor()

    def work(session):
        factors.confirm_totp(session, the_house().keyring, visitor, forms.plain_code(code), at=g.at)
        codes = factors.make_recovery_codes(session, visitor, at=g.at)
        token = sessions.renew(session, visitor.county_code, visitor.session_id, factor="totp", at=g.at)
        _end_other_sessions(session)
        return codes, token

    try:
        code = forms.read(forms.CODE, request.form)["code"]
        codes, token = the_database().retrying(work)
    except UnreadableInput as refusal:
        return _authenticator_page(forms.words_of(refusal.facts["faults"]), refusal.status)
    cookies.forget_forms()
    response = page("identity/recovery_codes.html", codes=codes, is_first=True)
    cookies.keep_session(response, token)
    return response


def make_recovery_codes():
    with the_database().transaction() as session:
        codes = factors.make_recovery_codes(session, the_visitor(), at=g.at)
    return page("identity/recovery_codes.html", codes=codes, is_first=False)


def show_keys():
    visitor = the_visitor()
    with the_database().transaction() as session:
        factors.proved_if_needed(session, visitor, at=g.at)
        keys = queries.keys_of(session, visitor.county_code, visitor.person_id)
    return page("identity/security_keys.html", keys=keys)


def key_options():
    with the_database().transaction() as session:
        return security_keys.registration_options(session, the_visitor(), relying_party(), at=g.at)


def register_key():
    """Keep a new key. The challenge is used up even by an answer that does not fit: that transaction commits too."""
    visitor = the_visitor()
    answer = request.get_json(silent=True)

    def work(session):
        try:
            number = len(queries.keys_of(session, visitor.county_code, visitor.person_id)) + 1
            label = _("安全密钥 %(number)s", number=number)
            security_keys.register(session, visitor, relying_party(), answer, label=label, at=g.at)
        except KeyNotAccepted:
            return None
        _end_other_sessions(session)
        return sessions.renew(session, visitor.county_code, visitor.session_id, factor="security_key", at=g.at)

    token = the_database().retrying(work)
    if token is None:
        return key_refused(not_accepted())
    response = key_done(desk_url("identity.account"))
    cookies.keep_session(response, token)
    flash(_("安全密钥已登记。"), "ok")
    return response


def remove_key():
    key_id = forms.read(forms.WHICH, request.form)["id"]
    with the_database().transaction() as session:
        security_keys.remove(session, the_visitor(), key_id, at=g.at)
    flash(_("安全密钥已停用。"), "ok")
    return go("account")


def _authenticator_page(errors: dict[str, str], status: int):
    visitor = the_visitor()
    with the_database().transaction() as session:
        secret = factors.begin_totp(session, the_house().keyring, visitor, at=g.at)
    in_groups = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return page("identity/authenticator.html", status, secret=in_groups, errors=errors)


def _end_other_sessions(session) -> None:
    visitor = the_visitor()
    sessions.revoke_all(
        session,
        visitor.county_code,
        visitor.person_id,
        why="factor_changed",
        by=visitor.person_id,
        at=g.at,
        keep=visitor.session_id,
    )
