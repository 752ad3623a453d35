"""The reviewers' desk for programs: the queue, the next claim, and every act that the pages offer to a reviewer.

The same verbs under the same law: what waits for a second person waits, whoever may not decide a claim may not by
program either. Seniors and leads sign with a security key and therefore have no tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import MOST_ID
from chassis.api.operations import Ask, JsonBody, Operation
from chassis.api.operations import mount as mount_operations
from chassis.desks import Desk
from chassis.errors import NotFound, Refusal, UnreadableInput
from chassis.web.current import the_house
from contractor.claims import decisions, escalating
from contractor.claims.api_schemas import ClaimTold
from contractor.claims.api_telling import told_claim, told_head
from contractor.claims.decisions import Reduction
from contractor.claims.listing import heads
from contractor.claims.record import whole_claim
from contractor.claims.refusals import AmountChanged
from contractor.claims.sight import sight_of
from contractor.law.loading import law_of
from contractor.review import api_schemas as schemas
from contractor.review import leasing
from contractor.review.order import cursor_of, place_of
from contractor.review.queue import Asked, Moment, queue_page
from contractor.second import deciding
from rulebook.refusals import Refused

Seen = dict[int, int]
Act = Callable[[Session, Ask, Seen], bool]
FUNDS = ("base_fen", "top_up_fen", "serious_fen", "supplementary_fen", "assistance_fen")


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "desk_api", OPERATIONS)


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
    on = clock.local_day(ask.at)
    county = ask.visitor.county_code
    handed = leasing.next_claim(session, ask.visitor.person_id, county_code=county, at=ask.at, on=on)
    return told_claim(whole_claim(session, sight_of(ask.visitor), handed.claim_id, with_stays=False))


def _take_up(session: Session, ask: Ask, seen: Seen) -> bool:
    decisions.take_up(session, seen, **_who(ask))
    return False


def _release(session: Session, ask: Ask, seen: Seen) -> bool:
    decisions.release(session, seen, **_who(ask))
    return False


def _reduce(session: Session, ask: Ask, seen: Seen) -> bool:
    reductions = [Reduction(**line) for line in ask.body["lines"]]
    if len({one.line_no for one in reductions}) < len(reductions):
        raise UnreadableInput(faults={"lines": [_("同一行写了两次")]})
    decisions.reduce(session, seen, reductions, note=_note(ask), **_who(ask))
    return False


def _approve(session: Session, ask: Ask, seen: Seen) -> bool:
    """Raises: AmountChanged where the settlement comes to another amount than was shown."""
    law = law_of(session, ask.visitor.county_code, is_production=the_house().settings.is_production)
    done = deciding.decide(session, seen, deciding.APPROVE, law=law, note=_note(ask), **_money(ask))
    expected = ask.body["benefits_fen"]
    for one in done.settled:
        found = sum(getattr(one, name) for name in FUNDS)
        if expected is not None and one.settlement_id is not None and found != expected:
            raise AmountChanged(expected=expected, found=found)
    return bool(done.waiting)


def _refuse(session: Session, ask: Ask, seen: Seen) -> bool:
    # A county without a law refuses all the same: no law is needed to say that nothing is owed.
    try:
        law = law_of(session, ask.visitor.county_code, is_production=the_house().settings.is_production)
    except (Refusal, Refused):
        law = decisions.NO_LAW
    given = {"law": law, "reason_code": ask.body["reason_code"], "note": _note(ask)} | _money(ask)
    return bool(deciding.decide(session, seen, deciding.REFUSE_IT, **given).waiting)


def _send_back(session: Session, ask: Ask, seen: Seen) -> bool:
    on = clock.local_day(ask.at)
    decisions.send_back(session, seen, ask.body["documents"], on=on, note=_note(ask), **_who(ask))
    return False


def _papers(session: Session, ask: Ask, seen: Seen) -> bool:
    decisions.documents_received(session, seen, note=_note(ask), **_who(ask))
    return False


def _withdraw(session: Session, ask: Ask, seen: Seen) -> bool:
    decisions.withdraw(session, seen, reason_code=ask.body["reason_code"], note=_note(ask), **_who(ask))
    return False


def _refer_up(session: Session, ask: Ask, seen: Seen) -> bool:
    escalating.refer_up(session, seen, note=ask.body["note"], **_who(ask))
    return False


def _acting(act: Act) -> Callable[..., Mapping[str, Any]]:
    """The act on the claim of the address, which must be in the caller's sight before anything is looked at."""

    def view(session: Session, ask: Ask, claim_id: int) -> Mapping[str, Any]:
        sight = sight_of(ask.visitor)
        if not 0 < claim_id <= MOST_ID or not heads(session, sight, [claim_id]):
            raise NotFound(kind="claim")
        waits = act(session, ask, {claim_id: ask.body["version"]})
        return told_claim(whole_claim(session, sight, claim_id, with_stays=False)) | {"waits_for_second": waits}

    return view


def _who(ask: Ask) -> dict[str, Any]:
    return {"county_code": ask.visitor.county_code, "by": ask.visitor.person_id, "at": ask.at}


def _money(ask: Ask) -> dict[str, Any]:
    return _who(ask) | {"keyring": the_house().keyring, "on": clock.local_day(ask.at)}


def _note(ask: Ask) -> str | None:
    return ask.body["note"] or None


_CHANGED = _("申请不在这个状态、版本已变、在别人手上，或不该由您办；什么都没有改动")


def _operation(endpoint: str, act: Act, summary: Any, body: Any, description: Any = "") -> Operation:
    return Operation(
        endpoint,
        "POST",
        f"/claims/<int:claim_id>/{endpoint.replace('_', '-')}",
        _acting(act),
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
    _operation("reduce", _reduce, _("按行减额"), schemas.Reducing(), _("每一行写共减多少；回答里是重算后的各行。")),
    _operation(
        "approve",
        _approve,
        _("核准"),
        schemas.Approval(),
        _("要二审的先记下意见，waits_for_second 为真；手工报销的开始公示。"),
    ),
    _operation("refuse", _refuse, _("裁定不予补偿"), schemas.Refusing()),
    _operation("send_back", _send_back, _("退回补材料"), schemas.SendingBack(), _("材料只能要一次，要一次要齐。")),
    _operation("papers", _papers, _("材料补齐了"), schemas.Noted()),
    _operation("withdraw", _withdraw, _("撤回申请"), schemas.Withdrawing()),
    _operation("refer_up", _refer_up, _("请另一位审核员决定"), schemas.ReferUp()),
)
