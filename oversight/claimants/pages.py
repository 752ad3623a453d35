"""The member's own pages: home, own record, household, sign-ins, another PIN, rights."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from chassis.desks import Desk
from chassis.errors import NotSignedIn, TooManyTries
from chassis.i18n import language
from chassis.web.current import the_database, the_house
from chassis.web.rooms import at
from oversight.claimants import door, forms, pins, presence, queries
from oversight.claimants.entrance import pin_fault_words, too_many_words


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("member", __name__, template_folder="templates")
    at(room, "/", "home", {"GET": home})
    at(room, "/record", "record", {"GET": record})
    at(room, "/household", "household", {"GET": household})
    at(room, "/sign-ins", "sign_ins", {"GET": sign_ins})
    at(room, "/pin", "pin", {"GET": pin, "POST": change_pin})
    at(room, "/rights", "rights", {"GET": rights})
    app.register_blueprint(room)


def home():
    with presence.own_transaction() as session:
        own = _own_record(session)
        household_size = len(queries.own_household(session))
    return render_template("claimants/home.html", own=own, place=_place(own), household_size=household_size)


def record():
    with presence.own_transaction() as session:
        own = _own_record(session)
    return render_template("claimants/record.html", own=own, place=_place(own))


def household():
    with presence.own_transaction() as session:
        own = _own_record(session)
        people = queries.own_household(session)
    return render_template("claimants/household.html", own=own, people=people, place=_place(own))


def sign_ins():
    with presence.own_transaction() as session:
        sessions = queries.own_sign_ins(session)
        failed = queries.own_failed_attempts(session)
    return render_template(
        "claimants/sign_ins.html", sessions=sessions, here=g.visitor.session_id, failed=failed, at=g.at
    )


def pin():
    return _pin_page([])


def change_pin():
    """The old PIN is asked again, and counted: the telephone may be in other hands."""
    house = the_house()
    old = pins.normal_digits(request.form.get("pin", "")[: forms.LONGEST_TYPED])
    new_pin, again = forms.read_new_pin(request.form)
    with presence.own_transaction() as session:
        own = _own_record(session)
        stored = queries.own_credential(session)
        credential = door.Credential(stored.county_code, stored.member_id, stored.card_index, stored.pin_hash)
    faults = pins.faults_of_pin(new_pin, again, born_on=own.born_on, card_number=own.card_number)
    if faults:
        return _pin_page([pin_fault_words(fault) for fault in faults]), 422
    try:
        with the_database().transaction() as session:
            attempt = door.start_attempt(
                session, house.keyring, card_number=own.card_number, network=presence.network_here()
            )
    except TooManyTries as refusal:
        return _pin_page([(too_many_words(refusal), "f-pin")]), refusal.status
    if not door.is_right_pin(house.settings, house.keyring, credential, old):
        return _pin_page([(_("现在的密码不对，请再填一遍。"), "f-pin")]), 422
    new_hash = door.hash_pin(house.settings, house.keyring, county_code=own.county_code, member_id=own.id, pin=new_pin)
    token = presence.token_presented()
    assert token is not None, "a signed-in member's browser holds a token"
    with the_database().transaction() as session:
        door.change_pin(session, token, new_pin_hash=new_hash)
        door.finish_attempt(session, card_number=own.card_number, attempt=attempt, has_entered=True)
    flash(_("密码改好了。别的手机上的登录都已退出。"), "ok")
    return redirect(url_for("member.home"), 303)


def rights():
    with presence.own_transaction() as session:
        own = _own_record(session)
    return render_template("claimants/rights.html", own=own, place=_place(own))


def _own_record(session) -> queries.OwnRecord:
    own = queries.own_record(session, the_house().keyring)
    if own is None:  # signed out on another page a moment ago
        raise NotSignedIn()
    return own


def _place(own: queries.OwnRecord) -> dict[str, str]:
    tail = "_en" if language() == "en" else "_zh"
    return {level: getattr(own.place, level + tail) for level in ("county", "township", "village")}


def _pin_page(errors: list[tuple[str, str]]):
    with presence.own_transaction() as session:
        card_number = _own_record(session).card_number
    # The card stands in the form unseen, so that a password manager knows whose PIN it keeps.
    return render_template(
        "claimants/pin.html",
        card=card_number,
        errors=errors,
        faults={target: words for words, target in reversed(errors)},
    )
