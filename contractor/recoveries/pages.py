"""Recoveries: who still holds money of decisions that were taken back, and what of it came back.

A cashier enters what stands on the account again with the bank's evidence; a checker compares the two and confirms.
"""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, Flask, Response, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis.api.fields import MOST_ID
from chassis.clock import local_day
from chassis.desks import Desk
from chassis.errors import NotFound, Refusal, UnreadableInput
from chassis.exports import FILE_TYPES, MOST_ROWS, Column, write_csv, write_xlsx
from chassis.identity.forms import read, words_of
from chassis.people.queries import names_of
from chassis.terms import FUNDS, term
from chassis.visitors import Visitor
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from contractor.recoveries import queries, repaying, words
from contractor.recoveries.forms import REPAYMENT
from contractor.recoveries.queries import Debt
from contractor.recoveries.refusals import ArrivedTomorrow, EvidenceUsed, MoreThanOwed

PAGE = 50


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("recoveries", __name__, template_folder="templates", url_prefix="/recoveries")
    at(room, "", "page", {"GET": show})
    at(room, "/table.<any(csv, xlsx):file_type>", "export", {"GET": export})
    at(room, "/<int:owed_back_id>", "debt", {"GET": show_debt, "POST": enter})
    at(room, "/repayments/<int:repayment_id>/confirm", "confirm", {"POST": confirm})
    at(room, "/repayments/<int:repayment_id>/withdraw", "withdraw", {"POST": withdraw})
    app.register_blueprint(room)


def count_for_visitor(session: Session, visitor: Visitor) -> int:
    if "checker" not in visitor.roles:
        return 0
    return queries.waiting_count(session, visitor.county_code, but_by=visitor.person_id)


def show():
    county = the_visitor().county_code
    which = _which()
    before = int(request.args["before"]) if request.args.get("before", "").isdigit() else None
    with the_database().transaction() as session:
        rows = queries.debts(session, county, which, before=min(before, MOST_ID) if before else None, size=PAGE + 1)
        sums = queries.sums(session, county)
    here = desk_url("recoveries.page")
    return render_template(
        "recoveries/page.html",
        here=here,
        which=which,
        choices=[("open", _("未收回")), ("waiting", _("等确认")), ("all", _("全部"))],
        rows=[_row(one) for one in rows[:PAGE]],
        sums=[_sum(one) for one in sums],
        first_url=f"{here}?which={which}" if before else None,
        next_url=f"{here}?which={which}&before={rows[PAGE - 1].owed_back_id}" if len(rows) > PAGE else None,
        files=[
            (label, desk_url("recoveries.export", file_type=kind, which=which))
            for kind, label in (("xlsx", _("导出 Excel")), ("csv", _("导出 CSV")))
        ],
    )


def export(file_type: str):
    """The statement of debts as the page has it, whole."""
    county, which = the_visitor().county_code, _which()
    with the_database().transaction() as session:
        rows = queries.debts(session, county, which, size=MOST_ROWS)
    columns = [
        Column("debt", _("编号"), "whole"),
        Column("claim", _("申请号")),
        Column("fund", _("基金")),
        Column("holder", _("在谁手里")),
        Column("name", _("收款人")),
        Column("since", _("起于"), "instant"),
        Column("amount", _("应退回（元）"), "money"),
        Column("set_off", _("抵新的裁定（元）"), "money"),
        Column("repaid", _("已退回（元）"), "money"),
        Column("waiting", _("等确认（元）"), "money"),
        Column("open", _("未收回（元）"), "money"),
    ]
    told = [_cells(one) for one in rows]
    body = write_csv(columns, told) if file_type == "csv" else write_xlsx(columns, told, sheet=_("应退回"))
    answer = Response(body, content_type=FILE_TYPES[file_type])
    name = f"recoveries-{county}-{which}-{local_day(g.at).isoformat()}.{file_type}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def show_debt(owed_back_id: int):
    return _page(owed_back_id)


def enter(owed_back_id: int):
    visitor = the_visitor()
    with the_database().transaction() as session:
        _own(session, owed_back_id)

    def act(session: Session) -> None:
        repaying.enter(
            session,
            owed_back_id,
            county_code=visitor.county_code,
            amount_fen=values["amount"],
            way=values["way"],
            reference=values["reference"],
            arrived_on=values["arrived_on"],
            by=visitor.person_id,
            at=g.at,
        )

    try:
        values = read(REPAYMENT, request.form)
        the_database().retrying(act)
    except UnreadableInput as refusal:
        return _page(owed_back_id, status=refusal.status, errors=words_of(refusal.facts["faults"]))
    except NotFound:
        raise
    except Refusal as refusal:
        field = {MoreThanOwed: "amount", EvidenceUsed: "reference", ArrivedTomorrow: "arrived_on"}
        told = answer_to(refusal)
        errors = {field.get(type(refusal), "form"): f"{told.title}{_('：')}{told.text}"}
        return _page(owed_back_id, status=refusal.status, errors=errors)
    flash(_("已登记，等复核员对照回单确认后入账。"), "ok")
    return redirect(desk_url("recoveries.debt", owed_back_id=owed_back_id), 303)


def confirm(repayment_id: int):
    """Another person's yes; the route asks for a step-up before it."""
    return _end(repayment_id, repaying.confirm, _("已确认，已入账。"))


