"""A county begins to pay: the lead opens its books, and books the money that the bank's statement shows as arrived.

A cashier and a checker see the same page without its forms: why a batch is held, and from which account it is paid.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from flask import Blueprint, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.errors import Misconfigured, NotFound, Refusal, UnreadableInput
from chassis.i18n import language
from chassis.identity.forms import read, words_of
from chassis.people.queries import names_of
from chassis.vault.masking import mask_account
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from contractor.ledger.advances import Advance, advances_of, book_advance, is_open, take_back_advance
from contractor.ledger.charts import the_chart
from contractor.ledger.queries import bank_balance
from contractor.ledger.refusals import AdvanceOfTomorrow, ReferenceMisspelt, ReferenceUsed
from contractor.payments import opening
from contractor.payments.bank_settings import BankSettings, bank_of
from contractor.payments.forms import ADVANCE

SHOWN, MOST_ID = 50, 2**62


def add(room: Blueprint) -> None:
    at(room, "/opening", "opening", {"GET": show})
    at(room, "/opening/open", "open", {"POST": open_books})
    at(room, "/opening/advances", "book_advance", {"POST": book})
    at(room, "/opening/advances/<int:posting_id>/take-back", "take_back_advance", {"POST": take_back})


def show():
    return page()


def open_books():
    visitor = the_visitor()

    def act(session: Session) -> str:
        opened = opening.open_county(session, county_code=visitor.county_code, by=visitor.person_id, at=g.at)
        return _("账簿已开立。登记了到账，批次就能发送。") if opened else _("账簿早已开立，什么都没有改动。")

    if _bank() is None:
        return page(status=409)
    return _act(act)


def book():
    visitor = the_visitor()

    def act(session: Session) -> str:
        values = read(ADVANCE, request.form)
        posted = book_advance(
            session,
            county_code=visitor.county_code,
            book=values["book"],
            amount_fen=values["amount"],
            reference=values["reference"],
            on=values["arrived_on"],
            by=visitor.person_id,
            at=g.at,
        )
        return _("已登记到账。") if posted.is_new else _("这一笔早已登记，什么都没有改动。")

    return _act(act)


def take_back(posting_id: int):
    visitor = the_visitor()
    if posting_id > MOST_ID:
        raise NotFound(kind="advance")

    def act(session: Session) -> str:
        take_back_advance(
            session, county_code=visitor.county_code, posting_id=posting_id, by=visitor.person_id, at=g.at
        )
        return _("已冲回。流水号可以重新登记。")

    return _act(act)


def page(*, status: int = 200, errors: dict[str, str] | None = None):
    visitor = the_visitor()
    county_code, is_lead = visitor.county_code, "lead" in visitor.roles
    bank = _bank()
    with the_database().transaction() as session:
        is_begun = is_open(session, county_code)
        advances = advances_of(session, county_code, size=SHOWN)
        held = {book: bank_balance(session, county_code, book) for book in the_chart()}
        names = names_of(session, county_code, {one.by for one in advances if one.by is not None})
    must_step_up = is_lead and (visitor.stepped_up_until is None or visitor.stepped_up_until <= g.at)
    response = make_response(
        render_template(
            "payments/opening.html",
            is_begun=is_begun,
            is_bank_named=bank is not None,
            is_lead=is_lead,
            must_step_up=must_step_up,
            step_up_url=desk_url("identity.step_up", next=desk_url("payments.opening")),
            books=[_book(key, held[key], bank) for key in the_chart()],
            choices=[(key, _name(key)) for key in the_chart()],
            advances=[_advance(one, names) for one in advances],
            open_url=desk_url("payments.open"),
            book_url=desk_url("payments.book_advance"),
            back=desk_url("payments.page"),
            today=local_day(g.at).isoformat(),
            errors=errors or {},
            typed=request.form,
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _act(act: Callable[[Session], str]):
    try:
        done = the_database().retrying(act)
    except UnreadableInput as refusal:
        return page(status=refusal.status, errors=words_of(refusal.facts["faults"]))
    except NotFound:
        raise
    except Refusal as refusal:
        field = {AdvanceOfTomorrow: "arrived_on", ReferenceMisspelt: "reference", ReferenceUsed: "reference"}
        return page(status=refusal.status, errors={field.get(type(refusal), "act"): answer_to(refusal).text})
    flash(done, "ok")
    return redirect(desk_url("payments.opening"), 303)


def _bank() -> BankSettings | None:
    """None where nobody has named the accounts this county pays from; whoever runs the house does so in a file."""
    try:
        return bank_of(the_house().settings, the_visitor().county_code)
    except Misconfigured:
        return None


def _book(key: str, held_fen: int, bank: BankSettings | None) -> dict[str, object]:
    ours = bank.accounts[key] if bank is not None else None
    return {
        "name": _name(key),
        "account": f"{ours.name} {mask_account(ours.account)}" if ours else _("没有写明"),
        "agent": ours.agent if ours else _("没有写明"),
        "held": held_fen,
    }


def _advance(one: Advance, names: dict[int, str]) -> SimpleNamespace:
    return SimpleNamespace(
        on=one.on,
        book=_name(one.book),
        amount_fen=one.amount_fen,
        reference=one.reference.upper(),
        by=names.get(one.by, str(one.by)) if one.by is not None else _("服务器命令"),
        is_taken_back=one.is_taken_back,
        posting_url=desk_url("ledger.posting", posting_id=one.posting_id),
        take_back_url=desk_url("payments.take_back_advance", posting_id=one.posting_id),
    )


def _name(key: str) -> str:
    book = the_chart()[key]
    return book.name_en if language() == "en" else book.name_zh
