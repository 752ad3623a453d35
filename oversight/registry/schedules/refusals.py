"""What entering and confirming a schedule refuses, and what the reader can do then."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from chassis.errors import Refusal
from chassis.web.answers import Answer, words_for


class ApprovedInTheFuture(Refusal):
    """The committee's decision bears a day that has not come. Facts: `approved_on`, `today`."""

    key = "approved_in_the_future"


class LawIsNotChangedBackwards(Refusal):
    """Days that another schedule rules already are not given another law afterwards. Facts: `document`, `today`."""

    key = "law_is_not_changed_backwards"


class ConfirmedByAnother(Refusal):
    """Whoever entered a decision does not confirm it."""

    status, key = 403, "confirmed_by_another"


class ApprovalNotInThisState(Refusal):
    """It was confirmed, withdrawn, or is in force. Facts: `expected`, `found`."""

    key = "approval_not_in_this_state"


class CorrectsNothing(Refusal):
    """The corrected version says the same as the wrong one. Facts: `document`."""

    key = "corrects_nothing"


class CorrectionWaits(Refusal):
    """Another correction of the same schedule waits for the director. Facts: `document`."""

    key = "correction_waits"


class LawMovedOn(Refusal):
    """Since this was entered another schedule has come into the place it would take. Facts: `document`."""

    key = "law_moved_on"


@words_for(ApprovedInTheFuture)
def _future(refusal: Any) -> Answer:
    return Answer(_("批准日还没有到"), _("委员会的批准日不能晚于今天 %(today)s。", today=refusal.facts["today"]))


@words_for(LawIsNotChangedBackwards)
def _backwards(refusal: Any) -> Answer:
    return Answer(
        _("已经适用过的日子不能改方案"),
        _(
            "这些日子已适用“%(document)s”。新方案最早从明天起生效，今天是 %(today)s。"
            "那一版有错的，在它的页面登记更正。",
            document=refusal.facts["document"],
            today=refusal.facts["today"],
        ),
    )


@words_for(ConfirmedByAnother)
def _another(refusal: Any) -> Answer:
    return Answer(_("要由另一个人确认"), _("您登记的，不能由您自己确认。请主任登录后与文件核对。"))


@words_for(ApprovalNotInThisState)
def _state(refusal: Any) -> Answer:
    return Answer(
        _("这项批准已经不是原来的状态"), _("什么都没有改动。已生效的方案不能撤回：由新方案接替，有错的登记更正。")
    )


@words_for(LawMovedOn)
def _moved(refusal: Any) -> Answer:
    return Answer(
        _("登记以后现行方案变了"),
        _("它要接替的方案已经不是“%(document)s”。请撤回，看过现行方案后重新登记。", document=refusal.facts["document"]),
    )


@words_for(CorrectsNothing)
def _same(refusal: Any) -> Answer:
    return Answer(
        _("内容和要更正的一样"),
        _("选的方案与“%(document)s”的内容指纹相同，没有更正什么。", document=refusal.facts["document"]),
    )


@words_for(CorrectionWaits)
def _waits(refusal: Any) -> Answer:
    return Answer(
        _("已有一项更正等主任确认"),
        _("“%(document)s”也更正这一版。先确认或撤回它。", document=refusal.facts["document"]),
    )
