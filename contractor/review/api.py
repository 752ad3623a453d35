"""The reviewers' desk for programs: the queue, the next claim, and every act that the pages offer to a reviewer.

The same verbs under the same law: what waits for a second person waits, whoever may not decide a claim may not by
program either. What the pages do in front of a reviewer before they decide is in `api_desk`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.operations import Ask, JsonBody, Operation
from chassis.api.operations import mount as mount_operations
from chassis.desks import Desk
from chassis.errors import UnreadableInput
from contractor.claims import decisions, escalating
from contractor.claims.api_asking import law_in_force, law_or_none, money, note, require_seen, who
from contractor.claims.api_schemas import ClaimTold
from contractor.claims.api_telling import told_claim, told_head
from contractor.claims.record import whole_claim
from contractor.claims.refusals import AmountChanged
from contractor.claims.sight import sight_of
from contractor.review import api_desk, drafts, leasing
from contractor.review import api_schemas as schemas
from contractor.review.api_desk import reductions_of
from contractor.review.order import cursor_of, place_of
from contractor.review.queue import Asked, Moment, queue_page
from contractor.rules import verdicts
from contractor.second import deciding

Seen = dict[int, int]
Act = Callable[[Session, Ask, Seen], bool]
FUNDS = ("base_fen", "top_up_fen", "serious_fen", "supplementary_fen", "assistance_fen")


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "desk_api", (*OPERATIONS, *api_desk.OPERATIONS))


def tell_queue(session: Session, ask: Ask) -> dict[str, Any]:
    query = ask.query
    after = place_of(query["cursor"])
    if query["cursor"] and after is None:
        raise UnreadableInput(faults={"cursor": ["?"]})
    asked = Asked(**{name: query[name] for name in Asked.__dataclass_fields__})
    moment = Moment(ask.visitor.person_id, ask.at, clock.local_day(ask.at))
    page = queue_page(session, sight_of(ask.visitor), asked, moment, after=after, size=query["limit"])
    return {
        "claims": [told_head(row) for row in page.rows],
        "overtaking": page.overtaking,
        "next": cursor_of(page.next) if page.next else None,
    }


def take_next(session: Session, ask: Ask) -> dict[str, Any]:
    """Raises: NothingWaiting, TooManyInHand."""
    on, county = clock.local_day(ask.at), ask.visitor.county_code
    handed = leasing.next_claim(session, ask.visitor.person_id, county_code=county, at=ask.at, on=on)
    return told_claim(whole_claim(session, sight_of(ask.visitor), handed.claim_id, with_stays=False))


def _take_up(session: Session, ask: Ask, seen: Seen) -> bool:
    decisions.take_up(session, seen, **who(ask))
    return False


def _release(session: Session, ask: Ask, seen: Seen) -> bool:
    decisions.release(session, seen, **who(ask))
    return False


def _reduce(session: Session, ask: Ask, seen: Seen) -> bool:
    decisions.reduce(session, seen, reductions_of(ask.body["lines"]), note=note(ask), **who(ask))
    return False


def _approve(session: Session, ask: Ask, seen: Seen) -> bool:
    """Raises: AmountChanged where the settlement comes to another amount than was shown."""
    law = law_in_force(session, ask)
    if ask.body["lines"]:
        # What is decided on the lines and the approval are one act: both happen, or neither.
        decisions.reduce(session, seen, reductions_of(ask.body["lines"]), **who(ask))
        seen = {claim_id: version + 1 for claim_id, version in seen.items()}
    done = deciding.decide(session, seen, deciding.APPROVE, law=law, note=note(ask), **money(ask))
    expected = ask.body["benefits_fen"]
    for one in done.settled:
        found = sum(getattr(one, name) for name in FUNDS)
        if expected is not None and one.settlement_id is not None and found != expected:
            raise AmountChanged(expected=expected, found=found)
    return bool(done.waiting)


def _refuse(session: Session, ask: Ask, seen: Seen) -> bool:
    law = law_or_none(session, ask)
    given = {"law": law, "reason_code": ask.body["reason_code"], "note": note(ask)} | money(ask)
    return bool(deciding.decide(session, seen, deciding.REFUSE_IT, **given).waiting)


def _send_back(session: Session, ask: Ask, seen: Seen) -> bool:
    on = clock.local_day(ask.at)
    decisions.send_back(session, seen, ask.body["documents"], on=on, note=note(ask), **who(ask))
    return False


def _papers(session: Session, ask: Ask, seen: Seen) -> bool:
    decisions.documents_received(session, seen, note=note(ask), **who(ask))
    return False


def _withdraw(session: Session, ask: Ask, seen: Seen) -> bool:
    decisions.withdraw(session, seen, reason_code=ask.body["reason_code"], note=note(ask), **who(ask))
    return False


def _with_note(verb: Callable[..., None]) -> Act:
    """An act that says why and nothing else."""

    def act(session: Session, ask: Ask, seen: Seen) -> bool:
        verb(session, seen, note=ask.body["note"], **who(ask))
        return False

    return act


def _acting(act: Act, *, ends_draft: bool) -> Callable[..., Mapping[str, Any]]:
    """The act on the claim of the address, which must be in the caller's sight before anything is looked at."""

    def view(session: Session, ask: Ask, claim_id: int) -> Mapping[str, Any]:
        require_seen(session, ask, claim_id)
        waits = act(session, ask, {claim_id: ask.body["version"]})
        if ends_draft:
            said = {one["finding_no"]: one["verdict"] for one in ask.body["verdicts"]}
            drafts.discard(session, claim_id=claim_id, **who(ask))
            verdicts.record(session, ask.visitor.county_code, claim_id, said, by=ask.visitor.person_id, at=ask.at)
        found = whole_claim(session, sight_of(ask.visitor), claim_id, with_stays=False)
        return told_claim(found) | {"waits_for_second": waits}

    return view


