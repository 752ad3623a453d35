"""The gallery of components as a room of the demo: whoever builds the next page sees what there is, in every state.

Outside the demo it is not there: invented claims beside real ones would be taken for real.
"""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Flask, render_template

from chassis.desks import Desk
from chassis.i18n import language
from chassis.layout import samples

CHECKED_ON = dt.date(2026, 10, 30)
"""The day that the gallery's indicator card says it was checked: an example too."""


def mount(app: Flask, desk: Desk) -> None:
    """One gallery a site, at the desk that the site begins with."""
    if desk.path or not app.extensions["coopmed"].settings.is_demo:
        return
    room = Blueprint("gallery", __name__)
    room.get("/components", endpoint="page")(page)
    room.get("/components/letter", endpoint="letter")(letter)
    app.register_blueprint(room)


def page():
    return render_template("layout/components.html", sample=samples.gallery(language()), checked_on=CHECKED_ON)


def letter():
    return render_template("layout/components_letter.html", front=samples.gallery("zh"), back=samples.gallery("en"))
