"""The rules that look at claims: what each asks, how often it hit, how often it was right. The lead sets thresholds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import SimpleNamespace

from flask import Blueprint, Flask, Response, g, render_template, request
from flask_babel import gettext as _

from chassis import clock
from chassis.desks import Desk
from chassis.exports import FILE_TYPES, Column, write_csv, write_xlsx
from chassis.visitors import Visitor
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from contractor.claims.words import SEVERITIES, rule_title
from contractor.rules import pages_afterwards, pages_one, queries, words
from contractor.rules.queries import Judged
from contractor.rules.suspending import is_imprecise
from rulebook.checks import Card

SHOWS = ("all", "suspended", "imprecise", "changed", "judged")
EFFECTS = ("waits", "tells", "refuses")


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("rules", __name__, template_folder="templates", url_prefix="/rules")
    at(room, "", "page", {"GET": show})
    at(room, "/export/<any(csv, xlsx):file_type>", "export", {"GET": export})
    pages_afterwards.add(room)
    pages_one.add(room)
    app.register_blueprint(room)


def show():
    visitor = the_visitor()
    asked = _asked(request.args)
    rows = [row for row in _rows(visitor) if _is_wanted(row, asked)]
    return render_template(
        "rules/page.html",
        rows=rows,
        filters=_filters(asked),
        is_filtered=asked != _asked({}),
        afterwards_url=desk_url("rules.afterwards") if "lead" in visitor.roles else None,
        here=desk_url("rules.page"),
        exports=[
            (label, desk_url("rules.export", file_type=kind, **asked))
            for kind, label in (("xlsx", _("导出 Excel")), ("csv", _("导出 CSV")))
        ],
    )


def export(file_type: str):
    visitor = the_visitor()
    asked = _asked(request.args)
    columns = [
        Column("rule", _("规则")),
        Column("title", _("名称")),
        Column("question", _("问题")),
        Column("law", _("依据")),
        Column("hits", _("发现"), "whole"),
        Column("confirmed", _("属实"), "whole"),
        Column("false", _("误报"), "whole"),
        Column("unclear", _("看不清"), "whole"),
        Column("percent", _("准确率（%）"), "whole"),
        Column("changed_on", _("最近改动"), "day"),
        Column("state", _("状态")),
    ]
    told = [vars(row) for row in _rows(visitor) if _is_wanted(row, asked)]
    body = write_csv(columns, told) if file_type == "csv" else write_xlsx(columns, told, sheet="rules")
    answer = Response(body, content_type=FILE_TYPES[file_type])
    name = f"rules-{visitor.county_code}-{clock.local_day(g.at)}.{file_type}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _rows(visitor: Visitor) -> list[SimpleNamespace]:
    today = clock.local_day(g.at)
    with the_database().transaction() as session:
        county = visitor.county_code
        cards = queries.cards_in_force(session, county, today)
        hits, judged = queries.hits(session, county), queries.judged(session, county)
        changed = {one.rule: clock.local_day(one.set_at) for one in reversed(queries.changes(session, county))}
        suspended = {one.rule for one in queries.suspensions(session, county) if one.ended_at is None}
    return [
        _row(card, hits.get(key, 0), judged.get(key, Judged()), changed.get(key), key in suspended, today)
        for key, card in sorted(cards.items())
    ]


def _row(
    card: Card, hits: int, judged: Judged, changed_on: dt.date | None, is_suspended: bool, today: dt.date
) -> SimpleNamespace:
    reviewed = judged.confirmed + judged.false
    state = (_("停用，只提示"), "wait") if is_suspended else (words.effect_words(card.effect), None)
    return SimpleNamespace(
        rule=card.key,
        title=rule_title(card.key),
        badge={"code": card.key if card.key[1:].isdigit() else "§", "name": rule_title(card.key),
               "severity": SEVERITIES[card.severity]},
        url=desk_url("rules.rule", rule=card.key),
        question=words.question_words(card),
        law=card.law_on(today),
        hits=hits,
        confirmed=judged.confirmed,
        false=judged.false,
        unclear=judged.unclear,
        reviewed=reviewed,
        percent=judged.confirmed * 100 // reviewed if reviewed else None,
        is_imprecise=is_imprecise(judged),
        changed_on=changed_on,
        is_suspended=is_suspended,
        effect=card.effect,
        pill=state,
        state=state[0],
    )  # fmt: skip


def _asked(args: Mapping[str, str]) -> dict[str, str]:
    show_, effect = args.get("show", ""), args.get("effect", "")
    return {
        "show": show_ if show_ in SHOWS else "all",
        "effect": effect if effect in EFFECTS else "",
        "q": args.get("q", "").strip()[:40],
    }


def _is_wanted(row: SimpleNamespace, asked: Mapping[str, str]) -> bool:
    text = f"{row.rule} {row.title} {row.question}".casefold()
    is_shown = {
        "all": True,
        "suspended": row.is_suspended,
        "imprecise": row.is_imprecise,
        "changed": row.changed_on is not None,
        "judged": row.reviewed > 0,
    }[asked["show"]]
    return is_shown and asked["effect"] in ("", row.effect) and asked["q"].casefold() in text


def _filters(asked: Mapping[str, str]) -> list[dict]:
    shows = (_("全部"), _("停用的"), _("准确率低的"), _("改过阈值的"), _("核实过的"))
    return [
        {"name": "show", "label": _("看"), "kind": "select", "value": asked["show"],
         "choices": list(zip(SHOWS, shows, strict=True))},
        {"name": "effect", "label": _("后果"), "kind": "select", "value": asked["effect"],
         "choices": [("", _("全部")), *((one, words.effect_words(one)) for one in EFFECTS)]},
        {"name": "q", "label": _("查找"), "kind": "text", "value": asked["q"]},
    ]  # fmt: skip
