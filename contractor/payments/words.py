"""How the payments' room says what it shows and refuses, in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from chassis import terms
from chassis.errors import Refusal
from chassis.layout.formats import instant as shown_instant
from chassis.terms import FUNDS
from chassis.web.answers import Answer, words_for
from contractor.payments.refusals import (
    BankMayHaveIt,
    BatchNotInThisState,
    CheckedByAnother,
    CountyNotEntered,
    ExceptionClosed,
    NothingToBatch,
    PayeeWithoutAccount,
    PaymentNotInThisState,
)

__all__ = [
    "BATCH_EVENTS",
    "BATCH_STATES",
    "EXCEPTIONS",
    "FUNDS",
    "MESSAGES",
    "PAYEES",
    "PAYMENT_STATES",
    "shown_instant",
]

PAYEES = {"institution": lazy_gettext("医疗机构"), "member": lazy_gettext("参合人")}
BATCH_STATES = {
    "draft": (lazy_gettext("草稿"), "note"),
    "submitted": (lazy_gettext("待复核"), "wait"),
    "approved": (lazy_gettext("已核准"), "ok"),
    "sending": (lazy_gettext("发送中"), "wait"),
    "sent": (lazy_gettext("银行已接收"), "note"),
    "in_doubt": (lazy_gettext("待银行查证"), "bad"),
    "settled": (lazy_gettext("已结清"), "ok"),
    "discarded": (lazy_gettext("已作废"), "note"),
}
PAYMENT_STATE_KINDS = {
    "planned": "note",
    "in_batch": "note",
    "sent": "wait",
    "in_doubt": "bad",
    "paid": "ok",
    "refused_by_bank": "bad",
    "returned": "bad",
    "cancelled": "note",
    "reissued": "note",
}
PAYMENT_STATES = {state: (word, PAYMENT_STATE_KINDS[state]) for state, word in terms.PAYMENT_STATES.items()}
BATCH_EVENTS = {
    "submitted": lazy_gettext("提交复核"),
    "sent_back": lazy_gettext("退回制单人"),
    "approved": lazy_gettext("核准"),
    "approval_withdrawn": lazy_gettext("撤回核准"),
    "sending_begun": lazy_gettext("开始发送"),
    "taken_by_bank": lazy_gettext("银行接收"),
    "answer_missing": lazy_gettext("未得回执"),
    "not_taken_by_bank": lazy_gettext("银行未接收"),
    "all_lines_answered": lazy_gettext("全部回执到齐"),
    "discarded": lazy_gettext("作废"),
}
EXCEPTIONS = {
    "account_short": lazy_gettext("账户余额不够付这一批"),
    "house_restored": lazy_gettext("数据库从备份恢复过，发送前要与银行核对"),
    "file_refused": lazy_gettext("银行整个文件不收"),
    "receipt_differs": lazy_gettext("银行收到的笔数或金额不同"),
    "unknown_message": lazy_gettext("银行回执指向一个没有发过的文件"),
    "unreadable_file": lazy_gettext("银行来的文件读不出"),
    "message_differs": lazy_gettext("同名文件第二次来，内容不同"),
    "unknown_payment": lazy_gettext("银行说的这笔支付不认识"),
    "amount_differs": lazy_gettext("银行回的金额与发出的不同"),
    "never_sent": lazy_gettext("还没有发出就有回执"),
    "answers_contradict": lazy_gettext("银行前后说法不一"),
    "paid_twice": lazy_gettext("对账单上付了两次"),
    "answer_missing": lazy_gettext("到期没有回执"),
    "parity": lazy_gettext("夜间四方核对不一致"),
}
MESSAGES = {
    "pain001": lazy_gettext("付款文件（pain.001）"),
    "csv": lazy_gettext("付款文件（CSV）"),
    "pain002": lazy_gettext("逐笔回执（pain.002）"),
    "camt053": lazy_gettext("银行对账单（camt.053）"),
    "answer_csv": lazy_gettext("逐笔回执（CSV）"),
    "taken": lazy_gettext("接收回执"),
}


@words_for(CountyNotEntered)
def _no_county(refusal: Refusal) -> Answer:
    return Answer(
        _("登记簿里没有这个县"), _("请县医保局先登记 %(county)s，再开通支付。", county=refusal.facts["county"])
    )


@words_for(BatchNotInThisState)
def _batch_state(refusal: Refusal) -> Answer:
    state = BATCH_STATES[refusal.facts["state"]][0]
    return Answer(_("这一批现在不能这样办"), _("它现在是“%(state)s”。什么都没有改动，请看过再办。", state=state))


@words_for(PaymentNotInThisState)
def _payment_state(refusal: Refusal) -> Answer:
    state = PAYMENT_STATES[refusal.facts["state"]][0]
    return Answer(_("这一笔现在不能这样办"), _("它现在是“%(state)s”。什么都没有改动，请看过再办。", state=state))


@words_for(CheckedByAnother)
def _by_another(refusal: Refusal) -> Answer:
    return Answer(_("要由另一个人复核"), _("制单、提交或补发过其中一笔的人不能核准这一批。请另一位复核员办理。"))


@words_for(NothingToBatch)
def _nothing(refusal: Refusal) -> Answer:
    return Answer(_("没有可组批的支付"), _("可能刚被另一位出纳编进了批次。请看过清单再办。"))


@words_for(PayeeWithoutAccount)
def _no_account(refusal: Refusal) -> Answer:
    return Answer(
        _("没有收款账户"),
        _("涉及 %(count)s 件申请。请先登记医疗机构或参合人的账户，再裁定。", count=len(refusal.facts["claims"])),
    )


@words_for(BankMayHaveIt)
def _may_have_it(refusal: Refusal) -> Answer:
    return Answer(
        _("银行可能已有这一批"),
        _("文件发出过，银行没有整批拒收，撤回核准可能付两次。请等银行回执，或先与银行核对。"),
    )


@words_for(ExceptionClosed)
def _closed(refusal: Refusal) -> Answer:
    return Answer(_("别人已经办结"), _("这一条异常已由另一位同事办结，什么都没有改动。"))
