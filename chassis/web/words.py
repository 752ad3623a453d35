"""The words of the refusals that every room shares."""

from __future__ import annotations

from flask_babel import gettext as _

from chassis.errors import (
    NotAllowed,
    NotFound,
    NotSignedIn,
    NotThisToken,
    Refusal,
    StaleVersion,
    StepUpNeeded,
    TooManyTries,
    UnreadableInput,
)
from chassis.web.answers import Answer, words_for


@words_for(NotSignedIn)
def _not_signed_in(refusal: Refusal) -> Answer:
    return Answer(_("请先登录"), _("您还没有登录，或者登录已经到期。登录后会回到这一页。"))


@words_for(NotAllowed)
def _not_allowed(refusal: Refusal) -> Answer:
    if refusal.facts.get("unfinished"):
        return Answer(_("请先办完登录设置"), _("办完第二重验证和密码设置后，才能看别的页面。"))
    return Answer(_("您的岗位不办这件事"), _("需要办理时，请所在单位的安全保密员授予相应岗位。"))


@words_for(NotThisToken)
def _not_this_token(refusal: Refusal) -> Answer:
    return Answer(
        _("这个令牌不办这件事"),
        _("令牌只开做它时选的部分；只读的令牌什么都不能改。这一件属于 %(room)s。", room=refusal.facts["room"]),
    )


@words_for(NotFound)
def _not_found(refusal: Refusal) -> Answer:
    return Answer(_("没有找到这一页"), _("地址可能有误，或者这条记录不属于您所在的县。请从上方菜单重新进入。"))


@words_for(StepUpNeeded)
def _step_up(refusal: Refusal) -> Answer:
    return Answer(_("请再验证一次身份"), _("这一步涉及钱款或权限，需要您重新验证。"))


@words_for(StaleVersion)
def _stale(refusal: Refusal) -> Answer:
    return Answer(_("别人先改了这一条"), _("您看到的内容已经不是最新的，什么都没有改动。请看过新内容后再办。"))


@words_for(TooManyTries)
def _too_many(refusal: Refusal) -> Answer:
    return Answer(_("尝试次数太多"), _("请等 %(minutes)s 分钟后再试。", minutes=refusal.facts.get("minutes", 15)))


@words_for(UnreadableInput)
def _unreadable(refusal: Refusal) -> Answer:
    return Answer(_("有几处要改"), _("请按每一处的提示改好后再提交，您填的内容还在。"))
