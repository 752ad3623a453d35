"""The filters of the queue in the reader's language: the fields above the list, and a tag for each that is on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from chassis.i18n import language
from chassis.web.current import desk_url
from contractor.claims.incoming import ROUTES
from contractor.claims.words import route_words, rule_title, state_words
from contractor.review.forms import HANDS, STATES, TERMS, QueueRequest
from rulebook.checks import all_cards


def fields_of(request: QueueRequest, institutions: Sequence[Row]) -> list[dict[str, Any]]:
    asked, whole = request.asked, ("", _("全部"))
    return [
        {"name": "q", "label": _("查找"), "kind": "text", "value": asked.text,
         "placeholder": _("申请号、证号、姓名")},
        {"name": "term", "label": _("期限"), "kind": "select", "value": asked.term,
         "choices": [whole, *((one, _term(one)) for one in TERMS)]},
        {"name": "hand", "label": _("谁在审"), "kind": "select", "value": asked.hand,
         "choices": [whole, *((one, _hand(one)) for one in HANDS)]},
        {"name": "state", "label": _("状态"), "kind": "select", "value": asked.state,
         "choices": [whole, *((one, state_words(one)) for one in STATES)]},
        {"name": "route", "label": _("途径"), "kind": "select", "value": asked.route,
         "choices": [whole, *((one, route_words(one)) for one in ROUTES)]},
        {"name": "institution", "label": _("机构"), "kind": "select", "value": asked.institution_code,
         "choices": [whole, *((one.institution_code, _name(one)) for one in institutions)]},
        {"name": "rule", "label": _("发现"), "kind": "select", "value": asked.rule,
         "choices": [whole, *_rules(language())]},
        {"name": "least", "label": _("预计损失 ≥（元）"), "kind": "number", "value": request.values().get("least")},
    ]  # fmt: skip


@cache
def _rules(_language: str) -> list[tuple[str, str]]:
    """Every rule by its title: what a check is called changes with the house and not with the request."""
    return [(key, rule_title(key)) for key in sorted(all_cards())]


def tags_of(request: QueueRequest, institutions: Sequence[Row]) -> list[tuple[str, str]]:
    """(what is on, the address without it)."""
    names = {one.institution_code: _name(one) for one in institutions}
    told = {
        "q": lambda value: _("查找：%(text)s", text=value),
        "term": lambda value: _("期限：%(term)s", term=_term(value)),
        "hand": lambda value: _("谁在审：%(hand)s", hand=_hand(value)),
        "state": lambda value: _("状态：%(state)s", state=state_words(value)),
        "route": lambda value: _("途径：%(route)s", route=route_words(value)),
        "institution": lambda value: _("机构：%(name)s", name=names.get(value, value)),
        "rule": lambda value: _("发现：%(rule)s", rule=rule_title(value)),
        "least": lambda value: _("预计损失 ≥ %(amount)s 元", amount=value),
    }
    return [
        (told[name](value), desk_url("review.queue", **request.values(**{name: ""})))
        for name, value in request.values().items()
    ]


def _term(term: str) -> str:
    return {"late": _("已逾期"), "soon": _("逾期和马上到期"), "unknown": _("期限未知")}[term]


def _hand(hand: str) -> str:
    return {"free": _("没有人在审"), "mine": _("我在审"), "held": _("有人在审")}[hand]


def _name(institution: Row) -> str:
    return institution.name_en if language() == "en" else institution.name_zh
