"""Kinds, states and refusals of corrections and appeals in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _

from chassis.errors import Refusal
from chassis.web.answers import Answer, words_for
from contractor.corrections.refusals import (
    AppealDecided,
    AppealLate,
    AppealOpen,
    CorrectionChanged,
    CorrectionEnded,
    CorrectionPending,
    NotByTheSamePerson,
    NothingToAppeal,
    NothingToCorrect,
)
from contractor.payments.taking_back import PaymentOnItsWay


def kind_words(kind: str) -> str:
    return {"reversal": _("冲销"), "reprice": _("重新计价"), "readjudication": _("重新核算")}.get(kind, kind)


def filer_words(filed_by: str) -> str:
    return {"member": _("参合人"), "institution": _("医疗机构"), "county": _("县合管办")}.get(filed_by, filed_by)


def outcome_pill(outcome: str | None) -> tuple[str, str]:
    return {"upheld": (_("申诉成立"), "ok"), "dismissed": (_("申诉不成立"), "bad")}.get(
        outcome or "", (_("等答复"), "wait")
    )


def state_pill(row) -> tuple[str, str]:
    if row.confirmed_at is not None:
        return _("已生效"), "ok"
    return (_("已放弃"), "note") if row.withdrawn_at is not None else (_("等另一人确认"), "wait")


@words_for(NothingToCorrect)
def _nothing(refusal: Refusal) -> Answer:
    return Answer(_("没有要更正的"), _("按现在的方案和目录重算，没有一件的金额会变。"))


@words_for(CorrectionChanged)
def _changed(refusal: Refusal) -> Answer:
    return Answer(_("内容已经变了"), _("这些申请或同一年度的别的申请刚刚变过。请重新预览，再请另一人确认。"))


@words_for(CorrectionEnded)
def _ended(refusal: Refusal) -> Answer:
    return Answer(_("这一笔更正已经结束"), _("它已经生效或已经放弃，什么都没有改动。"))


@words_for(CorrectionPending)
def _pending(refusal: Refusal) -> Answer:
    return Answer(
        _("已有一笔更正在等确认"),
        _("其中有同一件申请。先确认或放弃那一笔（第 %(n)s 号）。", n=refusal.facts["correction_id"]),
    )


@words_for(NotByTheSamePerson)
def _same(refusal: Refusal) -> Answer:
    return Answer(_("要由另一个人办"), _("提出、登记或原来决定的人，不能再确认。"))


@words_for(AppealOpen)
def _open(refusal: Refusal) -> Answer:
    return Answer(_("这件已有申诉在等答复"), _("答复以后才能再登记。"))


@words_for(AppealLate)
def _late(refusal: Refusal) -> Answer:
    told = _(
        "申诉最晚在 %(by)s 提出，书面日期是 %(on)s。有正当理由的，由审核主管写明理由后受理。",
        by=refusal.facts["file_by_on"], on=refusal.facts["filed_on"],
    )  # fmt: skip
    return Answer(_("申诉过了期限"), told)


@words_for(AppealDecided)
def _decided(refusal: Refusal) -> Answer:
    return Answer(_("这件申诉已经答复"), _("什么都没有改动。"))


@words_for(NothingToAppeal)
def _nothing_to_appeal(refusal: Refusal) -> Answer:
    return Answer(_("这件还没有裁定"), _("裁定以后才能申诉。"))


@words_for(PaymentOnItsWay)
def _on_its_way(refusal: Refusal) -> Answer:
    return Answer(_("有款项正在支付或被退回"), _("先等银行答复，或在支付页面处理退回的款项，再更正。"))
