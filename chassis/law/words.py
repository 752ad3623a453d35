"""What the rulebook refuses, in words for the reader: it sits below every app and has none of its own."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from chassis.i18n import language
from chassis.law.approved import AlteredApproval
from chassis.web.answers import Answer, words_for
from rulebook.periods import EmptyPeriod
from rulebook.registry import GapBetweenVersions, NotApproved, OverlappingVersions
from rulebook.schedule import AlteredSchedule, NotInForce, UnknownSchedule
from rulebook.schedule_files import FaultySchedule, schedules_on_file


@words_for(FaultySchedule)
def _faulty(refusal: Any) -> Answer:
    """All faults at once, each by file, line and article."""
    facts = tuple(
        (f"{fault.file}:{fault.line}", fault.fault + (f" ({fault.article})" if fault.article else ""))
        for fault in refusal.facts["faults"]
    )
    return Answer(
        _("方案文件有错：%(folder)s", folder=refusal.facts["folder"]),
        _("下面逐条写明哪个文件、哪一行、依据哪一条。全部改好以前，这个方案不能送批，已批准的方案不受影响。"),
        facts,
    )


@words_for(AlteredSchedule)
def _altered(refusal: Any) -> Answer:
    return Answer(
        _("方案内容与批准的不一致，不能使用"),
        _("保存的方案文本被改过。没有按它算任何一笔钱。请马上告诉系统管理员和合管办主任，并保留这一页。"),
        ((_("批准的内容指纹"), refusal.facts["expected"]), (_("现在的内容指纹"), refusal.facts["found"])),
    )


@words_for(AlteredApproval)
def _altered_approval(refusal: Any) -> Answer:
    return Answer(
        _("批准记录与当时确认的不一致，不能使用"),
        _(
            "“%(document)s”的记录在确认以后被改过。请马上告诉系统管理员和合管办主任。",
            document=refusal.facts["document"],
        ),
        ((_("确认时的指纹"), refusal.facts["expected"]), (_("现在的指纹"), refusal.facts["found"])),
    )


@words_for(OverlappingVersions)
def _overlapping(refusal: Any) -> Answer:
    return Answer(
        _("有的日子会有两个方案"),
        _("“%(first)s”和“%(second)s”的有效期有重叠。请改日期，或先撤回还没有生效的那一个。", **_documents(refusal)),
    )


@words_for(GapBetweenVersions)
def _gap(refusal: Any) -> Answer:
    return Answer(
        _("有的日子会没有方案"),
        _("“%(first)s”和“%(second)s”之间有空缺。后一个要从前一个停用的那天起。", **_documents(refusal)),
    )


@words_for(NotApproved)
def _not_approved(refusal: Any) -> Answer:
    return Answer(_("没有经批准的补偿方案"), _("本县管理委员会还没有批准适用于这一天的方案。批准并确认后才能计算。"))


@words_for(NotInForce)
def _not_in_force(refusal: Any) -> Answer:
    return Answer(
        _("这一天还没有这条规则"),
        _(
            "方案在 %(day)s 没有“%(rule)s”（%(article)s），缺了它不能计算。请把生效日改到规则开始之后。",
            day=refusal.facts["day"],
            rule=_title(refusal.facts["scheme"], refusal.facts["rule"]),
            article=refusal.article or _("没有写条款"),
        ),
    )


@words_for(UnknownSchedule)
def _unknown(refusal: Any) -> Answer:
    return Answer(_("没有这个方案"), _("这里没有内容指纹为 %(hash)s 的方案。", hash=refusal.facts["content_hash"][:16]))


@words_for(EmptyPeriod)
def _empty(refusal: Any) -> Answer:
    return Answer(_("停用日要在生效日之后"), _("停用日是方案不再有效的第一天，所以至少要晚一天。"))


def _title(scheme: str, rule: str) -> str:
    """The rule by its title, where its schedule is on file."""
    try:
        found = schedules_on_file()[scheme].rules[rule]
    except (FaultySchedule, KeyError):
        return rule
    return found.title_en if language() == "en" else found.title


def _documents(refusal: Any) -> dict[str, str]:
    return {"first": refusal.facts["first"], "second": refusal.facts["second"]}
