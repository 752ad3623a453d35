"""How the books' room says what it refuses, in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from chassis.errors import Refusal
from chassis.web.answers import Answer, words_for
from contractor.ledger.refusals import (
    AdvanceIsSpent,
    AdvanceOfTomorrow,
    AdvanceTakenBack,
    BooksNotOpen,
    ReferenceMisspelt,
    ReferenceUsed,
)
from rulebook.money import yuan_text

KINDS = {
    "advance_received": lazy_gettext("收到周转金"),
    "advance_taken_back": lazy_gettext("周转金错记，冲回"),
    "batch_released": lazy_gettext("批次发出"),
    "release_taken_back": lazy_gettext("批次未发出，冲回"),
    "payments_confirmed": lazy_gettext("银行确认支付"),
    "payments_refused": lazy_gettext("银行拒付"),
    "payments_returned": lazy_gettext("退票"),
    "return_cancelled": lazy_gettext("退回款不再支付"),
    "repayment_received": lazy_gettext("收到退回的款"),
    "debts_set_off": lazy_gettext("应退回的抵新的裁定"),
}


@words_for(BooksNotOpen)
def _not_open(refusal: Refusal) -> Answer:
    return Answer(_("账簿还没有开"), _("请主管先在“开通支付”里开立账簿，再登记到账。"))


@words_for(AdvanceOfTomorrow)
def _tomorrow(refusal: Refusal) -> Answer:
    return Answer(_("到账日在今天以后"), _("钱到了才登记。请照银行对账单上的日期填。"))


@words_for(ReferenceMisspelt)
def _misspelt(refusal: Refusal) -> Answer:
    return Answer(_("流水号写得不对"), _("照银行对账单写 3 到 60 个字母或数字，可以有点、横线和下划线。"))


@words_for(ReferenceUsed)
def _used(refusal: Refusal) -> Answer:
    said = _(
        "这个流水号已登记 %(amount)s 元，%(on)s 到账。那一笔若记错了，先冲回再登记。",
        amount=yuan_text(refusal.facts["amount_fen"]),
        on=refusal.facts["on"],
    )
    return Answer(_("这个流水号已经用过"), said)


@words_for(AdvanceTakenBack)
def _taken_back(refusal: Refusal) -> Answer:
    return Answer(_("这一笔已经冲回"), _("什么都没有改动。要重新登记，用同一个流水号再记一次。"))


@words_for(AdvanceIsSpent)
def _spent(refusal: Refusal) -> Answer:
    said = _(
        "专户只有 %(held)s 元，冲回要 %(amount)s 元：这笔钱已经付出去一部分。请先登记后来到账的钱，再冲回。",
        held=yuan_text(refusal.facts["held_fen"]),
        amount=yuan_text(refusal.facts["amount_fen"]),
    )
    return Answer(_("现在冲不回"), said)
