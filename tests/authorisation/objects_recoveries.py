"""Debts and repayments in every state that a route's answer depends on: a stay that was paid and taken back."""

from __future__ import annotations

import datetime as dt
import itertools

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.vault.keyring import Keyring
from contractor.payments.approving import approve_proved
from contractor.payments.batches import Group, content_sha256, make_batches, submit
from contractor.payments.moves import locked_batch, move_batch, move_payments
from contractor.payments.opening import open_for_payments
from contractor.payments.releasing import keep_message
from contractor.payments.tables import Payment
from contractor.recoveries import repaying
from contractor.recoveries.tables import OwedBack
from rulebook.lifecycles.batch import E as BatchEvents
from rulebook.lifecycles.payment import E, S
from tests.authorisation.objects import OTHER, OWN, Records, makes
from tests.authorisation.objects_second import _confirm, _correction, _staff

NOBODY = 999_999_999
FIELDS = {"amount": "0.01", "way": "bank_credit"}
_numbers = itertools.count(1)


@makes("owed_back", "contractor")
def debts(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    recovered = _debt(session, OWN, at, keyring)
    _repaid(session, OWN, recovered, at, fen=_amount(session, OWN, recovered))
    return Records(
        own={"open": {"owed_back_id": _debt(session, OWN, at, keyring), "file_type": "csv"},
             "recovered": {"owed_back_id": recovered, "file_type": "csv"}},
        other={"owed_back_id": _debt(session, OTHER, at, keyring)},
        nowhere={"owed_back_id": NOBODY},
        fields=FIELDS | {"reference": "trial-1", "arrived_on": local_day(at).isoformat()},
    )  # fmt: skip


@makes("repayment", "contractor")
def repayments(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    own, other = (_debt(session, county, at, keyring) for county in (OWN, OTHER))
    withdrawn = _entered(session, OWN, own, at)
    repaying.withdraw(session, withdrawn, county_code=OWN, by=_staff(session, OWN, "cashier", at), at=at)
    return Records(
        own={name: {"repayment_id": one} for name, one in
             (("entered", _entered(session, OWN, own, at)), ("confirmed", _repaid(session, OWN, own, at)),
              ("withdrawn", withdrawn))},
        other={"repayment_id": _entered(session, OTHER, other, at)},
        nowhere={"repayment_id": NOBODY},
    )  # fmt: skip


def _debt(session: Session, county_code: str, at: dt.datetime, keyring: Keyring) -> int:
    """A correction that is confirmed after what it takes back was paid."""
    open_for_payments(session, county_code)
    correction = _correction(session, county_code, at, keyring)
    who = {"county_code": county_code, "at": at}
    cashier, checker = (_staff(session, county_code, role, at) for role in ("cashier", "checker"))
    (claim_id, payee, code) = session.execute(
        select(Payment.claim_id, Payment.payee_kind, Payment.institution_code)
        .where(Payment.county_code == county_code, Payment.state == "planned", Payment.fund == "pooled")
        .order_by(Payment.id.desc())
    ).first()
    for batch_id in make_batches(session, [Group("pooled", payee, code)], by=cashier, **who):
        submit(session, batch_id=batch_id, by=cashier, **who)
        shown = content_sha256(session, county_code, batch_id)
        approve_proved(session, batch_id=batch_id, shown_sha256=shown, proof=None, by=checker, **who)
        batch = locked_batch(session, county_code, batch_id)
        move_batch(session, batch, BatchEvents.SENDING_BEGUN, at=at, sending_begun_at=at)
        move_batch(session, batch, BatchEvents.TAKEN_BY_BANK, at=at, taken_at=at)
        own = Payment.batch_id == batch_id
        move_payments(session, county_code, own, E.SENT, from_states=[S.IN_BATCH], at=at)
        _said_paid(session, county_code, batch_id, at, keyring)
        move_payments(session, county_code, own, E.CONFIRMED, from_states=[S.SENT], at=at)
    _confirm(session, county_code, correction, at, keyring)
    asked = select(OwedBack.id).where(OwedBack.county_code == county_code, OwedBack.claim_id == claim_id)
    return session.scalars(asked).one()


def _said_paid(session: Session, county_code: str, batch_id: int, at: dt.datetime, keyring: Keyring) -> None:
    """The bank's statement on a batch."""
    asked = select(Payment.end_to_end_id, Payment.amount_fen).where(
        Payment.county_code == county_code, Payment.batch_id == batch_id
    )
    lines = [("paid", one.end_to_end_id, one.amount_fen, local_day(at), None) for one in session.execute(asked)]
    name = f"TRIAL{next(_numbers)}"
    keep_message(
        session, county_code=county_code, direction="in", kind="camt053", message_id=name, content=name.encode(),
        total_fen=sum(line[2] for line in lines), lines=lines, batch_id=None, keyring=keyring, at=at,
    )  # fmt: skip


def _amount(session: Session, county_code: str, debt: int) -> int:
    return session.get_one(OwedBack, (county_code, debt)).amount_fen


def _entered(session: Session, county_code: str, debt: int, at: dt.datetime, *, fen: int = 1) -> int:
    return repaying.enter(
        session, debt, county_code=county_code, amount_fen=fen, way="bank_credit", reference=f"hx-{next(_numbers)}",
        arrived_on=local_day(at), by=_staff(session, county_code, "cashier", at), at=at,
    )  # fmt: skip


def _repaid(session: Session, county_code: str, debt: int, at: dt.datetime, *, fen: int = 1) -> int:
    number = _entered(session, county_code, debt, at, fen=fen)
    repaying.confirm(session, number, county_code=county_code, by=_staff(session, county_code, "checker", at), at=at)
    return number
