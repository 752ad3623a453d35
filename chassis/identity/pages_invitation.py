"""Taking an account over, or taking it back, with the address that an administrator handed out."""

from __future__ import annotations

from flask import flash, g, request
from flask_babel import gettext as _

from chassis.errors import UnreadableInput
from chassis.identity import accounts, cookies, forms, passwords, queries
from chassis.identity.answering import go, page
from chassis.identity.pages_account import check_new_password
from chassis.identity.refusals import InvitationGone
from chassis.web.current import the_database, the_house


def show(token: str):
    return _page(token, {}, 200)


def accept(token: str):
    try:
        new = forms.read(forms.NEW_PASSWORD, request.form)["new_password"]
        staff, _purpose = _invited(token)
        check_new_password(staff, new, has_second_factor=False)
    except UnreadableInput as refusal:
        return _page(token, forms.words_of(refusal.facts["faults"]), refusal.status)
    hashed = passwords.hash_password(the_house().settings, new)
    the_database().retrying(lambda session: accounts.accept_invitation(session, token, password_hash=hashed, at=g.at))
    response = go("sign_in")
    cookies.drop_session(response)
    flash(_("密码已设好，请用它登录。"), "ok")
    return response


def _page(token: str, errors: dict[str, str], status: int):
    staff, purpose = _invited(token)
    return page("identity/invitation.html", status, staff=staff, purpose=purpose, errors=errors)


def _invited(token: str):
    if len(token) > cookies.LONGEST:
        raise InvitationGone()
    with the_database().transaction() as session:
        invitation = queries.open_invitation(session, token, at=g.at)
        if invitation is None:
            raise InvitationGone()
        staff = queries.staff_of(session, invitation.county_code, invitation.staff_id)
    return staff, invitation.purpose
