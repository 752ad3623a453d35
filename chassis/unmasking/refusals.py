"""What an unmasking is refused for, and what the reader can do then."""

from __future__ import annotations

from flask_babel import gettext as _

from chassis.errors import Refusal
from chassis.web.answers import Answer, words_for


class ReasonTooShort(Refusal):
    """Facts: `least` and `found`, in characters."""

    status, key = 422, "reason_too_short"


class ReasonTooLong(Refusal):
    """Facts: `most` and `found`, in characters."""

    status, key = 422, "reason_too_long"


class QuotaUsedUp(Refusal):
    """This person has looked at as many numbers today as one person may. Facts: `quota`."""

    status, key = 429, "unmasking_quota_used_up"


@words_for(ReasonTooShort)
def _too_short(refusal: Refusal) -> Answer:
    return Answer(
        _("理由写得太短"),
        _("请写清为什么要看全号码，至少 %(least)s 个字；现在是 %(found)s 个。", **refusal.facts),
    )


@words_for(ReasonTooLong)
def _too_long(refusal: Refusal) -> Answer:
    return Answer(_("理由写得太长"), _("请把理由写短些，最多 %(most)s 个字；现在是 %(found)s 个。", **refusal.facts))


@words_for(QuotaUsedUp)
def _used_up(refusal: Refusal) -> Answer:
    return Answer(
        _("今天看全号码的次数用完了"),
        _(
            "每人每天最多看 %(quota)s 次，明天零点重新计。急办的请换一位同事办，并告诉安全保密员。",
            quota=refusal.facts["quota"],
        ),
    )
