"""Events, states of deliveries, outcomes of tries and refusals in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from chassis.errors import Refusal
from chassis.web.answers import Answer, words_for
from contractor.webhooks.refusals import (
    NothingToReplay,
    SecretChanged,
    SubscriptionOff,
    TargetRefused,
    TooManySubscriptions,
)

EVENT_WORDS = {
    "claim.decided": lazy_gettext("申请已裁定"),
    "claim.sent_back": lazy_gettext("申请退回补材料"),
    "claim.reversed": lazy_gettext("裁定已冲销"),
    "payment.settled": lazy_gettext("款项已付到"),
    "payment.returned": lazy_gettext("款项退回或拒付"),
    "test": lazy_gettext("试推送"),
}
STATE_WORDS = {
    "waiting": (lazy_gettext("等待推送"), "wait"),
    "delivered": (lazy_gettext("已收到"), "ok"),
    "dead": (lazy_gettext("没有推成"), "bad"),
    "dropped": (lazy_gettext("随停用丢弃"), "note"),
}
OUTCOME_WORDS = {
    "answered": lazy_gettext("对方回答"),
    "refused_target": lazy_gettext("地址不在公网，没有发"),
    "unreachable": lazy_gettext("连不上"),
    "untrusted": lazy_gettext("对方的证书不可信，没有发"),
    "timeout": lazy_gettext("超时"),
    "redirected": lazy_gettext("对方要转到别处，没有跟去"),
    "too_long": lazy_gettext("回答太长"),
}
WHY_NOT = {
    "not_https": lazy_gettext("地址要以 https:// 开头。"),
    "not_a_host": lazy_gettext("看不懂这个地址：要主机名和路径，不带用户名、空格和 #。"),
    "unknown_host": lazy_gettext("查不到这个主机名。"),
    "not_public": lazy_gettext("这个地址在内部网络里。只推送到公网。"),
}


@words_for(TargetRefused)
def _target(refusal: Refusal) -> Answer:
    return Answer(_("不能推送到这个地址"), str(WHY_NOT[refusal.facts["why"]]))


@words_for(SubscriptionOff)
def _off(refusal: Refusal) -> Answer:
    return Answer(_("这个推送已经停用"), _("停用的不再启用；要推送请另加一个。"))


@words_for(TooManySubscriptions)
def _too_many(refusal: Refusal) -> Answer:
    return Answer(_("推送太多了"), _("最多同时有 %(most)s 个。请先停用不要的。", most=refusal.facts["most"]))


@words_for(NothingToReplay)
def _nothing(refusal: Refusal) -> Answer:
    return Answer(_("没有可重推的"), _("还在等待的会自己推；随停用丢弃的不再推。"))


@words_for(SecretChanged)
def _secret_changed(refusal: Refusal) -> Answer:
    return Answer(
        _("密钥刚刚换过"), _("现在是第 %(found)s 把。什么都没有改动，请看过再换。", found=refusal.facts["found"])
    )


def overlap_words(hours: int) -> str:
    """How long two secrets are good at once."""
    if not hours:
        return _("立即失效（密钥泄露时选这个）")
    return _("%(count)s 小时", count=hours) if hours < 48 else _("%(count)s 天", count=hours // 24)