_CHANGED = _("申请不在这个状态、版本已变、在别人手上，或不该由您办；什么都没有改动")


def _operation(
    endpoint: str, act: Act, summary: Any, body: Any, description: Any = "", *, ends_draft: bool = False
) -> Operation:
    return Operation(
        endpoint,
        "POST",
        f"/claims/<int:claim_id>/{endpoint.replace('_', '-')}",
        _acting(act, ends_draft=ends_draft),
        summary,
        schemas.Decided(),
        description=description,
        body=JsonBody(body),
        is_once=True,
        refusals={403: _("令牌的岗位不办这件事，或这一件不该由您办"), 409: _CHANGED},
    )


OPERATIONS = (
    Operation(
        "queue",
        "GET",
        "/queue",
        tell_queue,
        _("待审的申请"),
        schemas.QueueTold(),
        description=_("与待审页同样的次序和筛选：快到期的在前，其余按预计损失。一页一页取。"),
        query=schemas.QueueQuery(),
    ),
    Operation(
        "next",
        "POST",
        "/queue/next",
        take_next,
        _("领取下一件"),
        ClaimTold(),
        description=_("由系统挑一件没有人在审、您可以审的；每人拿到的都不同。"),
        is_once=True,
        refusals={409: _("没有可领的，或您手上的已经够多")},
    ),
    _operation("take_up", _take_up, _("领取一件"), schemas.Seen()),
    _operation("release", _release, _("放回待审"), schemas.Seen()),
    _operation(
        "reduce",
        _reduce,
        _("按行减额"),
        schemas.Reducing(),
        _("每一行写共减多少；回答里是重算后的各行。"),
        ends_draft=True,
    ),
    _operation(
        "approve",
        _approve,
        _("核准"),
        schemas.Approval(),
        _("要二审的先记下意见，waits_for_second 为真；手工报销的开始公示。写了 lines 的，先照它减额，再核准。"),
        ends_draft=True,
    ),
    _operation("refuse", _refuse, _("裁定不予补偿"), schemas.Refusing(), ends_draft=True),
    _operation("send_back", _send_back, _("退回补材料"), schemas.SendingBack(), _("材料只能要一次，要一次要齐。")),
    _operation("papers", _papers, _("材料补齐了"), schemas.Noted()),
    _operation("withdraw", _withdraw, _("撤回申请"), schemas.Withdrawing()),
    _operation("refer_up", _with_note(escalating.refer_up), _("请另一位审核员决定"), schemas.SayingWhy()),
    _operation("return_to_reviewer", _with_note(escalating.return_to_reviewer), _("退回初审"), schemas.SayingWhy()),
    _operation("object_to", _with_note(decisions.object_to), _("公示有异议，回到审核"), schemas.SayingWhy()),
    _operation("reopen", _with_note(decisions.reopen), _("重新审核"), schemas.SayingWhy()),
)
