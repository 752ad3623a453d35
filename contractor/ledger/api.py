"""The books for programs, to read: each book's identity today, its accounts, an account's movements, one posting."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _
from marshmallow import fields
from sqlalchemy.orm import Session

from chassis.api.cursors import PageQuery, PageTold, number_at, page_of
from chassis.api.fields import MOST_ID, Told
from chassis.api.operations import Ask, Operation
from chassis.api.operations import mount as mount_operations
from chassis.desks import Desk
from chassis.errors import NotFound
from contractor.ledger import queries
from contractor.ledger.identity import identities

MOST_LEGS = 20_000


class AccountHead(Told):
    account_code = fields.String(required=True)
    name_zh = fields.String(required=True)
    name_en = fields.String(required=True)
    normal_side = fields.String(required=True)
    balance_fen = fields.Integer(required=True, metadata={"description": _("在它自己的一边")})


class Book(Told):
    book = fields.String(required=True)
    held_fen = fields.Integer(required=True)
    owed_fen = fields.Integer(required=True, metadata={"description": _("每天都等于 held_fen")})
    accounts = fields.List(fields.Nested(AccountHead), required=True)


class BooksTold(Told):
    books = fields.List(fields.Nested(Book), required=True)


class Movement(Told):
    posting_id = fields.Integer(required=True, attribute="id")
    kind = fields.String(required=True)
    posted_on = fields.Date(required=True)
    batch_id = fields.Integer(required=True, allow_none=True)
    leg_count = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True, metadata={"description": _("借方为正，贷方为负")})


class AccountTold(PageTold):
    book = fields.String(required=True)
    account_code = fields.String(required=True)
    movements = fields.List(fields.Nested(Movement), required=True)


class Leg(Told):
    leg_no = fields.Integer(required=True)
    account_code = fields.String(required=True)
    amount_fen = fields.Integer(required=True, metadata={"description": _("借方为正，贷方为负")})
    payment_id = fields.Integer(required=True, allow_none=True)


class PostingTold(Told):
    id = fields.Integer(required=True)
    book = fields.String(required=True)
    kind = fields.String(required=True)
    posted_on = fields.Date(required=True)
    batch_id = fields.Integer(required=True, allow_none=True)
    legs = fields.List(fields.Nested(Leg), required=True)


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "ledger_api", OPERATIONS)


def tell_books(session: Session, ask: Ask) -> dict[str, Any]:
    county = ask.visitor.county_code
    accounts = queries.accounts_of(session, county)
    return {
        "books": [
            {
                "book": side.book,
                "held_fen": side.held_fen,
                "owed_fen": side.owed_fen,
                "accounts": [
                    {name: getattr(account, name) for name in ("account_code", "name_zh", "name_en", "normal_side")}
                    | {"balance_fen": balance_fen}
                    for account, balance_fen, _moved_at, _leg_count in accounts
                    if account.book == side.book
                ],
            }
            for side in identities(session, county)
        ]
    }


def tell_account(session: Session, ask: Ask, book: str, account_code: str) -> dict[str, Any]:
    county, limit = ask.visitor.county_code, ask.query["limit"]
    if queries.account_of(session, county, book, account_code) is None:
        raise NotFound(kind="account")
    before = number_at(ask.query["cursor"])
    rows, cursor = page_of(queries.legs_of(session, county, book, account_code, before=before, size=limit), limit)
    return {"book": book, "account_code": account_code, "movements": rows, "next": cursor}


def tell_posting(session: Session, ask: Ask, posting_id: int) -> dict[str, Any]:
    county = ask.visitor.county_code
    posting = queries.posting_of(session, county, posting_id) if 0 < posting_id <= MOST_ID else None
    if posting is None:
        raise NotFound(kind="posting")
    told = {name: getattr(posting, name) for name in ("id", "book", "kind", "posted_on", "batch_id")}
    return told | {"legs": queries.legs_of_posting(session, county, posting_id, size=MOST_LEGS)}


OPERATIONS = (
    Operation(
        "books", "GET", "/ledger", tell_books, _("账簿"), BooksTold(), description=_("每本账今天平不平，各科目的余额。")
    ),
    Operation(
        "account",
        "GET",
        "/ledger/<book>/<account_code>",
        tell_account,
        _("一个科目"),
        AccountTold(),
        description=_("新的在前，一页一页取。"),
        query=PageQuery(),
    ),
    Operation("posting", "GET", "/ledger/postings/<int:posting_id>", tell_posting, _("一笔分录"), PostingTold()),
)
