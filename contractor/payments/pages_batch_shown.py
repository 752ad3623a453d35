"""What the page of one batch shows: payees, lines, history, its fingerprint, and what this person may do with it."""

from __future__ import annotations

from types import SimpleNamespace

from flask import g, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from chassis.i18n import language
from chassis.people.queries import names_of
from chassis.vault.masking import mask_account
from chassis.vault.sealing import row_id_text, unseal_many
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from contractor.ledger.charts import BOOK_OF_FUND
from contractor.ledger.queries import bank_balance
from contractor.payments import approving, batches, queries, words
from contractor.payments.planning import PURPOSE, SEALED_CELL
from contractor.payments.tables import Payment, PaymentBatch

LINES = 50
MOST_ID = 2**62


def number_of(batch: PaymentBatch) -> str:
    return _("批次 %(number)s", number=batch.id)


def page(batch_id: int, *, status: int = 200, errors: dict[str, str] | None = None):
    visitor, house = the_visitor(), the_house()
    county_code = visitor.county_code
    after = int(request.args["after"]) if request.args.get("after", "").isdigit() else 0
    with the_database().transaction() as session:
        batch = own(session, batch_id)
        count, total_fen = queries.totals_of(session, county_code, batch_id)
        payees = queries.payees_of(session, county_code, batch_id)
        lines = queries.payments_of(session, county_code, batch_id, after=min(after, MOST_ID), size=LINES)
        events = queries.events_of(session, county_code, batch_id)
        people = {one for one in (batch.made_by, *(event.acted_by for event in events)) if one is not None}
        names = names_of(session, county_code, people)
        accounts = _last_fours(session, county_code, payees, house.keyring)
        held_fen = bank_balance(session, county_code, BOOK_OF_FUND[batch.fund])
        shown_sha256 = batches.content_sha256(session, county_code, batch_id) if batch.state == "submitted" else None
        is_reissuer = approving.has_reissued(session, batch, visitor.person_id)
    own_part = visitor.person_id in (batch.made_by, batch.submitted_by) or is_reissuer
    state, kind = words.BATCH_STATES[batch.state]
    shown, is_more = lines[:LINES], len(lines) > LINES
    response = make_response(
        render_template(
            "payments/batch.html",
            batch=batch,
            title=number_of(batch),
            pill=(str(state), kind),
            head_facts=[str(words.FUNDS[batch.fund]), str(words.PAYEES[batch.payee_kind])],
            count=count,
            total_fen=total_fen,
            held_fen=held_fen,
            is_enough=held_fen >= total_fen,
            payees=[_payee(row, accounts) for row in payees],
            lines=[_line(row) for row in shown],
            next_url=desk_url("payments.batch", batch_id=batch_id, after=shown[-1].id) if is_more else None,
            first_url=desk_url("payments.batch", batch_id=batch_id) if after else None,
            events=[_event(event, names) for event in events],
            maker=names.get(batch.made_by, str(batch.made_by)),
            road=_road(batch),
            may=_may(batch, visitor.roles),
            must_step_up=visitor.stepped_up_until is None or visitor.stepped_up_until <= g.at,
            step_up_url=desk_url("identity.step_up", next=desk_url("payments.batch", batch_id=batch_id)),
            content_hash=shown_sha256.hex() if shown_sha256 else None,
            refused=_("您制单、提交或补发过其中一笔，不能由您核准。请另一位复核员办理。") if own_part else None,
            urls={
                name: desk_url(f"payments.{name}", batch_id=batch_id)
                for name in ("submit", "send_back", "approve", "withdraw", "discard", "send")
            },
            back=desk_url("payments.page"),
            files=[
                (label, desk_url("payments.export", batch_id=batch_id, file_type=file_type))
                for file_type, label in (("xlsx", _("导出 Excel")), ("csv", _("导出 CSV")))
            ],
            errors=errors or {},
            typed=request.form,
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def own(session: Session, batch_id: int) -> PaymentBatch:
    batch = queries.batch_of(session, the_visitor().county_code, batch_id) if batch_id <= MOST_ID else None
    if batch is None:
        raise NotFound(kind="payment_batch")
    return batch


def _may(batch: PaymentBatch, roles: frozenset[str]) -> SimpleNamespace:
    """Which acts this person's roles and the batch's state offer; the database has the last word."""
    state = batch.state
    return SimpleNamespace(
        submit=state == "draft" and "cashier" in roles,
        discard=state == "draft" and "cashier" in roles,
        approve=state == "submitted" and "checker" in roles,
        send_back=state == "submitted" and "checker" in roles,
        withdraw=state == "approved" and bool(roles & {"checker", "lead"}),
        send=state == "approved" and bool(roles & {"cashier", "lead"}),
    )


def _road(batch: PaymentBatch) -> list[tuple[str, str]]:
    steps = [
        (_("制单"), {"draft"}),
        (_("复核"), {"submitted"}),
        (_("发送银行"), {"approved", "sending", "in_doubt"}),
        (_("逐笔回执"), {"sent"}),
        (_("结清"), {"settled"}),
    ]
    now = next((place for place, (_name, states) in enumerate(steps) if batch.state in states), -1)
    return [
        (name, "now" if place == now and batch.state != "settled" else "done" if place <= now else "next")
        for place, (name, _states) in enumerate(steps)
    ]


def _last_fours(session: Session, county_code: str, payees, keyring) -> dict[int, str]:
    ids = [row.first_payment for row in payees]
    sealed = session.query(Payment.id, Payment.account_sealed).filter(
        Payment.county_code == county_code, Payment.id.in_(ids)
    )
    rows = sealed.all()
    opened = unseal_many(
        keyring,
        PURPOSE,
        [row.account_sealed for row in rows],
        **SEALED_CELL,
        row_ids=[row_id_text(county_code, row.id) for row in rows],
    )
    return {row.id: mask_account(account) for row, account in zip(rows, opened, strict=True)}


def _payee(row, accounts: dict[int, str]) -> dict[str, object]:
    name = (row.name_en if language() == "en" else row.name_zh) or row.account_name
    return {
        "payee": (name, row.account_name if name != row.account_name else ""),
        "account": accounts[row.first_payment],
        "is_reissued": row.is_reissued,
        "count": row.payment_count,
        "paid": row.paid_count,
        "bad": row.bad_count,
        "total": int(row.total_fen),
    }


def _line(row) -> dict[str, object]:
    state, kind = words.PAYMENT_STATES[row.state]
    return {
        "id": row.id,
        "claim": row.claim_id,
        "name": row.account_name,
        "bank_name": row.end_to_end_id,
        "amount": row.amount_fen,
        "state": (str(state), kind),
        "reason": row.last_reason,
    }


def _event(event, names: dict[int, str]) -> SimpleNamespace:
    return SimpleNamespace(
        at=event.at,
        what=str(words.BATCH_EVENTS[event.event]),
        by=names.get(event.acted_by, str(event.acted_by)) if event.acted_by else _("系统或银行"),
        note=event.reason,
        kind="note",
    )
