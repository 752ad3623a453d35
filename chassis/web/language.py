"""The language switch: one cookie for all sites, a year long."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, request

from chassis.desks import Desk
from chassis.errors import NotFound
from chassis.i18n import LANGUAGE_COOKIE, LANGUAGES
from chassis.web.addresses import safe_next
from chassis.web.current import the_house

A_YEAR_SECONDS = 365 * 24 * 3600


def mount(app: Flask, desk: Desk) -> None:
    if desk.path:
        return
    room = Blueprint("language", __name__)
    room.get("/language/<language>", endpoint="choose")(choose)
    app.register_blueprint(room)


def choose(language: str):
    if language not in LANGUAGES:
        raise NotFound(language=language)
    answer = redirect(safe_next(request.args.get("next"), "/"), 303)
    answer.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=A_YEAR_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=the_house().settings.is_production,
    )
    return answer
