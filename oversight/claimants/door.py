"""The member's way in: card and PIN, or card and slip. Each verb calls one function of schema `claimant`.

The app's role sees no credential and no slip by itself; it hands the functions keyed digests that only a holder of
the key file can make. An attempt is written down, and committed, before the PIN is looked at.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import LargeBinary, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chassis.errors import NotSignedIn, TooManyTries
from chassis.identity.passwords import check_password, hash_password
from chassis.identity.tokens import digest_of, new_token
from chassis.settings import Settings
from chassis.vault.keyring import Keyring
from oversight.claimants.refusals import SlipNotGood
from oversight.claimants.tables import MemberCredential, MemberSession
from oversight.registry import digests

COUNTY_DIGITS = 6
TOKEN_SETTING = "coopmed.session_token"  # noqa: S105 – the name of a setting, not a token


@dataclass(frozen=True)
class Credential:
    county_code: str
    member_id: int
    card_index: bytes
    pin_hash: str = field(repr=False)


@dataclass(frozen=True)
class StandingSlip:
    member_id: int
    born_on: dt.date


def county_of_card(card_number: str) -> str:
    return card_number[:COUNTY_DIGITS]


def start_attempt(
    session: Session, keyring: Keyring, *, card_number: str, network: bytes, with_slip: bool = False
) -> int:
    """Write an attempt down; its number.

    A slip's twelve digits cannot be guessed, so attempts with a slip are counted by network alone: nothing that
    strangers do elsewhere keeps a member out who holds a new slip.

    Raises:
        TooManyTries: with the `minutes` to wait.
    """
    counted_as = f"{card_number} slip {network.hex()}" if with_slip else card_number
    found = session.execute(
        text("SELECT attempt_id, wait_minutes FROM claimant.start_attempt(:county, :card, :network)"),
        {
            "county": county_of_card(card_number),
            "card": digests.card_index(keyring, counted_as),
            "network": network,
        },
    ).one()
    if found.attempt_id is None:
        raise TooManyTries(minutes=found.wait_minutes)
    return found.attempt_id


def finish_attempt(session: Session, *, card_number: str, attempt: int, has_entered: bool) -> None:
    session.execute(
        text("SELECT claimant.finish_attempt(:county, :attempt, :entered)"),
        {"county": county_of_card(card_number), "attempt": attempt, "entered": has_entered},
    )


def find_credential(session: Session, keyring: Keyring, *, card_number: str) -> Credential | None:
    """How the member with this card signs in; None when no such member has chosen a PIN."""
    county_code = county_of_card(card_number)
    found = session.execute(
        text("SELECT member_id, card_index, pin_hash FROM claimant.credential(:county, :cards)").bindparams(
            bindparam("cards", type_=ARRAY(LargeBinary))
        ),
        {"county": county_code, "cards": digests.card_candidates(keyring, card_number)},
    ).one_or_none()
    return Credential(county_code, *found) if found else None


def is_right_pin(settings: Settings, keyring: Keyring, credential: Credential | None, pin: str) -> bool:
    """Compare a PIN, in the same time whether or not there is a credential. Slow on purpose: no transaction is open."""
    if credential is None:
        check_password(settings, None, pin)
        return False
    forms = digests.pin_candidates(keyring, county_code=credential.county_code, member_id=credential.member_id, pin=pin)
    return any(check_password(settings, credential.pin_hash, form).is_right for form in forms)


def hash_pin(settings: Settings, keyring: Keyring, *, county_code: str, member_id: int, pin: str) -> str:
    newest = digests.pin_candidates(keyring, county_code=county_code, member_id=member_id, pin=pin)[0]
    return hash_password(settings, newest)


def open_session(session: Session, credential: Credential, *, device: str) -> str | None:
    """A new session's token; None when the PIN was changed since it was looked up."""
    token = f"{credential.county_code}.{new_token()}"
    opened = session.execute(
        text("SELECT claimant.open_session(:county, :card, :pin_hash, :token_hash, :device)"),
        {
            "county": credential.county_code,
            "card": credential.card_index,
            "pin_hash": credential.pin_hash,
            "token_hash": digest_of(token),
            "device": device,
        },
    ).scalar_one()
    return None if opened is None else token


def find_slip(session: Session, keyring: Keyring, *, card_number: str, code: str) -> StandingSlip:
    """The slip for this card and code.

    Raises:
        SlipNotGood: wrong card or code, already used, called back or older than thirty days: one answer for all.
    """
    found = session.execute(
        _with_digests("SELECT member_id, born_on FROM claimant.standing_slip(:county, :cards, :codes)"),
        _slip_digests(keyring, card_number, code),
    ).one_or_none()
    if found is None:
        raise SlipNotGood()
    return StandingSlip(*found)


def use_slip(session: Session, keyring: Keyring, *, card_number: str, code: str, pin_hash: str, network: bytes) -> int:
    """Store the PIN chosen with a slip; the member's id. The slip is used up and older sessions end.

    Raises:
        SlipNotGood: somebody was faster with the same slip.
    """
    used = session.execute(
        _with_digests("SELECT claimant.activate(:county, :cards, :codes, :card, :pin_hash, :network)"),
        _slip_digests(keyring, card_number, code)
        | {"card": digests.card_index(keyring, card_number), "pin_hash": pin_hash, "network": network},
    ).scalar_one()
    if used is None:
        raise SlipNotGood()
    return used


def present(session: Session, token: str) -> None:
    """Show the token to this transaction: from now on the policies know whose rows it may see."""
    session.execute(select(func.set_config(TOKEN_SETTING, token, True)))


def close_session(session: Session, token: str) -> None:
    """Sign out. Any later request with this token is a stranger's."""
    present(session, token)
    session.execute(
        update(MemberSession)
        .where(MemberSession.county_code == county_of_card(token), MemberSession.token_hash == digest_of(token))
        .values(closed_at=func.now(), closed_because="signed_out")
        .execution_options(synchronize_session=False)
    )


def change_pin(session: Session, token: str, *, new_pin_hash: str) -> None:
    """Another PIN for the signed-in member; every other session of theirs ends."""
    present(session, token)
    changed = session.execute(
        update(MemberCredential)
        .values(pin_hash=new_pin_hash, pin_set_at=func.now())
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        raise NotSignedIn()
    session.execute(
        update(MemberSession)
        .where(MemberSession.token_hash != digest_of(token), MemberSession.closed_at.is_(None))
        .values(closed_at=func.now(), closed_because="pin_changed")
        .execution_options(synchronize_session=False)
    )


def _with_digests(statement: str):
    digest_list = ARRAY(LargeBinary)
    return text(statement).bindparams(bindparam("cards", type_=digest_list), bindparam("codes", type_=digest_list))


def _slip_digests(keyring: Keyring, card_number: str, code: str) -> dict[str, object]:
    return {
        "county": county_of_card(card_number),
        "cards": digests.card_candidates(keyring, card_number),
        "codes": digests.code_candidates(keyring, code),
    }
