"""The settlement statement of an institution, month by month: to read, to print, to take along.

The institution's accountant comes after the month's end and lays it beside their own books: what was decided on each
claim, what was cut and why, what they advanced, what has been paid. The insurer's clerk opens the same when they ring.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Flask, Response, g, make_response, render_template, request
from flask_babel import gettext as _

from chassis import clock
from chassis.desks import Desk
from chassis.exports import FILE_TYPES, Column, write_csv, write_xlsx
from chassis.i18n import language
from chassis.vault.masking import mask_account
from chassis.visitors import Visitor
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from contractor.claims.listing import institutions_seen
from contractor.claims.reasons import reduction_words
from contractor.claims.sight import Sight, sight_of
from contractor.claims.words import route_words
from contractor.statements.periods import Month, month_of, read_month
from contractor.statements.queries import months_with_decisions, statement, totals


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("statements", __name__, template_folder="templates", url_prefix="/statements")
    at(room, "", "page", {"GET": show})
    at(room, "/table.<any(csv, xlsx):file_type>", "export", {"GET": export})
    app.register_blueprint(room)


def show():
    found = _asked(the_visitor())
    response = make_response(
        render_template(
            "statements/page.html",
            action=desk_url("statements.page"),
            institutions=found.institutions,
            institution=found.code,
            name=found.name,
            may_choose=found.may_choose,
            month=found.month.text,
            months=[(month, month) for month in found.months],
            rows=[_row(row) for row in found.rows],
            sums=totals(found.rows),
            exports=[
                (words, desk_url("statements.export", file_type=kind, institution=found.code, month=found.month.text))
                for kind, words in (("xlsx", _("导出 Excel")), ("csv", _("导出 CSV")))
            ]
            if found.code
            else [],
        )
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def export(file_type: str):
    visitor = the_visitor()
    found = _asked(visitor)
    columns = [
        Column("claim_number", _("申请号")),
        Column("route", _("途径")),
        Column("what", _("裁定")),
        Column("decided_on", _("裁定日"), "day"),
        Column("card", _("医疗证号")),
        Column("discharged_on", _("出院"), "day"),
        Column("charged_fen", _("总费用（元）"), "money"),
        Column("institution_reduced_fen", _("机构审减（元）"), "money"),
        Column("taken_off_fen", _("审核减去（元）"), "money"),
        Column("reasons", _("减额的理由")),
        Column("benefits_fen", _("补偿（元）"), "money"),
        Column("advanced_fen", _("机构垫付（元）"), "money"),
        Column("due_fen", _("应付机构（元）"), "money"),
        Column("paid_fen", _("已付（元）"), "money"),
    ]
    rows = [vars(_row(row)) for row in found.rows]
    body = write_csv(columns, rows) if file_type == "csv" else write_xlsx(columns, rows, sheet="statement")
    answer = Response(body, content_type=FILE_TYPES[file_type])
    name = f"statement-{visitor.county_code}-{found.code or 'none'}-{found.month.text}.{file_type}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _asked(visitor: Visitor) -> SimpleNamespace:
    """The statement the address asks for; an institution has its own whatever the address says."""
    sight = sight_of(visitor)
    month = read_month(request.args.get("month", "")) or month_of(clock.local_day(g.at))
    with the_database().transaction() as session:
        listed = institutions_seen(session, Sight(visitor.county_code))
        names = {one.institution_code: one.name_en if language() == "en" else one.name_zh for one in listed}
        code = sight.institution_code if not sight.is_whole else request.args.get("institution", "")
        if sight.is_whole and code not in names:
            code = ""
        rows: Any = []
        months: list[str] = []
        if code:
            span = {"begins_at": month.begins_at, "ends_at": month.ends_at}
            rows = statement(session, visitor.county_code, code, **span)
            months = [Month(day).text for day in months_with_decisions(session, visitor.county_code, code)]
    if month.text not in months:
        months = sorted({month.text, *months}, reverse=True)
    return SimpleNamespace(
        institutions=[("", _("请选一个机构")), *names.items()],
        may_choose=sight.is_whole,
        code=code or "",
        name=names.get(code or "", code or ""),
        month=month,
        months=months,
        rows=rows,
    )


def _row(row) -> SimpleNamespace:
    sign = -1 if row.is_reversal else 1
    return SimpleNamespace(
        claim_number=row.claim_number,
        url=desk_url("claims.claim", claim_id=row.claim_id),
        route=route_words(row.route),
        what=_("已冲销") if row.is_reversal else _("已核准"),
        is_reversal=row.is_reversal,
        decided_on=clock.local_day(row.at),
        name=row.member_name,
        card=mask_account(row.card_number),
        discharged_on=row.discharged_on,
        charged_fen=sign * row.charged_fen,
        institution_reduced_fen=sign * row.institution_reduced_fen,
        taken_off_fen=sign * row.taken_off_fen,
        reasons="、".join(reduction_words(code) for code in row.reasons or []),
        benefits_fen=row.benefits_fen,
        advanced_fen=sign * row.advanced_fen,
        due_fen=row.due_fen,
        paid_fen=row.paid_fen,
    )
