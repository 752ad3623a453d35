"""The words of what the doors for programs refuse."""

from __future__ import annotations

from flask_babel import gettext as _

from chassis.api.refusals import (
    KeyMissing,
    KeyReused,
    NoSuchRooms,
    RequestInFlight,
    TooLongALife,
    TooManyRequests,
    TooManyTokens,
    UnreadableBody,
    WrongContentType,
)
from chassis.errors import Refusal
from chassis.web.answers import Answer, words_for


@words_for(KeyMissing)
def _key_missing(refusal: Refusal) -> Answer:
    return Answer(
        _("缺少请求编号"), _("有后果的请求要带请求头 Idempotency-Key：8 至 100 个可见的 ASCII 字符，一次请求一个。")
    )


@words_for(KeyReused)
def _key_reused(refusal: Refusal) -> Answer:
    return Answer(_("这个请求编号已用于另一份内容"), _("什么都没有做。内容不同的请求请换一个编号。"))


@words_for(RequestInFlight)
def _in_flight(refusal: Refusal) -> Answer:
    return Answer(_("同一个请求正在办理"), _("请一秒后用同一个编号再问，会得到它的结果。"))


@words_for(UnreadableBody)
def _unreadable(refusal: Refusal) -> Answer:
    why = {
        "not_json": _("内容不是 JSON，或不是 UTF-8。"),
        "too_deep": _("JSON 嵌套太深。"),
        "repeated_name": _("JSON 的同一个对象里有重复的名字。"),
        "not_a_number": _("JSON 里有 NaN 或无穷大。"),
        "empty": _("没有内容。"),
    }
    return Answer(_("看不懂发来的内容"), why[refusal.facts["why"]] + _("什么都没有改动。"))


@words_for(WrongContentType)
def _content_type(refusal: Refusal) -> Answer:
    expected = "、".join(refusal.facts["expected"])
    return Answer(_("内容类型不对"), _("请用 Content-Type：%(expected)s。", expected=expected))


@words_for(TooManyTokens)
def _too_many(refusal: Refusal) -> Answer:
    return Answer(
        _("您的接口令牌太多了"), _("一个人最多同时有 %(most)s 个。请先收回不用的。", most=refusal.facts["most"])
    )


@words_for(NoSuchRooms)
def _no_rooms(refusal: Refusal) -> Answer:
    return Answer(_("没有选这个岗位能办的部分"), _("至少选一个部分；这个岗位不办的选了也没有用。"))


@words_for(TooLongALife)
def _too_long_a_life(refusal: Refusal) -> Answer:
    return Answer(_("有效期太长"), _("用安全密钥的岗位，令牌最多 %(most)s 天。", most=refusal.facts["most_days"]))


@words_for(TooManyRequests)
def _too_often(refusal: Refusal) -> Answer:
    facts = refusal.facts
    text = _(
        "一个令牌一分钟最多 %(most)s 次。请过 %(seconds)s 秒再问；成批的申请请用文件报送。",
        most=facts["most"],
        seconds=facts["retry_after_seconds"],
    )
    return Answer(_("问得太频繁了"), text)
