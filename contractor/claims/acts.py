"""What a person may do with a claim in its state: who, from where, with which words. The verbs are in `decisions`."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import Row

from chassis.authorisation import matrix
from chassis.visitors import Visitor
from chassis.web.current import desk_url
from rulebook.lifecycles.claim import CLAIM, E, S
from rulebook.lifecycles.lifecycle import IllegalMove


@dataclass(frozen=True)
class Act:
    key: str
    event: E
    label: Any
    """On the button that leads to it; a lazy translation."""
    follows: Any
    """What happens afterwards, in one sentence; a lazy translation."""
    kind: str = "plain"
    letter: str | None = None

    def is_open(self, record: Row) -> bool:
        """Whether the table of moves has it from the claim's state."""
        try:
            CLAIM.after(S(record.state), self.event_for(record))
        except IllegalMove:
            return False
        return True

    def event_for(self, record: Row) -> E:
        return E.NOTICE_BEGUN if self.event is E.APPROVED and record.route == "manual" else self.event


ACTS = {
    act.key: act
    for act in (
        Act(
            "take_up",
            E.TAKEN_UP,
            lazy_gettext("领取"),
            lazy_gettext("这件由您审核。页面开着就在您手上；关了半小时，别人可以领取。"),
            "primary",
            "N",
        ),
        Act("release", E.RELEASED, lazy_gettext("放回待审"), lazy_gettext("放回待审，别人可以领取。")),
        Act(
            "withdraw",
            E.WITHDRAWN,
            lazy_gettext("撤回申请"),
            lazy_gettext("申请到此为止，不再审核。要补偿须重新报送，用新的申请号。"),
        ),
        Act(
            "send_back",
            E.SENT_BACK,
            lazy_gettext("退回补材料"),
            lazy_gettext("材料只能一次要齐。申请人在期限内补齐后再审；逾期不补，不予补偿。"),
            letter="B",
        ),
        Act(
            "papers",
            E.DOCUMENTS_RECEIVED,
            lazy_gettext("材料补齐了"),
            lazy_gettext("回到审核。"),
            "primary",
        ),
        Act(
            "reduce",
            E.REDUCED,
            lazy_gettext("减额"),
            lazy_gettext("按行减额并重算。直补的减额由医疗机构承担，不向参合人收取。"),
        ),
        Act(
            "refer_up",
            E.REFERRED_UP,
            lazy_gettext("移交二审"),
            lazy_gettext("由另一位审核员裁定；您不再能裁定这一件。"),
            letter="E",
        ),
        Act(
            "return_to_reviewer",
            E.RETURNED_TO_REVIEWER,
            lazy_gettext("退回初审"),
            lazy_gettext("回到审核，由初审的人接着办。"),
        ),
        Act(
            "refuse",
            E.REJECTED,
            lazy_gettext("裁定不予补偿"),
            lazy_gettext("申请人会收到理由和申诉的办法；申诉成立可以重新审核。"),
            "bad",
            "R",
        ),
        Act(
            "object_to",
            E.OBJECTED,
            lazy_gettext("公示有异议"),
            lazy_gettext("公示停止，回到审核；还没有付款。"),
            "bad",
        ),
        Act("reopen", E.REOPENED, lazy_gettext("申诉成立"), lazy_gettext("回到审核，重新裁定。")),
        Act(
            "approve",
            E.APPROVED,
            lazy_gettext("核准"),
            lazy_gettext("金额记入本年度结算，付款随即排入批次；要改只能冲销后重新裁定。"),
            "primary",
            "A",
        ),
    )
}


SELDOM = frozenset({"release", "withdraw", "reduce"})
"""They stand in the head of the page, so that the bar holds the decision alone."""


OF_WHOEVER_DECIDES = frozenset(
    {"take_up", "release", "send_back", "reduce", "refer_up", "return_to_reviewer", "refuse", "approve"}
)


def offered(record: Row, visitor: Visitor, *, is_closed: bool = False) -> list[SimpleNamespace]:
    """The acts open to this visitor on this claim, the primary one last.

    Args:
        is_closed: the claim is not theirs to decide.
    """
    rules = matrix()
    own = [
        act
        for act in ACTS.values()
        if not (
            is_closed and act.key in OF_WHOEVER_DECIDES and not (act.key == "take_up" and _may_choose(record, visitor))
        )
        and act.is_open(record)
        and rules.rules["contractor", f"claims.{act.key}", "POST"].admits(visitor.roles)
    ]
    return [
        SimpleNamespace(
            label=_("开始公示") if act.event_for(record) is E.NOTICE_BEGUN else act.label,
            url=desk_url(f"claims.{act.key}", claim_id=record.id),
            kind=act.kind,
            letter=act.letter,
            is_in_bar=act.key not in SELDOM,
            key=act.key,
        )
        for act in sorted(own, key=lambda act: act.kind == "primary")
    ]


def _may_choose(record: Row, visitor: Visitor) -> bool:
    """In second review the system hands claims out; the lead may also take one they choose."""
    return record.state == S.IN_SECOND_REVIEW and "lead" in visitor.roles
