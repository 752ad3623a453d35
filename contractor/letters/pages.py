"""Letters as pages to read, to print or to keep as PDF by the browser: Chinese in front, English overleaf."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Flask, make_response, render_template

from chassis.desks import Desk
from chassis.errors import NotFound
from chassis.layout import in_language
from chassis.people.queries import names_of
from chassis.web.current import the_database, the_house, the_visitor
from chassis.web.places import place_name
from chassis.web.rooms import at
from contractor.claims.pages_one import claim_seen
from contractor.claims.record import WholeClaim
from contractor.letters.composing import decision_of, member_letter, reduction_statement

LANGUAGES = ("zh", "en")


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("letters", __name__, template_folder="templates", url_prefix="/claims/<int:claim_id>")
    at(room, "/letter", "member", {"GET": show_letter})
    at(room, "/reduction", "reduction", {"GET": show_reduction})
    app.register_blueprint(room)


def show_letter(claim_id: int):
    found, decider = _asked(claim_id)
    return _sheets("letters/member.html", member_letter, found, decider, phone=the_house().settings.member_phone)


def show_reduction(claim_id: int):
    """Only where the institution carries something: on the direct route."""
    found, decider = _asked(claim_id)
    if found.record.route != "direct":
        raise NotFound(kind="reduction")
    return _sheets("letters/reduction.html", reduction_statement, found, decider)


def _asked(claim_id: int) -> tuple[WholeClaim, str | None]:
    visitor = the_visitor()
    with the_database().transaction() as session:
        found = claim_seen(session, visitor, claim_id)
        by = decision_of(found).acted_by
        return found, names_of(session, visitor.county_code, {by}).get(by) if by else None


def _sheets(
    template: str, compose: Callable[..., SimpleNamespace], found: WholeClaim, decider: str | None, **more: Any
):
    def composed() -> SimpleNamespace:
        place = place_name(found.record.county_code) or found.record.county_code
        return compose(found, place=place, decider=decider, **more)

    sheets = [(language, in_language(language, composed)) for language in LANGUAGES]
    response = make_response(render_template(template, sheets=sheets))
    response.headers["Cache-Control"] = "no-store"
    return response
