"""The first page of a staff desk: the rooms this visitor may enter, each with what it is for."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, Flask, g, render_template

from chassis import authorisation
from chassis.desks import Desk
from chassis.web.current import desk_url, room_name, the_site, the_visitor


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("home", __name__, template_folder="templates")
    room.get("/")(page)
    app.register_blueprint(room, name=room_name(desk, "home"), url_prefix=desk.path or None)


def page():
    visitor = the_visitor()
    rooms = [
        SimpleNamespace(url=desk_url(item.endpoint), label=item.label, purpose=item.purpose)
        for item in the_site().navigation
        if item.endpoint != "home.page" and _may_enter(item.endpoint, visitor.roles)
    ]
    return render_template("home/page.html", rooms=rooms)


def _may_enter(endpoint: str, roles: frozenset[str]) -> bool:
    rule = authorisation.matrix().rule(g.desk, endpoint, "GET")
    return rule is not None and rule.admits(roles)
