"""Thresholds, verdicts and refusals of the rules in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from chassis.errors import Refusal
from chassis.i18n import language
from chassis.layout.formats import yuan
from chassis.web.answers import Answer, words_for
from contractor.rules.refusals import (
    HeldByLaw,
    NothingChanges,
    NotPreviewed,
    NotSuspended,
    PreviewTooLong,
    SuspendedBefore,
    ThresholdInThePast,
    ThresholdOutOfRange,
)
from rulebook.checks import Card

THRESHOLDS = {
    "above_hundredths": lazy_gettext("高出几个标准差（百分之一）"),
    "chronic_days": lazy_gettext("慢性病最多几日的药"),
    "chronic_days_a_box": lazy_gettext("慢性病一盒几日"),
    "claims": lazy_gettext("至少几件"),
    "days": lazy_gettext("几日以内"),
    "days_a_box": lazy_gettext("一盒几日"),
    "deviation_ppm": lazy_gettext("平均绝对偏差（百万分之一）"),
    "drug_percent": lazy_gettext("药费占百分之几以上"),
    "extra_days": lazy_gettext("床位日可以多几日"),
    "from_hour": lazy_gettext("几时起"),
    "institutions": lazy_gettext("至少几家机构"),
    "least_admissions": lazy_gettext("至少几次入院才比"),
    "least_claims": lazy_gettext("至少几件才比"),
    "least_days": lazy_gettext("至少住几日"),
    "least_stays": lazy_gettext("至少几次住院才比"),
    "least_years_of_mothers": lazy_gettext("产妇至少几岁"),
    "limit_fen": lazy_gettext("限额"),
    "minutes": lazy_gettext("几分钟以内"),
    "most_days": lazy_gettext("最多住几日"),
    "most_fen": lazy_gettext("金额以上"),
    "most_years_of_children": lazy_gettext("儿童最多几岁"),
    "most_years_of_mothers": lazy_gettext("产妇最多几岁"),
    "operations": lazy_gettext("一日最多几台"),
    "people": lazy_gettext("几人"),
    "percent": lazy_gettext("百分之几"),
    "percentile": lazy_gettext("第几百分位"),
    "sample": lazy_gettext("抽几件"),
    "share_ppm": lazy_gettext("占比（百万分之一）"),
    "similarity_percent": lazy_gettext("相似百分之几以下"),
    "small_group": lazy_gettext("少于几例用中位数"),
    "strict_days": lazy_gettext("严格规则的几日"),
    "tests": lazy_gettext("几项大型检查"),
    "total_fen": lazy_gettext("总费用以上"),
    "units": lazy_gettext("几个单位以上"),
    "until_hour": lazy_gettext("到几时"),
    "up_to_hundredths": lazy_gettext("最多几个标准差（百分之一）"),
}


def threshold_words(name: str) -> str:
    return str(THRESHOLDS.get(name, name))


def value_words(name: str, value: int) -> str:
    return _("%(amount)s 元", amount=yuan(value)) if name.endswith("_fen") else str(value)


def question_words(card: Card) -> str:
    return card.question_en if language() == "en" else card.question


def effect_words(effect: str) -> str:
    return {"refuses": _("按登记拒付"), "waits": _("等人审核"), "tells": _("只提示")}[effect]


def verdict_words(verdict: str) -> str:
    return {"confirmed": _("属实"), "false_alarm": _("误报"), "unclear": _("看不清")}.get(verdict, verdict)


@words_for(ThresholdInThePast)
def _in_the_past(refusal: Refusal) -> Answer:
    return Answer(_("起始日已经过去"), _("阈值只能从今天或以后的一天起。"))


@words_for(ThresholdOutOfRange)
def _out_of_range(refusal: Refusal) -> Answer:
    least, most = (value_words(refusal.facts["name"], refusal.facts[one]) for one in ("least", "most"))
    return Answer(_("没有这样的阈值"), _("从 %(least)s 到 %(most)s。", least=least, most=most))


@words_for(NothingChanges)
def _nothing_changes(refusal: Refusal) -> Answer:
    return Answer(_("没有变化"), _("那一天已经是这个数。"))


@words_for(NotPreviewed)
def _not_previewed(refusal: Refusal) -> Answer:
    return Answer(_("请先预览"), _("改的是预览过的那个数；预览一小时内有效，请再预览一次。"))


@words_for(HeldByLaw)
def _held_by_law(refusal: Refusal) -> Answer:
    return Answer(_("这一条不能停用或改动"), _("它是方案和登记要求的，不由县里决定。"))


@words_for(SuspendedBefore)
def _suspended_before(refusal: Refusal) -> Answer:
    return Answer(_("已经停用"), _("别人刚刚停用了它。"))


@words_for(NotSuspended)
def _not_suspended(refusal: Refusal) -> Answer:
    return Answer(_("没有停用"), _("别人刚刚恢复了它。"))


@words_for(PreviewTooLong)
def _too_long(refusal: Refusal) -> Answer:
    return Answer(_("预览没有算完"), _("这一条要看全年的住院，现在太忙。请过一会儿再试；什么都没有改动。"))