def withdraw(repayment_id: int):
    return _end(repayment_id, repaying.withdraw, _("已放弃，没有入账。"))


def _end(repayment_id: int, verb, done: str):
    visitor = the_visitor()
    with the_database().transaction() as session:
        found = None
        if 0 < repayment_id <= MOST_ID:
            found = queries.repayment_of(session, visitor.county_code, repayment_id)
        if found is None:
            raise NotFound(kind="repayment")
    try:
        the_database().retrying(
            lambda session: verb(session, repayment_id, county_code=visitor.county_code, by=visitor.person_id, at=g.at)
        )
    except NotFound:
        raise
    except Refusal as refusal:
        told = answer_to(refusal)
        errors = {"form": f"{told.title}{_('：')}{told.text}"}
        return _page(found.owed_back_id, status=refusal.status, errors=errors)
    flash(done, "ok")
    return redirect(desk_url("recoveries.debt", owed_back_id=found.owed_back_id), 303)


def _own(session: Session, owed_back_id: int) -> Debt:
    found = None
    if 0 < owed_back_id <= MOST_ID:
        found = queries.debt_of(session, the_visitor().county_code, owed_back_id)
    if found is None:
        raise NotFound(kind="owed_back")
    return found


def _page(owed_back_id: int, *, status: int = 200, errors: dict[str, str] | None = None):
    visitor, errors = the_visitor(), errors or {}
    county = visitor.county_code
    with the_database().transaction() as session:
        debt = _own(session, owed_back_id)
        repayments = queries.repayments_of(session, county, owed_back_id)
        set_offs = queries.set_offs_of(session, county, owed_back_id)
        people = {one for row in repayments for one in (row.entered_by, row.confirmed_by, row.withdrawn_by) if one}
        names = names_of(session, county, people)
    here = desk_url("recoveries.debt", owed_back_id=owed_back_id)
    response = make_response(
        render_template(
            "recoveries/debt.html",
            debt=_row(debt),
            title=_("应退回第 %(n)s 号", n=owed_back_id),
            here=here,
            back=desk_url("recoveries.page"),
            claim_url=desk_url("claims.claim", claim_id=debt.claim_id),
            repayments=[_repayment(one, names, visitor) for one in repayments],
            set_offs=[{"at": one.at, "amount": one.amount_fen} for one in set_offs],
            may_enter="cashier" in visitor.roles and debt.open_fen > debt.waiting_fen,
            may_confirm="checker" in visitor.roles,
            must_step_up=visitor.stepped_up_until is None or visitor.stepped_up_until <= g.at,
            step_up_url=desk_url("identity.step_up", next=here),
            ways=[(one, words.way_words(one)) for one in repaying.WAYS],
            today=local_day(g.at).isoformat(),
            errors=errors,
            error_list=[(text, None if name == "form" else f"f-{name}") for name, text in errors.items()],
            typed=request.form,
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _which() -> str:
    return request.args["which"] if request.args.get("which") in queries.WHICH else "open"


def _row(one: Debt) -> SimpleNamespace:
    return SimpleNamespace(
        number=one.owed_back_id,
        url=desk_url("recoveries.debt", owed_back_id=one.owed_back_id),
        claim=one.claim_number,
        fund=term(FUNDS, one.fund),
        holder=_holder(one),
        name=one.payee_name or one.institution_code or "–",
        since=one.since,
        amount_fen=one.amount_fen,
        set_off_fen=one.set_off_fen,
        repaid_fen=one.repaid_fen,
        waiting_fen=one.waiting_fen,
        open_fen=one.open_fen,
        pill=words.debt_pill(one.open_fen, one.waiting_fen),
    )


def _cells(one: Debt) -> dict[str, object]:
    return {
        "debt": one.owed_back_id, "claim": one.claim_number, "fund": term(FUNDS, one.fund), "holder": _holder(one),
        "name": one.payee_name or one.institution_code, "since": one.since, "amount": one.amount_fen,
        "set_off": one.set_off_fen, "repaid": one.repaid_fen, "waiting": one.waiting_fen, "open": one.open_fen,
    }  # fmt: skip


def _sum(row) -> dict[str, object]:
    return {
        "fund": term(FUNDS, row.fund), "count": row.open_count, "open": row.open_fen, "set_off": row.set_off_fen,
        "repaid": row.repaid_fen,
    }  # fmt: skip


def _repayment(row, names: dict[int, str], visitor: Visitor) -> SimpleNamespace:
    is_open = row.confirmed_at is None and row.withdrawn_at is None
    return SimpleNamespace(
        reference=row.reference.upper(),
        way=words.way_words(row.way),
        arrived_on=row.arrived_on,
        amount_fen=row.amount_fen,
        entered_by=names.get(row.entered_by, str(row.entered_by)),
        confirmed_by=names.get(row.confirmed_by) if row.confirmed_by else None,
        pill=words.repayment_pill(row),
        is_own=row.entered_by == visitor.person_id,
        confirm_url=desk_url("recoveries.confirm", repayment_id=row.id) if is_open else None,
        withdraw_url=desk_url("recoveries.withdraw", repayment_id=row.id) if is_open else None,
    )


def _holder(one: Debt) -> str:
    return _("医疗机构") if one.payee_kind == "institution" else _("参合人")
