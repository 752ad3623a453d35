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
        _("卡号和激活码对不上，或激活单用过、过期了。请照着再看一遍；不行就到乡镇合管办换一张，不收费。"),
    )
