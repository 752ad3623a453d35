"""The trade's words that both desks say of the same thing: states, events, funds, classes, prices.

One sentence for one thing, so that what the insurer's page calls it is what the county's page calls it. A value that
has no word here, because it was written by a later or an earlier release, is shown as its name.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

Words = Mapping[str, LazyString]

CLAIM_STATES: Words = {
    "received": _("已收到"),
    "in_review": _("审核中"),
    "awaiting_documents": _("待补材料"),
    "in_second_review": _("二审中"),
    "on_public_notice": _("公示中"),
    "approved": _("已核准"),
    "rejected": _("不予补偿"),
    "withdrawn": _("已撤回"),
    "reversed": _("已冲销"),
}
CLAIM_EVENTS: Words = {
    "taken_up": _("已领取"),
    "released": _("已放回"),
    "sent_back": _("已退回补材料"),
    "documents_received": _("材料补齐"),
    "documents_overdue": _("补材料逾期"),
    "reduced": _("已减额"),
    "referred_up": _("移交二审"),
    "returned_to_reviewer": _("退回初审"),
    "disputed": _("二审意见不同"),
    "approved": _("已核准"),
    "approved_by_rule": _("按规则核准"),
    "notice_begun": _("开始公示"),
    "notice_ended": _("公示期满无异议"),
    "objected": _("公示有异议"),
    "rejected": _("已裁定不予补偿"),
    "rejected_by_rule": _("按规则不予补偿"),
    "reopened": _("申诉成立，重新审核"),
    "withdrawn": _("申请人撤回"),
    "reversed": _("已冲销"),
    "repriced": _("重新计价"),
    "readjudicated": _("重新核算"),
}
ROUTES: Words = {"direct": _("直补"), "manual": _("手工"), "outpatient": _("门诊")}
PAYMENT_STATES: Words = {
    "planned": _("待组批"),
    "in_batch": _("已组批"),
    "sent": _("已发送银行"),
    "in_doubt": _("待银行查证"),
    "paid": _("已支付"),
    "refused_by_bank": _("银行拒付"),
    "returned": _("已退回"),
    "cancelled": _("已取消"),
    "reissued": _("已重发"),
}
FUNDS: Words = {
    "pooled": _("统筹基金"),
    "serious": _("大病保险"),
    "supplementary": _("补充保险"),
    "household_account": _("家庭账户"),
}
CLASSES = {0: _("目录外"), 1: _("甲类"), 2: _("乙类"), 3: _("丙类")}


def term(words: Words, value: str) -> str:
    """The word for a value; the value itself where there is none."""
    return str(words[value]) if value in words else value


def class_words(catalogue_class: int) -> str:
    return str(CLASSES.get(catalogue_class, catalogue_class))


def price_words(price_e4: int) -> str:
    """A unit price: two decimals at least, four where it has them."""
    whole, part = divmod(price_e4, 10_000)
    decimals = f"{part:04d}"
    return f"{whole:,}.{decimals[:2]}{decimals[2:].rstrip('0')}"


def quantity_words(quantity_e4: int) -> str:
    """2.5 of something, without the zeros that say nothing."""
    whole, part = divmod(quantity_e4, 10_000)
    return f"{whole:,}" + (f".{part:04d}".rstrip("0") if part else "")
