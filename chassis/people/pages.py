"""The rooms of people and of their roles, at every staff desk.

The administrator comes to let somebody new in, to put a name right, and to shut the account of somebody who left today.
The security officer comes to see what waits for a second person, to decide on it, and to ask who holds which role.
Both come once a week at most, so each page says what happens next and what cannot be taken back.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, request

from chassis.desks import Desk
from chassis.people import pages_change, pages_grants, pages_invite, pages_person
from chassis.web.current import room_name

ONE = "/people/<int:staff_id>"
GRANT = "/grants/<int:grant_id>"
PEOPLE = (
    ("/people", "list", "GET", pages_person.show_list),
    ("/people/invite", "invite", "GET", pages_invite.show),
    ("/people/invite", "invite", "POST", pages_invite.invite),
    (ONE, "person", "GET", pages_person.show),
    (f"{ONE}/name", "rename", "POST", pages_change.rename),
    (f"{ONE}/suspend", "suspend", "POST", pages_change.suspend),
    (f"{ONE}/reinstate", "reinstate", "POST", pages_change.reinstate),
    (f"{ONE}/leave", "leave", "POST", pages_change.leave),
    (f"{ONE}/invitation", "invite_again", "POST", pages_invite.invite_again),
    (f"{ONE}/invitation/withdraw", "withdraw_invitation", "POST", pages_invite.withdraw),
    (f"{ONE}/recovery", "recover", "POST", pages_invite.recover),
    (f"{ONE}/officer-recovery", "recover_officer", "POST", pages_invite.recover),
)
GRANTS = (
    ("/grants", "list", "GET", pages_grants.show_list),
    ("/grants/propose", "propose", "GET", pages_grants.show_proposal),
    ("/grants/propose", "propose", "POST", pages_grants.propose),
    (GRANT, "grant", "GET", pages_grants.show),
    (f"{GRANT}/approve", "approve", "POST", pages_grants.approve),
    (f"{GRANT}/refuse", "refuse", "POST", pages_grants.refuse),
    (f"{GRANT}/end", "end", "POST", pages_grants.end),
)


def mount(app: Flask, desk: Desk) -> None:
    if not desk.has_staff:
        return
    for name, routes in (("people", PEOPLE), ("grants", GRANTS)):
        room = Blueprint(name, __name__, template_folder="templates")
        # One name for a page and for what it posts: the matrix tells them apart by method.
        answers = {endpoint: _by_method(routes, endpoint) for _url, endpoint, _method, _view in routes}
        for url, endpoint, method, _view in routes:
            room.add_url_rule(url, endpoint, answers[endpoint], methods=[method])
        app.register_blueprint(room, name=room_name(desk, name), url_prefix=desk.path or None)


def _by_method(routes, endpoint: str) -> Callable:
    views = {method: view for _url, name, method, view in routes if name == endpoint}

    def answer(**values):
        return views["GET" if request.method == "HEAD" else request.method](**values)

    answer.__name__ = endpoint
    return answer
