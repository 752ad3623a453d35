"""The books on a page: each book's identity today, its accounts, an account's movements, one posting."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, render_template, request
from flask_babel import gettext as _

from chassis.desks import Desk
from chassis.errors import NotFound
from chassis.exports import FILE_TYPES, MOST_ROWS, Column, write_csv, write_xlsx
from chassis.i18n import language
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from contractor.ledger import queries
from contractor.ledger.identity import identities
from contractor.ledger.tables import Account
from contractor.ledger.words import KINDS

PAGE, LEGS, MOST_ID = 50, 200, 2**62


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("ledger", __name__, template_folder="templates", url_prefix="/ledger")
    at(room, "", "page", {"GET": show})
    at(room, "/<book>/<account_code>", "account", {"GET": show_account})
    at(room, "/<book>/<account_code>/table.<any(csv, xlsx):file_type>", "export", {"GET": export})
    at(room, "/postings/<int:posting_id>", "posting", {"GET": show_posting})
    app.register_blueprint(room)


def show():
    county_code = the_visitor().county_code
    with the_database().transaction() as session:
        books = queries.books_of(session, county_code)
        accounts = queries.accounts_of(session, county_code)
        sides = {one.book: one for one in identities(session, county_code)}
        checks = {one.book: one for one in queries.last_checks(session, county_code)}
    return render_template(
        "ledger/page.html",
        books=[
            {
                "name": _name(book),
                "identity": sides[book.book],
                "checked_at": checks[book.book].checked_at if book.book in checks else None,
                "accounts": [
                    {
                        "code": (
                            account.account_code,
                            desk_url("ledger.account", book=book.book, account_code=account.account_code),
                        ),
                        "name": _name(account),
                        "side": _side(account),
                        "balance": balance_fen,
                        "moved_at": moved_at if leg_count else None,
                    }
                    for account, balance_fen, moved_at, leg_count in accounts
                    if account.book == book.book
                ],
            }
            for book in books
        ],
    )


def show_account(book: str, account_code: str):
    county_code = the_visitor().county_code
    before = int(request.args["before"]) if request.args.get("before", "").isdigit() else None
    with the_database().transaction() as session:
        account = _own(session, book, account_code)
        rows = queries.legs_of(
            session, county_code, book, account_code, before=before and min(before, MOST_ID), size=PAGE
        )
    shown, is_more = rows[:PAGE], len(rows) > PAGE
    here = {"book": book, "account_code": account_code}
    return render_template(
        "ledger/account.html",
        title=f"{account_code} {_name(account)}",
        back=desk_url("ledger.page"),
        rows=[_movement(row, account) for row in shown],
        next_url=desk_url("ledger.account", **here, before=shown[-1].id) if is_more else None,
        first_url=desk_url("ledger.account", **here) if before else None,
        files=[
            (label, desk_url("ledger.export", **here, file_type=file_type))
            for file_type, label in (("xlsx", _("导出 Excel")), ("csv", _("导出 CSV")))
        ],
    )


def export(book: str, account_code: str, file_type: str):
    county_code = the_visitor().county_code
    with the_database().transaction() as session:
        account = _own(session, book, account_code)
        rows = queries.legs_of(session, county_code, book, account_code, before=None, size=MOST_ROWS)
    columns = [
        Column("id", _("分录号"), "whole"),
        Column("posted_on", _("记账日"), "day"),
        Column("kind", _("事由")),
        Column("batch_id", _("批次"), "whole"),
        Column("leg_count", _("笔数"), "whole"),
        Column("debit", _("借方（元）"), "money"),
        Column("credit", _("贷方（元）"), "money"),
    ]
    told = [_movement(row, account) | dict(row._mapping) | {"kind": _kind(row.kind)} for row in rows]
    body = write_csv(columns, told) if file_type == "csv" else write_xlsx(columns, told, sheet=account_code)
    answer = Response(body, content_type=FILE_TYPES[file_type])
    name = f"ledger-{county_code}-{account_code}.{file_type}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def show_posting(posting_id: int):
    county_code = the_visitor().county_code
    with the_database().transaction() as session:
        posting = queries.posting_of(session, county_code, posting_id) if posting_id <= MOST_ID else None
        if posting is None:
            raise NotFound(kind="posting")
        legs = queries.legs_of_posting(session, county_code, posting_id, size=LEGS)
    return render_template(
        "ledger/posting.html",
        title=_("分录 %(number)s", number=posting.id),
        back=desk_url("ledger.page"),
        facts=[_kind(posting.kind), posting.posted_on.isoformat(), posting.idempotency_key],
        batch_url=desk_url("payments.batch", batch_id=posting.batch_id) if posting.batch_id else None,
        is_cut=len(legs) > LEGS,
        most=LEGS,
        legs=[
            {
                "code": (
                    f"{leg.account_code} {leg.name_en if language() == 'en' else leg.name_zh}",
                    desk_url("ledger.account", book=posting.book, account_code=leg.account_code),
                ),
                "payment": leg.payment_id,
                "debit": leg.amount_fen if leg.amount_fen > 0 else None,
                "credit": -leg.amount_fen if leg.amount_fen < 0 else None,
            }
            for leg in legs[:LEGS]
        ],
    )


def _own(session, book: str, account_code: str) -> Account:
    account = queries.account_of(session, the_visitor().county_code, book, account_code)
    if account is None:
        raise NotFound(kind="account")
    return account


def _movement(row, account: Account) -> dict[str, object]:
    amount_fen = int(row.amount_fen)
    return {
        "posting": (str(row.id), desk_url("ledger.posting", posting_id=row.id)),
        "on": row.posted_on,
        "what": _kind(row.kind),
        "count": row.leg_count,
        "debit": amount_fen if amount_fen > 0 else None,
        "credit": -amount_fen if amount_fen < 0 else None,
    }


def _kind(kind: str) -> str:
    return str(KINDS.get(kind, kind))


def _side(account: Account) -> str:
    return _("借方") if account.normal_side == "debit" else _("贷方")


def _name(row) -> str:
    return row.name_en if language() == "en" else row.name_zh
