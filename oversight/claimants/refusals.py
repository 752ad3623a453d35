"""What the member's site refuses, in words for someone who does this for the first time."""

from __future__ import annotations

from flask_babel import gettext as _

from chassis.errors import Refusal
from chassis.web.answers import Answer, words_for


class SlipNotGood(Refusal):
    """Card and code do not belong together, or the slip is used, called back or too old. One answer for all."""

    status, key = 422, "slip_not_good"


@words_for(SlipNotGood)
def _slip_not_good(refusal: Refusal) -> Answer:
    return Answer(
        _("激活单对不上"),
        _("请照着卡和激活单再看一遍。激活单只能用一次，30 天内有效；用过或过期的，请到乡镇合管办换一张。"),
    )
