"""The words of what sign-in and its neighbours refuse."""

from __future__ import annotations

from flask_babel import gettext as _

from chassis.errors import Refusal
from chassis.identity.refusals import (
    InvitationGone,
    KeyNotAccepted,
    NameTaken,
    NotInThisState,
    NotOneself,
    PendingGone,
    ProofMissing,
    WeakPassword,
    WrongSecret,
)
from chassis.web.answers import Answer, words_for


@words_for(InvitationGone)
def _invitation_gone(refusal: Refusal) -> Answer:
    return Answer(_("这个邀请地址打不开了"), _("它已经用过、到期或被收回。请让本单位的管理员再发一次。"))


@words_for(PendingGone)
def _pending_gone(refusal: Refusal) -> Answer:
    return Answer(_("请重新登录"), _("第二重验证超过了时间或次数。请从登录页重新开始。"))


@words_for(WrongSecret)
def _wrong_secret(refusal: Refusal) -> Answer:
    return Answer(_("密码或验证码不对"), _("什么都没有改动。请核对后再试。"))


@words_for(WeakPassword)
def _weak_password(refusal: Refusal) -> Answer:
    return Answer(_("这个密码不能用"), _("请按提示换一个。现在的密码没有变。"))


@words_for(KeyNotAccepted)
def _key_not_accepted(refusal: Refusal) -> Answer:
    return Answer(_("这把安全密钥没有通过核对"), _("什么都没有改动。请再试一次，或换一把登记过的安全密钥。"))


@words_for(ProofMissing)
def _proof_missing(refusal: Refusal) -> Answer:
    return Answer(
        _("没有对这份内容的身份确认"), _("内容变了、确认过了时间，或已经用过。什么都没有改动，请看过内容后再确认。")
    )


@words_for(NotOneself)
def _not_oneself(refusal: Refusal) -> Answer:
    return Answer(_("不能办自己的账号"), _("请由另一位管理员办理。"))


@words_for(NameTaken)
def _name_taken(refusal: Refusal) -> Answer:
    if refusal.facts.get("field") == "identity_number":
        return Answer(_("这个人已有账号"), _("同一个人在本县只能有一个账号。请在人员名单里查找。"))
    return Answer(_("这个登录名已有人用"), _("请换一个登录名。"))


@words_for(NotInThisState)
def _not_in_this_state(refusal: Refusal) -> Answer:
    return Answer(_("账号现在的状态不能这样办"), _("什么都没有改动。请刷新后看账号现在的状态。"))
