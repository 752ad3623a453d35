"""What changing people and their roles refuses, and what the reader can do then."""

from __future__ import annotations

from flask_babel import gettext as _

from chassis.errors import Refusal
from chassis.web.answers import Answer, words_for
from chassis.web.frame import role_words


class RolesExclude(Refusal):
    """The person, under this account or another of theirs, has a role that excludes this one. Facts: `role`, `held`."""

    key = "roles_exclude"


class RoleHeldAlready(Refusal):
    """The person has this role, or it has been proposed for them and waits. Facts: `role`."""

    key = "role_held_already"


class RoleNotHere(Refusal):
    """The role is not one of this desk, or not one of a county (of a city). Facts: `role`."""

    key = "role_not_here"


class SecondPersonNeeded(Refusal):
    """Whoever proposed a role does not decide on it."""

    status, key = 403, "second_person_needed"


class GrantNotInThisState(Refusal):
    """The grant was decided or has ended. Facts: `expected`, `found`."""

    key = "grant_not_in_this_state"


class ShownOtherwise(Refusal):
    """What the person confirmed is not what stands there now."""

    key = "shown_otherwise"


class RecoveredLately(Refusal):
    """One of the two officers took their account back within the last days. Facts: `hours`."""

    status, key = 403, "recovered_lately"


class NoOpenInvitation(Refusal):
    """There is no invitation that could be withdrawn."""

    key = "no_open_invitation"


class NotYoursToRecover(Refusal):
    """A security officer's account is taken back through the administrator, everybody else's through an officer."""

    status, key = 403, "not_yours_to_recover"


class DeskHasPeople(Refusal):
    """The first people of a desk are installed once, where it has nobody."""

    key = "desk_has_people"


class NotTheFirstPeople(Refusal):
    """The first people of a desk are one administrator, two security officers and one log auditor."""

    key = "not_the_first_people"


@words_for(RolesExclude)
def _exclude(refusal: Refusal) -> Answer:
    role, held = role_words([refusal.facts["role"]]), role_words([refusal.facts["held"]])
    return Answer(
        _("这两个岗位不能由一个人担任"),
        _(
            "这个人已有或正在申请“%(held)s”，与“%(role)s”互斥。要换岗，请先结束原岗位再提议。",
            held=held,
            role=role,
        ),
    )


@words_for(RoleHeldAlready)
def _held(refusal: Refusal) -> Answer:
    return Answer(_("这个人已有这个岗位"), _("或者已经有人提议，正等第二人确认。请看这个人的岗位记录。"))


@words_for(RoleNotHere)
def _not_here(refusal: Refusal) -> Answer:
    return Answer(_("这里没有这个岗位"), _("请从列表里选本席位的岗位。"))


@words_for(SecondPersonNeeded)
def _second(refusal: Refusal) -> Answer:
    return Answer(_("要由另一位安全保密员决定"), _("您提议的，不能由您自己确认。请另一位安全保密员登录后办理。"))


@words_for(GrantNotInThisState)
def _grant_state(refusal: Refusal) -> Answer:
    return Answer(_("这项授权已经不是原来的状态"), _("别人先办了。什么都没有改动，请刷新后看现在的状态。"))


@words_for(ShownOtherwise)
def _shown(refusal: Refusal) -> Answer:
    return Answer(_("内容在您看的时候变了"), _("什么都没有改动。请把新内容看一遍，再抄写新的指纹。"))


@words_for(RecoveredLately)
def _recovered(refusal: Refusal) -> Answer:
    return Answer(
        _("刚恢复的账号还不能参与授权"),
        _(
            "提议人或您的账号在 %(hours)s 小时内恢复过。过了这段时间再办，或由另外两位安全保密员办理。",
            hours=refusal.facts["hours"],
        ),
    )


@words_for(NoOpenInvitation)
def _no_invitation(refusal: Refusal) -> Answer:
    return Answer(_("没有可收回的邀请"), _("邀请已经用过、到期或收回。"))


@words_for(NotYoursToRecover)
def _not_yours(refusal: Refusal) -> Answer:
    return Answer(_("这个账号要由别人恢复"), _("安全保密员的账号由系统管理员恢复，其余人员的账号由安全保密员恢复。"))


@words_for(DeskHasPeople)
def _has_people(refusal: Refusal) -> Answer:
    return Answer(_("这个席位已经有人"), _("首批人员只能装一次。之后由系统管理员邀请，两位安全保密员授予岗位。"))


@words_for(NotTheFirstPeople)
def _not_first(refusal: Refusal) -> Answer:
    return Answer(_("首批人员不对"), _("首批人员是系统管理员一人、安全保密员两人、安全审计员一人。"))
