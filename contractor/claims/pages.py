"""The list of claims, and the map of the room.

A reviewer comes every morning to see what is due; a clerk looks for one claim of the person on the telephone; an
institution's clerk wants to know which of theirs were cut. One list, its filters in the address, a page at a time.
"""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, Flask, Response, g, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Row

from chassis import clock
from chassis.desks import Desk
from chassis.exports import FILE_TYPES, MOST_ROWS, Column, write_csv, write_xlsx
from chassis.i18n import language
from chassis.layout.formats import capped
from chassis.people.queries import names_of
from chassis.vault.masking import mask_account
from chassis.visitors import Visitor
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from contractor.claims import pages_decide, pages_import, pages_manual, pages_one, pages_one_draft
from contractor.claims import wording as _wording  # noqa: F401 – registers the words
from contractor.claims.forms import VIEWS, ListRequest, next_values, read_list_request
from contractor.claims.incoming import ROUTES
from contractor.claims.listing import (
    MOST_COUNTED,
    PAGE,
    claims_page,
    counts_of_views,
    institutions_seen,
    rules_found,
)
from contractor.claims.sight import Sight, sight_of
from contractor.claims.words import due_words, route_words, rule_title, shown_finding, state_pill, state_words
from rulebook.lifecycles.claim import S

REVIEWERS = frozenset({"reviewer", "senior", "lead"})
SENDERS = frozenset({"intake", "institution"})


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("claims", __name__, template_folder="templates", url_prefix="/claims")
    at(room, "", "list", {"GET": show_list})
    at(room, "/table.<any(csv, xlsx):file_type>", "export", {"GET": export})
    pages_one.add(room)
    pages_one_draft.add(room)
    pages_decide.add(room)
    app.register_blueprint(room)
    pages_import.mount(app, desk)
    pages_manual.mount(app, desk)


def show_list():
    visitor, today = the_visitor(), clock.local_day(g.at)
    asked = read_list_request(request.args, own_id=visitor.person_id)
    sight = sight_of(visitor)
    with the_database().transaction() as session:
        page = claims_page(session, sight, asked.wanted, after=asked.after)
        counts = counts_of_views(session, sight, VIEWS)
        institutions = institutions_seen(session, sight) if sight.is_whole else []
        rules = rules_found(session, sight) if sight.is_whole else []
        holders = names_of(session, sight.county_code, {row.held_by for row in page.rows if row.held_by})
    first = int(request.args["n"]) if request.args.get("n", "").isdigit() and asked.after else 1
    last = first - 1 + len(page.rows)
    return render_template(
        "claims/list.html",
        action=desk_url("claims.list"),
        fields=_fields(asked, sight, institutions, rules),
        tags=_tags(asked, institutions),
        views=_views(asked, counts, visitor),
        rows=[_row(row, sight, today, holders) for row in page.rows],
        sees_all=sight.is_whole,
        page=page,
        first=first if page.rows else 0,
        last=last if page.rows else 0,
        first_url=desk_url("claims.list", **asked.values()) if asked.after else None,
        next_url=desk_url("claims.list", **next_values(asked, page.next), n=last + 1) if page.next else None,
        keep={"view": asked.view} if asked.view else {},
        is_filtered=bool(asked.values()),
        import_url=desk_url("uploads.send") if visitor.roles & SENDERS else None,
        manual_url=desk_url("manual.form") if "township" in visitor.roles else None,
        exports=[
            (words, desk_url("claims.export", file_type=kind, **asked.values()))
            for kind, words in (("xlsx", _("导出 Excel")), ("csv", _("导出 CSV")))
        ],
    )


def export(file_type: str):
    """The list as it is filtered, at most 50,000 claims; names stay at home, numbers of cards are masked."""
    visitor = the_visitor()
    asked = read_list_request(request.args, own_id=visitor.person_id)
    with the_database().transaction() as session:
        page = claims_page(session, sight_of(visitor), asked.wanted, size=MOST_ROWS, counted=False)
    columns = [
        Column("id", _("编号"), "whole"),
        Column("claim_number", _("申请号")),
        Column("route", _("途径")),
        Column("institution", _("医疗机构")),
        Column("card", _("医疗证号")),
        Column("admitted_on", _("入院"), "day"),
        Column("discharged_on", _("出院"), "day"),
        Column("received_on", _("收到"), "day"),
        Column("charged_fen", _("总费用（元）"), "money"),
        Column("benefits_fen", _("补偿（元）"), "money"),
        Column("state", _("状态")),
    ]
    rows = [
        dict(row._mapping)
        | {
            "route": route_words(row.route),
            "institution": institution_name(row),
            "card": mask_account(row.card_number),
            "state": state_words(row.state),
        }
        for row in page.rows
    ]
    body = write_csv(columns, rows) if file_type == "csv" else write_xlsx(columns, rows, sheet="claims")
    answer = Response(body, content_type=FILE_TYPES[file_type])
    name = f"claims-{visitor.county_code}-{clock.local_day(g.at)}.{file_type}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def institution_name(row: Row) -> str:
    return (row.institution_en if language() == "en" else row.institution_zh) or row.institution_code


