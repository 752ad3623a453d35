"""Second review for programs: what waits for another person, what was proposed and why, and that person's yes or no.

The person behind the token is who decides: not the first reviewer, not of the household, the lead after a
disagreement. Verbs and database hold it as they do for the pages.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import Given, Told, Whole, Words
from chassis.api.operations import Ask, JsonBody, Operation
from chassis.api.operations import mount as mount_operations
from chassis.desks import Desk
from chassis.errors import UnreadableInput
from contractor.claims.api_asking import law_or_none, money, note, require_seen
from contractor.claims.api_schemas import ClaimTold
from contractor.claims.api_telling import told_claim
from contractor.claims.record import whole_claim
from contractor.claims.sight import sight_of
from contractor.review import leasing
from contractor.second import deciding, queries
from contractor.second.forms import LONGEST_NOTE
from rulebook.reasons import REFUSE

DECIDED = (deciding.APPROVE, deciding.REFUSE_IT, deciding.RETURN)
MOST_VERSION = 2**31 - 1
_OF_POLICY = (
    "from_on", "limit_fen", "household_limit_fen", "payee_limit_fen", "rolling_days", "is_on_critical", "share_ppm",
    "note",
)  # fmt: skip
_COUNTS = ("judged_count", "drawn_count", "referred_count")


class Opinion(Given):
    version = Whole(required=True, most=MOST_VERSION, metadata={"description": _("看到的版本；已被改动的申请回答 409")})
    decided = fields.String(
        required=True,
        validate=validate.OneOf(DECIDED, error=_("没有这个代号")),
        metadata={"description": _("与初审相同的即生效；不同的要写 note，转审核主管；return 退回初审")},
    )
    reason_code = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(tuple(REFUSE), error=_("没有这个代号")),
        metadata={"description": _("不予补偿的要填")},
    )
    note = Words(load_default="", shortest=0, longest=LONGEST_NOTE)


class WaitingForSecond(Told):
    claim_id = fields.Integer(required=True, attribute="id")
    claim_number = fields.String(required=True)
    received_on = fields.Date(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    proposed = fields.String(required=True, allow_none=True, metadata={"description": _("初审意见；直接移交的为空")})
    stake_fen = fields.Integer(required=True, allow_none=True)
    grounds = fields.List(fields.String(), required=True, metadata={"description": _("为什么要二审")})
    proposed_at = fields.AwareDateTime(required=True, allow_none=True)
    is_disputed = fields.Boolean(required=True, metadata={"description": _("两人意见不同，由审核主管决定")})
    is_own = fields.Boolean(required=True, metadata={"description": _("您已经提出过意见")})


class SecondReviewTold(Told):
    claims = fields.List(fields.Nested(WaitingForSecond), required=True)


class Proposal(Told):
    proposed = fields.String(required=True)
    reason_code = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    stake_fen = fields.Integer(required=True)
    household_fen = fields.Integer(required=True, metadata={"description": _("这一户近期已裁定的")})
    payee_fen = fields.Integer(required=True, metadata={"description": _("这个收款账户近期已裁定的")})
    grounds = fields.List(fields.String(), required=True)
    proposed_at = fields.AwareDateTime(required=True)
    proposed_by = fields.Integer(required=True)


class GivenOpinion(Told):
    decided = fields.String(required=True)
    agrees = fields.Boolean(required=True)
    reason_code = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True)
    by = fields.Integer(required=True)


class ProposalTold(Told):
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    proposal = fields.Nested(Proposal, required=True, allow_none=True)
    opinions = fields.List(fields.Nested(GivenOpinion), required=True)


class ReviewPolicyTold(Told):
    from_on = fields.Date(required=True)
    limit_fen = fields.Integer(required=True)
    household_limit_fen = fields.Integer(required=True)
    payee_limit_fen = fields.Integer(required=True)
    rolling_days = fields.Integer(required=True)
    is_on_critical = fields.Boolean(required=True)
    share_ppm = fields.Integer(required=True, metadata={"description": _("随机抽取的比例，百万分之几")})
    note = fields.String(required=True)
    judged_count = fields.Integer(required=True)
    drawn_count = fields.Integer(required=True)
    referred_count = fields.Integer(required=True)


class ReviewPoliciesTold(Told):
    policies = fields.List(fields.Nested(ReviewPolicyTold), required=True)


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "second_api", OPERATIONS)


def tell_waiting(session: Session, ask: Ask) -> dict[str, Any]:
    by = ask.visitor.person_id
    rows = queries.waiting(session, ask.visitor.county_code, reader=by)
    return {
        "claims": [
            dict(row._mapping)
            | {
                "grounds": row.grounds or [],
                "is_disputed": row.second_by is not None,
                "is_own": by in (row.proposed_by, row.second_by),
            }
            for row in rows
        ]
    }


def take_next(session: Session, ask: Ask) -> dict[str, Any]:
    """Raises: NothingWaiting, TooManyInHand."""
    on, county = clock.local_day(ask.at), ask.visitor.county_code
    handed = leasing.next_second_review(session, ask.visitor.person_id, county_code=county, at=ask.at, on=on)
    return told_claim(whole_claim(session, sight_of(ask.visitor), handed.claim_id, with_stays=False))


def tell_proposal(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    require_seen(session, ask, claim_id)
    county = ask.visitor.county_code
    found = whole_claim(session, sight_of(ask.visitor), claim_id, with_stays=False)
    proposal = deciding.open_proposal(session, county, claim_id)
    opinions = deciding.opinions_on(session, county, proposal.id) if proposal else []
    return {
        "version": found.record.version,
        "state": found.record.state,
        "proposal": proposal,
        "opinions": opinions,
    }


def give_opinion(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    """Raises: as `deciding.give_opinion`."""
    require_seen(session, ask, claim_id)
    decided, reason_code = ask.body["decided"], ask.body["reason_code"]
    if decided == deciding.REFUSE_IT and reason_code is None:
        raise UnreadableInput(faults={"reason_code": [_("这一项要填")]})
    given = {"law": law_or_none(session, ask), "reason_code": reason_code, "note": note(ask)} | money(ask)
    deciding.give_opinion(session, {claim_id: ask.body["version"]}, decided, **given)
    return told_claim(whole_claim(session, sight_of(ask.visitor), claim_id, with_stays=False))


def tell_policies(session: Session, ask: Ask) -> dict[str, Any]:
    county = ask.visitor.county_code
    counts = queries.drawn_counts(session, county)
    return {
        "policies": [
            {column: getattr(row, column) for column in _OF_POLICY}
            | dict(zip(_COUNTS, counts.get(row.id, (0, 0, 0)), strict=True))
            for row in queries.policies(session, county)
        ]
    }


OPERATIONS = (
    Operation(
        "waiting",
        "GET",
        "/second-review",
        tell_waiting,
        _("等二审的申请"),
        SecondReviewTold(),
        description=_("意见不同的在前。自己家的、自己报的不列出。"),
    ),
    Operation(
        "next",
        "POST",
        "/second-review/next",
        take_next,
        _("领取下一件二审"),
        ClaimTold(),
        description=_("由系统派；自己提过意见的、放回过的不派，意见不同的由审核主管决定。"),
        is_once=True,
        refusals={409: _("没有可领的，或您手上的已经够多")},
    ),
    Operation(
        "proposal",
        "GET",
        "/claims/<int:claim_id>/proposal",
        tell_proposal,
        _("初审意见"),
        ProposalTold(),
        description=_("初审提出了什么、为什么要二审，已有哪些意见。"),
    ),
    Operation(
        "opinion",
        "POST",
        "/claims/<int:claim_id>/opinion",
        give_opinion,
        _("二审意见"),
        ClaimTold(),
        description=_("令牌的主人就是二审的人：不能是初审的人，不能是自己家的。"),
        body=JsonBody(Opinion()),
        is_once=True,
        refusals={
            403: _("令牌的岗位不办这件事，或这一件不该由您办"),
            409: _("没有初审意见、已有人决定、版本已变，或要由审核主管决定"),
        },
    ),
    Operation("policies", "GET", "/second-review/policies", tell_policies, _("二审规定"), ReviewPoliciesTold()),
)
