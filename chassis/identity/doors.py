"""The edge of sign-in: each opens its own short transactions, because a password is hashed outside of any.

Pages, and panels that approve money, call these; the verbs below never commit and never see a request.
"""

from __future__ import annotations

import datetime as dt

from chassis.db import Database
from chassis.errors import TooManyTries
from chassis.house import House
from chassis.identity import passwords, proving, sign_in
from chassis.identity.proving import Confirmed, SteppedUp
from chassis.identity.refusals import WrongSecret
from chassis.identity.sign_in import Caller, SecondFactorWanted, SignedIn, Wrong
from chassis.identity.throttle import Throttled
from chassis.visitors import Visitor


def give_password(
    database: Database,
    house: House,
    *,
    sign_in_name: str,
    password: str,
    code: str | None,
    caller: Caller,
    at: dt.datetime,
) -> SignedIn | SecondFactorWanted | Wrong | Throttled:
    """Name and password at the sign-in page."""
    admitted = database.retrying(
        lambda session: sign_in.admit(session, house.keyring, sign_in_name, caller, code=code, at=at)
    )
    if isinstance(admitted, Throttled):
        return admitted
    check = passwords.check_password(house.settings, admitted.password_hash, password)
    return database.retrying(lambda session: sign_in.conclude_password(session, admitted, check, caller, at=at))


def step_up(
    database: Database,
    house: House,
    visitor: Visitor,
    *,
    password: str,
    kind: str,
    answer: str,
    caller: Caller,
    at: dt.datetime,
) -> SteppedUp | Wrong | Throttled:
    """Password and second factor of somebody who is signed in."""
    admitted = database.retrying(lambda session: proving.admit(session, house.keyring, visitor, caller, at=at))
    if isinstance(admitted, Throttled):
        return admitted
    check = passwords.check_password(house.settings, admitted.password_hash, password)
    return database.retrying(
        lambda session: proving.step_up(
            session, house.keyring, house.settings, visitor, admitted, check, kind=kind, answer=answer, at=at
        )
    )


def confirm_password(
    database: Database, house: House, visitor: Visitor, *, password: str, caller: Caller, at: dt.datetime
) -> Confirmed:
    """The password once more, as a change of it or an approval asks for.

    Raises:
        WrongSecret: not this person's password; the page says so beside the field `password`.
        TooManyTries: not examined; facts: `minutes`.
    """
    admitted = database.retrying(lambda session: proving.admit(session, house.keyring, visitor, caller, at=at))
    if isinstance(admitted, Throttled):
        raise TooManyTries(minutes=admitted.wait_minutes)
    check = passwords.check_password(house.settings, admitted.password_hash, password)
    found = database.retrying(lambda session: proving.confirm(session, visitor, admitted, check, at=at))
    if isinstance(found, Wrong):
        raise WrongSecret(faults={"password": ["wrong"]})
    return found
