"""The rooms of sign-in and of one's own account, at every staff desk; and who is asking, for all other rooms."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, current_app, g, request
from flask.typing import ResponseReturnValue

from chassis.desks import Desk
from chassis.identity import cookies, pages_account, pages_factors, pages_invitation, pages_sign_in, pages_step_up
from chassis.identity import words as _words  # noqa: F401 – registers the words
from chassis.identity.queries import Nobody, visitor_for
from chassis.visitors import Visitor
from chassis.web.current import room_name, the_database, the_house

View = Callable[..., ResponseReturnValue]
ROUTES: tuple[tuple[str, str, dict[str, View]], ...] = (
    ("/sign-in", "sign_in", {"GET": pages_sign_in.show, "POST": pages_sign_in.give_password}),
    (
        "/sign-in/second-factor",
        "second_factor",
        {"GET": pages_sign_in.show_second_factor, "POST": pages_sign_in.give_code},
    ),
    ("/sign-in/security-key/options", "second_factor_key_options", {"POST": pages_sign_in.key_options}),
    ("/sign-in/security-key", "second_factor_key", {"POST": pages_sign_in.give_key}),
    ("/sign-out", "sign_out", {"POST": pages_sign_in.sign_out}),
    ("/step-up", "step_up", {"GET": pages_step_up.show, "POST": pages_step_up.give}),
    ("/step-up/security-key/options", "step_up_key_options", {"POST": pages_step_up.key_options}),
    ("/step-up/security-key", "step_up_key", {"POST": pages_step_up.give_key}),
    ("/unfinished", "unfinished", {"GET": pages_account.unfinished}),
    ("/account", "account", {"GET": pages_account.show}),
    ("/account/password", "password", {"GET": pages_account.show_password, "POST": pages_account.change_password}),
    ("/account/session/revoke", "revoke_session", {"POST": pages_account.revoke_session}),
    ("/account/sessions/revoke", "revoke_all_sessions", {"POST": pages_account.revoke_all_sessions}),
    (
        "/account/authenticator",
        "authenticator",
        {"GET": pages_factors.show_authenticator, "POST": pages_factors.confirm_authenticator},
    ),
    ("/account/authenticator/qr.svg", "authenticator_qr", {"GET": pages_factors.authenticator_qr}),
    ("/account/recovery-codes", "recovery_codes", {"POST": pages_factors.make_recovery_codes}),
    ("/account/security-keys", "security_keys", {"GET": pages_factors.show_keys, "POST": pages_factors.register_key}),
    ("/account/security-keys/options", "security_key_options", {"POST": pages_factors.key_options}),
    ("/account/security-keys/remove", "remove_security_key", {"POST": pages_factors.remove_key}),
    ("/invitation/<token>", "accept_invitation", {"GET": pages_invitation.show, "POST": pages_invitation.accept}),
)


def mount(app: Flask, desk: Desk) -> None:
    """Add these rooms at a desk, and let the guard ask `find_visitor` on every request of the site."""
    room = Blueprint(room_name(desk, "identity"), __name__, template_folder="templates")
    for url, endpoint, views in ROUTES:
        room.add_url_rule(url, endpoint, _by_method(views), methods=list(views))
    app.register_blueprint(room, url_prefix=desk.path or None)
    app.extensions["coopmed_find_visitor"] = find_visitor


def find_visitor() -> Visitor | None:
    """Who this request comes from, read anew: a session revoked a moment ago is nobody's."""
    token = cookies.read() if g.desk.has_staff else None
    if token is None:
        return None
    with the_database().transaction() as session:
        found = visitor_for(session, token, desk_key=g.desk.key, settings=the_house().settings, at=g.at)
    if isinstance(found, Nobody):
        return None
    place_name = current_app.extensions.get("coopmed_place_name")
    g.place_name = place_name(found.county_code) if place_name else None
    return found


def _by_method(views: dict[str, View]) -> View:
    """One endpoint for a page and for what is posted from it; the matrix tells them apart by method."""

    def answer(**values: str | int) -> ResponseReturnValue:
        return views["GET" if request.method == "HEAD" else request.method](**values)

    return answer
