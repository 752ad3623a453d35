"""Pages before the door: sign in with card and PIN, or the first time with a slip; and the way out."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask import session as form_session
from flask_babel import gettext as _

from chassis.desks import Desk
from chassis.errors import TooManyTries
from chassis.web.addresses import safe_next
from chassis.web.answers import answer_to
from chassis.web.current import the_database, the_house
from chassis.web.rooms import at
from oversight.claimants import door, forms, pins, presence
from oversight.claimants.refusals import SlipNotGood


def mount(app: Flask, desk: Desk) -> None:
    app.extensions["coopmed_find_visitor"] = presence.find_visitor
    # The guard of every site sends strangers to `identity.sign_in`.
    room = Blueprint("identity", __name__, template_folder="templates")
    at(room, "/sign-in", "sign_in", {"GET": sign_in, "POST": try_to_sign_in})
    at(room, "/first-visit", "first_visit", {"GET": first_visit, "POST": try_slip})
    at(room, "/first-visit/pin", "choose_pin", {"POST": choose_pin})
    at(room, "/sign-out", "sign_out", {"POST": sign_out})
    app.register_blueprint(room)


def sign_in():
    return _sign_in_page()


def try_to_sign_in():
    typed = forms.read_card_and_pin(request.form)
    if typed.faults:
        return _sign_in_page(typed, _faults_of_fields(typed.faults)), 422
    try:
        token = _enter(typed)
    except TooManyTries as refusal:
        return _sign_in_page(typed, [(too_many_words(refusal), "f-pin")]), refusal.status
    if token is None:
        words = _("卡号和密码对不上。请照着卡再看一遍；忘了密码，到乡镇合管办换一张激活单就行。")
        return _sign_in_page(typed, [(words, "f-card")]), 422
    form_session.clear()
    return presence.let_in(redirect(_next_address(), 303), token)


def _enter(typed: forms.CardAndPin) -> str | None:
    """The new session's token, or None. Three transactions: the attempt counts even if we fall over while checking,
    and no connection waits while the PIN is hashed."""
    house, database = the_house(), the_database()
    with database.transaction() as session:
        attempt = door.start_attempt(
            session, house.keyring, card_number=typed.card_number, network=presence.network_here()
        )
    with database.transaction() as session:
        credential = door.find_credential(session, house.keyring, card_number=typed.card_number)
    is_right = door.is_right_pin(house.settings, house.keyring, credential, typed.pin)
    with database.transaction() as session:
        token = door.open_session(session, credential, device=presence.device_here()) if is_right else None
        door.finish_attempt(session, card_number=typed.card_number, attempt=attempt, has_entered=token is not None)
    return token


def first_visit():
    return _first_visit_page(forms.CardAndCode("", ""), [])


def try_slip():
    """A slip is only looked at here; it is used up when the PIN is chosen, so that an interruption costs nothing."""
    typed = forms.read_card_and_code(request.form)
    if typed.faults:
        return _first_visit_page(typed, _faults_of_fields(typed.faults)), 422
    try:
        _look_at_slip(typed)
    except (SlipNotGood, TooManyTries) as refusal:
        return _slip_refused(typed, refusal)
    return _choose_pin_page(typed, [])


def choose_pin():
    typed = forms.read_card_and_code(request.form)
    new_pin, again = forms.read_new_pin(request.form)
    if typed.faults:
        return _first_visit_page(typed, _faults_of_fields(typed.faults)), 422
    try:
        slip = _look_at_slip(typed)
        faults = pins.faults_of_pin(new_pin, again, born_on=slip.born_on, card_number=typed.card_number)
        if faults:
            return _choose_pin_page(typed, faults), 422
        token = _activate(typed, slip.member_id, new_pin)
    except (SlipNotGood, TooManyTries) as refusal:
        return _slip_refused(typed, refusal)
    form_session.clear()
    return presence.let_in(redirect(url_for("member.home"), 303), token)


def _look_at_slip(typed: forms.CardAndCode) -> door.StandingSlip:
    house, database = the_house(), the_database()
    with database.transaction() as session:
        attempt = door.start_attempt(
            session,
            house.keyring,
            card_number=typed.card_number,
            network=presence.network_here(),
            with_slip=True,
        )
    with database.transaction() as session:
        slip = door.find_slip(session, house.keyring, card_number=typed.card_number, code=typed.code)
        door.finish_attempt(session, card_number=typed.card_number, attempt=attempt, has_entered=True)
    return slip


def _activate(typed: forms.CardAndCode, member_id: int, pin: str) -> str:
    house = the_house()
    pin_hash = door.hash_pin(
        house.settings,
        house.keyring,
        county_code=door.county_of_card(typed.card_number),
        member_id=member_id,
        pin=pin,
    )
    with the_database().transaction() as session:
        door.use_slip(
            session,
            house.keyring,
            card_number=typed.card_number,
            code=typed.code,
            pin_hash=pin_hash,
            network=presence.network_here(),
        )
        credential = door.find_credential(session, house.keyring, card_number=typed.card_number)
        assert credential is not None, "a slip that was just used left a credential"
        token = door.open_session(session, credential, device=presence.device_here())
        assert token is not None, "the credential was written in this transaction"
    return token


def sign_out():
    token = presence.token_presented()
    if token is not None:
        with the_database().transaction() as session:
            door.close_session(session, token)
    form_session.clear()
    return presence.let_out(redirect(url_for("identity.sign_in", bye=1), 303))


def _sign_in_page(typed: forms.CardAndPin | None = None, errors=()):
    following = request.args.get("next")
    action = url_for("identity.sign_in") + (f"?{urlencode({'next': following})}" if following else "")
    return render_template(
        "claimants/sign_in.html",
        action=action,
        card=typed.card_number if typed else "",
        errors=list(errors),
        faults={target: words for words, target in errors},
        has_left="bye" in request.args,
    )


def _first_visit_page(typed: forms.CardAndCode, errors):
    return render_template(
        "claimants/first_visit.html",
        card=typed.card_number,
        errors=errors,
        faults={target: words for words, target in errors},
    )


def _choose_pin_page(typed: forms.CardAndCode, faults: list[pins.PinFault]):
    errors = [pin_fault_words(fault) for fault in faults]
    return render_template(
        "claimants/choose_pin.html",
        card=typed.card_number,
        code=typed.code,
        errors=errors,
        faults={target: words for words, target in reversed(errors)},
    )


def pin_fault_words(fault: pins.PinFault) -> tuple[str, str]:
    """The words of a fault and the field they belong to."""
    return {
        pins.PinFault.NOT_SIX_DIGITS: (_("密码是 6 位数字，请数一数。"), "f-new_pin"),
        pins.PinFault.TOO_EASY: (_("这个密码太好猜，别人先试的就是它。换一个不成串、不重样的。"), "f-new_pin"),
        pins.PinFault.BIRTHDAY: (_("这是您的生日，熟人一猜就中。换一个别人不知道的。"), "f-new_pin"),
        pins.PinFault.CARD: (_("这几位印在您的卡上，捡到卡的人会先试。换一个卡上没有的。"), "f-new_pin"),
        pins.PinFault.NOT_THE_SAME: (_("两次填的不一样，请再填一遍。"), "f-again"),
    }[fault]


def _faults_of_fields(names) -> list[tuple[str, str]]:
    words = {
        "card": _("卡号是卡正面的一长串数字，请照着再填一遍。"),
        "pin": _("密码是 6 位数字，请数一数。"),
        "code": _("激活码是 12 位数字，请照着激活单再填一遍。"),
    }
    return [(words[name], f"f-{name}") for name in names]


def too_many_words(refusal: TooManyTries) -> str:
    if refusal.facts["minutes"] > 60:
        return _("这张卡今天试错太多次，先停到明天。急用的话，带卡到乡镇合管办换一张激活单，马上就能进。")
    return _("试错太多次，请等 %(minutes)s 分钟再试。急用的话，带卡到乡镇合管办换一张激活单。", **refusal.facts)


def _slip_refused(typed: forms.CardAndCode, refusal: SlipNotGood | TooManyTries):
    words = too_many_words(refusal) if isinstance(refusal, TooManyTries) else answer_to(refusal).text
    return _first_visit_page(typed, [(words, "f-code")]), refusal.status


def _next_address() -> str:
    return safe_next(request.args.get("next"), url_for("member.home"))