def _row(row: Row, sight: Sight, today, holders: dict[int, str]) -> SimpleNamespace:
    return SimpleNamespace(
        id=row.id,
        url=desk_url("claims.claim", claim_id=row.id),
        number=row.claim_number,
        route=route_words(row.route),
        due=due_words(row.due_on, row.state, today),
        name=row.member_name,
        card=mask_account(row.card_number)[-4:],
        institution=institution_name(row),
        diagnosis=row.diagnosis_name or row.diagnosis_code,
        discharged_on=row.discharged_on,
        charged_fen=row.charged_fen,
        benefits_fen=row.benefits_fen,
        finding=shown_finding(row.rule, row.severity, row.finding_count),
        state=state_pill(row.state),
        # Who has it in hand is the insurer's own business.
        holder=holders.get(row.held_by) if sight.is_whole and row.state == "in_review" else None,
    )


def _fields(asked: ListRequest, sight: Sight, institutions, rules) -> list[dict]:
    w = asked.wanted
    whole = _("全部")
    fields = [
        {"name": "q", "label": _("查找"), "kind": "text", "value": w.text, "placeholder": _("申请号、证号、姓名")},
    ]
    if not asked.view:
        states = [(str(state), state_words(str(state))) for state in S]
        fields.append(
            {"name": "state", "label": _("状态"), "kind": "select", "value": w.states[0] if w.states else "",
             "choices": [("", whole), *states]}
        )  # fmt: skip
    fields.append(
        {"name": "route", "label": _("途径"), "kind": "select", "value": w.route,
         "choices": [("", whole), *((route, route_words(route)) for route in ROUTES)]}
    )  # fmt: skip
    if sight.is_whole:
        names = [(one.institution_code, one.name_en if language() == "en" else one.name_zh) for one in institutions]
        fields += [
            {"name": "institution", "label": _("机构"), "kind": "select", "value": w.institution_code,
             "choices": [("", whole), *names]},
            {"name": "rule", "label": _("发现"), "kind": "select", "value": w.rule,
             "choices": [("", whole), *((rule, rule_title(rule)) for rule in rules)]},
        ]  # fmt: skip
    values = asked.values()
    return [
        *fields,
        {"name": "least", "label": _("总费用不低于（元）"), "kind": "number", "value": values.get("least")},
        {"name": "from", "label": _("收到，从"), "kind": "day", "value": values.get("from")},
        {"name": "until", "label": _("到"), "kind": "day", "value": values.get("until")},
        {"name": "order", "label": _("次序"), "kind": "select", "value": w.order,
         "choices": [("newest", _("新收到的在前")), ("due", _("先到期的在前"))]},
    ]  # fmt: skip


def _tags(asked: ListRequest, institutions) -> list[tuple[str, str]]:
    values = asked.values()
    names = {one.institution_code: one.name_en if language() == "en" else one.name_zh for one in institutions}
    said = {
        "q": lambda value: _("查找：%(text)s", text=value),
        "state": lambda value: _("状态：%(state)s", state=state_words(value)),
        "route": lambda value: _("途径：%(route)s", route=route_words(value)),
        "institution": lambda value: _("机构：%(name)s", name=names.get(value, value)),
        "rule": lambda value: _("发现：%(rule)s", rule=rule_title(value)),
        "least": lambda value: _("总费用 ≥ %(amount)s 元", amount=value),
        "from": lambda value: _("收到 %(day)s 起", day=value),
        "until": lambda value: _("收到 %(day)s 止", day=value),
        "file": lambda value: _("文件 %(number)s", number=value),
        "mine": lambda value: _("我手上的"),
    }
    return [
        (words(values[name]), desk_url("claims.list", **asked.values(**{name: ""})))
        for name, words in said.items()
        if name in values
    ]


def _views(asked: ListRequest, counts: dict[str, int], visitor: Visitor) -> list[tuple]:
    names = {
        "to_review": _("待审"),
        "papers": _("待补材料"),
        "notice": _("公示中"),
        "approved": _("已核准"),
        "rejected": _("不予补偿"),
    }
    shown = {view: capped(min(count, MOST_COUNTED), count > MOST_COUNTED) for view, count in counts.items()}
    views = [(_("全部"), desk_url("claims.list"), shown[""], not asked.view and not asked.mine)]
    views += [
        (words, desk_url("claims.list", view=view), shown[view], asked.view == view) for view, words in names.items()
    ]
    if visitor.roles & REVIEWERS:
        views.append((_("我手上的"), desk_url("claims.list", mine=1), None, asked.mine))
    return views


__all__ = ["PAGE", "institution_name", "mount"]
