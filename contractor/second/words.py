"""Grounds, decisions and refusals of second review in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _

from chassis.errors import Refusal
from chassis.web.answers import Answer, words_for
from contractor.claims.refusals import HadASay, TooNear
from contractor.second.refusals import (
    DeclaredBefore,
    LeadDecides,
    NoProposal,
    NoSuchCard,
    NotOneself,
    PolicyInThePast,
    SaysWhy,
)


def ground_words(ground: str) -> str:
    """Why another person decides."""
    return {
        "limit": _("金额达到限额"),
        "household": _("同一户累计达到限额"),
        "payee": _("同一账户累计达到限额"),
        "critical": _("有严重发现"),
        "drawn": _("随机抽中"),
    }.get(ground, ground)


def decided_words(decided: str) -> str:
    return {"approve": _("核准"), "refuse": _("裁定不予补偿"), "return": _("退回初审")}.get(decided, decided)


def relation_words(relation: str) -> str:
    return {"own": _("本人所在户"), "kin": _("近亲属所在户")}.get(relation, relation)


@words_for(TooNear)
def _too_near(refusal: Refusal) -> Answer:
    if refusal.facts.get("is_entered"):
        return Answer(_("这件不能由您办"), _("它是您登记的，请别的审核员办理。"))
    return Answer(_("这件不能由您办"), _("它是您本人或近亲属所在户的申请，请别的审核员办理。"))


@words_for(HadASay)
def _had_a_say(refusal: Refusal) -> Answer:
    return Answer(_("这件不能再由您决定"), _("您已经提出过意见，要由另一位审核员决定。"))


@words_for(NoProposal)
def _no_proposal(refusal: Refusal) -> Answer:
    return Answer(_("没有初审意见"), _("这件是直接移交的，请在申请页面上裁定。"))


@words_for(LeadDecides)
def _lead_decides(refusal: Refusal) -> Answer:
    return Answer(_("由审核主管决定"), _("初审和二审意见不同，现在由审核主管决定。"))


@words_for(SaysWhy)
def _says_why(refusal: Refusal) -> Answer:
    return Answer(_("写下理由"), _("和初审意见不同时，要写明为什么。"))


@words_for(DeclaredBefore)
def _declared_before(refusal: Refusal) -> Answer:
    return Answer(_("已经登记过"), _("这个人和这一户已经登记在下面。"))


@words_for(NoSuchCard)
def _no_such_card(refusal: Refusal) -> Answer:
    return Answer(_("没有这个证号"), _("登记里没有这个证号，请核对后再填。"))


@words_for(NotOneself)
def _not_oneself(refusal: Refusal) -> Answer:
    return Answer(_("不能登记自己的"), _("您自己的，请另一位系统管理员办理。"))


@words_for(PolicyInThePast)
def _in_the_past(refusal: Refusal) -> Answer:
    return Answer(_("起始日已经过去"), _("二审规定只能从今天或以后的一天起。"))
