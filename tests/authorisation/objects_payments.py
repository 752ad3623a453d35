"""Batches, payments, exceptions and postings in every state that a route's answer depends on."""

from __future__ import annotations

import datetime as dt
import itertools

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from contractor.ledger.advances import take_back_advance
from contractor.ledger.entries import receive_advance
from contractor.ledger.tables import Posting
from contractor.payments.approving import approve_proved
from contractor.payments.batches import Group, content_sha256, make_batches, submit
from contractor.payments.exceptions import Noticed, note, resolve
from contractor.payments.opening import open_for_payments
from contractor.payments.planning import Decided, plan_payments
from contractor.payments.tables import Payment, PaymentException
from tests.authorisation.objects import OTHER, OWN, Records, UrlValues, makes
from tests.authorisation.people import person
from tests.sites import grant

NOBODY = 999_999_999
CARD = "6222020000000000000"
_numbers = itertools.count(5_000_000)


@makes("payment_batch", "contractor")
def batches(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    own = {state: _batch(session, OWN, state, at, keyring) for state in ("draft", "submitted", "approved")}
    other = _batch(session, OTHER, "submitted", at, keyring)
    # A batch moves once from state to state: the version a form sends is the one its page showed.
    return Records(own=own, other=other, nowhere=_url(NOBODY), fields={"reason": "试验用的理由", "version": "0"})


@makes("payment", "contractor")
def payments(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    def of(county_code: str) -> UrlValues:
        _plan(session, county_code, at, keyring)
        query = select(Payment.id).where(Payment.county_code == county_code, Payment.state == "planned")
        return {"payment_id": session.scalars(query.order_by(Payment.id.desc()).limit(1)).one()}

    fields = {"reason": "试验用的理由", "account_name": "王小明"}
    return Records(own={"planned": of(OWN)}, other=of(OTHER), nowhere={"payment_id": NOBODY}, fields=fields)


@makes("payment_exception", "contractor")
def exceptions(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    def of(county_code: str) -> UrlValues:
        subject = f"trial/{next(_numbers)}"
        note(session, [Noticed("parity", subject, "1", "2")], county_code=county_code, at=at)
        return {"exception_id": session.scalars(select(PaymentException.id).filter_by(subject=subject)).one()}

    resolved = of(OWN)
    resolve(session, county_code=OWN, **resolved, resolution="试验用的理由", by=NOBODY, at=at)
    return Records(
        own={"open": of(OWN), "resolved": resolved},
        other=of(OTHER),
        nowhere={"exception_id": NOBODY},
        fields={"reason": "试验用的理由"},
    )


@makes("ledger_account", "contractor")
def accounts(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    """Accounts are named alike in every county: the other county's own is not in this one's books."""
    open_for_payments(session, OWN)
    one = {"book": "entrusted", "account_code": "M101", "file_type": "csv"}
    return Records(own={"": one}, other=None, nowhere=one | {"account_code": "M999"})


@makes("posting", "contractor")
def postings(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    def of(county_code: str) -> UrlValues:
        open_for_payments(session, county_code)
        posted = receive_advance(
            session,
            county_code=county_code,
            book="entrusted",
            amount_fen=5,
            reference=f"t{next(_numbers)}",
            on=at.date(),
        )
        return {"posting_id": session.get_one(Posting, (county_code, posted.posting_id)).id}

    return Records(own={"": of(OWN)}, other=of(OTHER), nowhere={"posting_id": NOBODY})


@makes("advance", "contractor")
def advances(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    def of(county_code: str) -> UrlValues:
        open_for_payments(session, county_code)
        given = {"county_code": county_code, "book": "entrusted", "amount_fen": 5, "on": at.date()}
        posted = receive_advance(session, **given, reference=f"t{next(_numbers)}")
        return {"posting_id": posted.posting_id}

    back = of(OWN)
    take_back_advance(session, county_code=OWN, **back, by=NOBODY, at=at)
    return Records(own={"standing": of(OWN), "taken_back": back}, other=of(OTHER), nowhere={"posting_id": NOBODY})


def _batch(session: Session, county_code: str, state: str, at: dt.datetime, keyring: Keyring) -> UrlValues:
    open_for_payments(session, county_code)
    cashier, checker = (_staff(session, county_code, role, at) for role in ("cashier", "checker"))
    _plan(session, county_code, at, keyring)
    who = {"county_code": county_code, "at": at}
    (batch_id,) = make_batches(session, [Group("pooled", "member")], by=cashier, **who)
    if state != "draft":
        submit(session, batch_id=batch_id, by=cashier, **who)
    if state == "approved":
        shown = content_sha256(session, county_code, batch_id)
        approve_proved(session, batch_id=batch_id, shown_sha256=shown, proof=None, by=checker, **who)
    return _url(batch_id)


def _staff(session: Session, county_code: str, role: str, at: dt.datetime) -> int:
    staff_id = person(session, county_code, f"pay-{role}-{next(_numbers)}", at=at)
    grant(session, county_code, staff_id, role, at=at)
    return staff_id


def _plan(session: Session, county_code: str, at: dt.datetime, keyring: Keyring) -> None:
    number = next(_numbers)
    decided = Decided(
        number,
        "manual",
        "990121001",
        number,
        settlement_id=number,
        pooled_fen=100,
        payee_name="王小明",
        payee_account=CARD,
    )
    plan_payments(session, [decided], county_code=county_code, keyring=keyring, at=at)


def _url(batch_id: int) -> UrlValues:
    return {"batch_id": batch_id, "file_type": "csv"}
