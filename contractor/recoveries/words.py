"""Ways, states and refusals of repayments in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _

from chassis.errors import Refusal
from chassis.web.answers import Answer, words_for
from contractor.recoveries.refusals import (
    ArrivedTomorrow,
    ConfirmedByAnother,
    EvidenceUsed,
    MoreThanOwed,
    RepaymentEnded,
)
from contractor.recoveries.tables import Repayment
from rulebook.money import yuan_text


def way_words(way: str) -> str:
    return {"bank_credit": _("银行转入"), "cash_deposit": _("现金缴存银行")}.get(way, way)


def repayment_pill(row: Repayment) -> tuple[str, str]:
    if row.confirmed_at is not None:
        return _("已入账"), "ok"
    return (_("已放弃"), "note") if row.withdrawn_at is not None else (_("等另一人确认"), "wait")


def debt_pill(open_fen: int, waiting_fen: int) -> tuple[str, str]:
    if not open_fen:
        return _("已收回"), "ok"
    return (_("有退款等确认"), "wait") if waiting_fen else (_("未收回"), "bad")


@words_for(MoreThanOwed)
def _more(refusal: Refusal) -> Answer:
    told = _(
        "还应退回 %(open)s 元，其中 %(waiting)s 元已登记、等另一人确认。",
        open=yuan_text(refusal.facts["open_fen"]),
        waiting=yuan_text(refusal.facts["waiting_fen"]),
    )
    return Answer(_("比应退回的多"), told)


@words_for(EvidenceUsed)
def _used(refusal: Refusal) -> Answer:
    told = _("这一笔应退款上，同一个凭证号已登记 %(amount)s 元。", amount=yuan_text(refusal.facts["amount_fen"]))
    return Answer(_("这个凭证号已经用过"), told)


@words_for(ArrivedTomorrow)
def _tomorrow(refusal: Refusal) -> Answer:
    return Answer(_("到账日在今天以后"), _("钱到了才登记。请照回单上的日期填。"))


@words_for(RepaymentEnded)
def _ended(refusal: Refusal) -> Answer:
    return Answer(_("这一笔退款已经入账或放弃"), _("什么都没有改动。"))


@words_for(ConfirmedByAnother)
def _another(refusal: Refusal) -> Answer:
    return Answer(_("要由另一个人确认"), _("您登记的，请另一位复核员对照回单确认。"))
