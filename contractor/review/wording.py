"""The words of what the queue refuses."""

from __future__ import annotations

from flask_babel import gettext as _

from chassis.errors import Refusal
from chassis.web.answers import Answer, words_for
from contractor.review.refusals import HoldOver, NobodyToHandTo, NothingWaiting, TooManyInHand, TooManyViews


@words_for(NothingWaiting)
def _nothing_waiting(refusal: Refusal) -> Answer:
    return Answer(_("现在没有可以领取的申请"), _("待审的都有人在审，或按规定不能由您审。有新的会排进待审。"))


@words_for(TooManyInHand)
def _too_many_in_hand(refusal: Refusal) -> Answer:
    count = refusal.facts["held_count"]
    return Answer(_("您手上已有 %(count)s 件", count=count), _("先裁定几件，或放回待审，再领取。"))


@words_for(HoldOver)
def _hold_over(refusal: Refusal) -> Answer:
    return Answer(_("这件不在您手上了"), _("已经裁定，或由别人接手。写的还在页面上；看看现在到了哪一步。"))


@words_for(TooManyViews)
def _too_many_views(refusal: Refusal) -> Answer:
    return Answer(_("已存了 %(count)s 个视图", count=refusal.facts["view_count"]), _("先去掉一个再存。"))


@words_for(NobodyToHandTo)
def _nobody_to_hand_to(refusal: Refusal) -> Answer:
    return Answer(_("没有转"), _("请选另一位审核人员，或放回待审。"))
