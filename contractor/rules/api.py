"""The rules for programs: what each asks, how often it was right, and what another threshold would have found.

Thresholds and suspensions are set on the page, by the lead with a fresh proof.
"""

from __future__ import annotations

import time
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
from chassis.errors import NotFound, UnreadableInput
from contractor.claims.api_asking import law_or_none
from contractor.claims.words import rule_title
from contractor.rules import afterwards, previewing, queries, words
from contractor.rules.pages_one import SECONDS_OF_A_PREVIEW
from contractor.rules.suspending import is_imprecise
from contractor.rules.thresholds import limits_of, value_on
from contractor.rules.verdicts import VERDICTS
from rulebook.checks import Card, all_cards


class Threshold(Told):
    name = fields.String(required=True)
    value = fields.Integer(required=True)
    least = fields.Integer(required=True)
    most = fields.Integer(required=True)


class RuleHead(Told):
    rule = fields.String(required=True)
    title = fields.String(required=True)
    question = fields.String(required=True)
    severity = fields.String(required=True)
    effect = fields.String(
        required=True, metadata={"description": _("waits 等人审；tells 只提示；refuses 直接不予补偿")}
    )
    law = fields.String(required=True)
    hit_count = fields.Integer(required=True)
    confirmed_count = fields.Integer(required=True)
    false_count = fields.Integer(required=True)
    unclear_count = fields.Integer(required=True)
    precision_percent = fields.Integer(
        required=True, allow_none=True, metadata={"description": _("属实的占核实过的；没有核实过时为空")}
    )
    is_imprecise = fields.Boolean(required=True)
    is_suspended = fields.Boolean(required=True)


class RulesTold(Told):
    rules = fields.List(fields.Nested(RuleHead), required=True)


class ThresholdChange(Told):
    name = fields.String(required=True)
    from_on = fields.Date(required=True)
    value = fields.Integer(required=True)
    reason = fields.String(required=True)
    set_at = fields.AwareDateTime(required=True)
    set_by = fields.Integer(required=True)


class RuleSuspensionTold(Told):
    suspended_at = fields.AwareDateTime(required=True)
    suspended_by = fields.Integer(
        required=True, allow_none=True, metadata={"description": _("准确率太低自动停用的为空")}
    )
    reason = fields.String(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)


class RuleTold(RuleHead):
    thresholds = fields.List(fields.Nested(Threshold), required=True)
    changes = fields.List(fields.Nested(ThresholdChange), required=True)
    suspensions = fields.List(fields.Nested(RuleSuspensionTold), required=True)


class ThresholdQuery(Given):
    name = Words(required=True, longest=40, metadata={"description": _("哪一个阈值")})
    value = Whole(required=True, most=10**12, metadata={"description": _("金额是分，其余是整数")})


class HitTold(Told):
    claim_id = fields.Integer(required=True)
    line_no = fields.Integer(required=True)
    expected = fields.String(required=True)
    found = fields.String(required=True)


class ThresholdPreviewTold(Told):
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True)
    claim_count = fields.Integer(required=True)
    seen_count = fields.Integer(required=True, metadata={"description": _("看过多少件；少于全部时是均匀的抽样")})
    before = fields.Integer(required=True)
    after = fields.Integer(required=True)
    no_longer_count = fields.Integer(required=True)
    newly_count = fields.Integer(required=True)
    no_longer = fields.List(fields.Nested(HitTold), required=True, metadata={"description": _("几个例子")})
    newly = fields.List(fields.Nested(HitTold), required=True, metadata={"description": _("几个例子")})


class Afterwards(Told):
    claim_id = fields.Integer(required=True, attribute="id")
    claim_number = fields.String(required=True)
    institution_code = fields.String(required=True)
    discharged_on = fields.Date(required=True)
    finding_no = fields.Integer(required=True)
    rule = fields.String(required=True)
    severity = fields.String(required=True)
    expected = fields.String(required=True)
    found = fields.String(required=True)
    found_at = fields.AwareDateTime(required=True)
    expected_loss_fen = fields.Integer(required=True)
    has_left = fields.Boolean(required=True, metadata={"description": _("钱已经付出")})
    verdict = fields.String(required=True, allow_none=True)


class AfterwardsTold(Told):
    finding_count = fields.Integer(required=True)
    unpaid_count = fields.Integer(required=True)
    findings = fields.List(fields.Nested(Afterwards), required=True, metadata={"description": _("还没有付的在前")})


class JudgingAfterwards(Given):
    claim_id = Whole(required=True, least=1)
    finding_no = Whole(required=True, least=1, most=10**6)
    verdict = fields.String(required=True, validate=validate.OneOf(VERDICTS, error=_("没有这个代号")))


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "rules_api", OPERATIONS)


def tell_rules(session: Session, ask: Ask) -> dict[str, Any]:
    return {"rules": _heads(session, ask)}


def tell_rule(session: Session, ask: Ask, rule: str) -> dict[str, Any]:
    county, today = ask.visitor.county_code, clock.local_day(ask.at)
    own = _known(rule)
    (head,) = (one for one in _heads(session, ask) if one["rule"] == rule)
    return head | {
        "thresholds": [
            {"name": name, "value": value_on(session, county, own, name, today)}
            | dict(zip(("least", "most"), limits_of(name), strict=True))
            for name in sorted(own.numbers)
        ],
        "changes": queries.changes(session, county, rule),
        "suspensions": queries.suspensions(session, county, rule),
    }


def preview(session: Session, ask: Ask, rule: str) -> previewing.Preview:
    """Raises: NotFound, HeldByLaw, ThresholdOutOfRange, PreviewTooLong."""
    if ask.query["name"] not in _known(rule).numbers:
        raise UnreadableInput(faults={"name": [_("没有这个代号")]})
    ends = time.monotonic() + SECONDS_OF_A_PREVIEW
    return previewing.preview(
        session,
        county_code=ask.visitor.county_code,
        rule=rule,
        name=ask.query["name"],
        value=ask.query["value"],
        law=law_or_none(session, ask),
        on=clock.local_day(ask.at),
        goes_on=lambda: time.monotonic() < ends,
    )


def tell_afterwards(session: Session, ask: Ask) -> dict[str, Any]:
    county = ask.visitor.county_code
    count = afterwards.counted(session, county)
    rows = afterwards.standing(session, county)
    return {"finding_count": count.all_of_them, "unpaid_count": count.unpaid, "findings": rows}


def judge_afterwards(session: Session, ask: Ask) -> dict[str, Any]:
    """Raises: NotFound, TooNear, HadASay."""
    body = ask.body
    given = (body["claim_id"], body["finding_no"], body["verdict"])
    afterwards.judge(session, ask.visitor.county_code, *given, by=ask.visitor.person_id, at=ask.at)
    return tell_afterwards(session, ask)


def _known(rule: str) -> Card:
    if rule not in all_cards():
        raise NotFound(kind="rule")
    return all_cards()[rule]


def _heads(session: Session, ask: Ask) -> list[dict[str, Any]]:
    county, today = ask.visitor.county_code, clock.local_day(ask.at)
    hits, judged = queries.hits(session, county), queries.judged(session, county)
    suspended = {one.rule for one in queries.suspensions(session, county) if one.ended_at is None}
    told = []
    for key, card in sorted(queries.cards_in_force(session, county, today).items()):
        said = judged.get(key, queries.Judged())
        reviewed = said.confirmed + said.false
        told.append(
            {
                "rule": key,
                "title": rule_title(key),
                "question": words.question_words(card),
                "severity": card.severity,
                "effect": card.effect,
                "law": card.law_on(today),
                "hit_count": hits.get(key, 0),
                "confirmed_count": said.confirmed,
                "false_count": said.false,
                "unclear_count": said.unclear,
                "precision_percent": said.confirmed * 100 // reviewed if reviewed else None,
                "is_imprecise": is_imprecise(said),
                "is_suspended": key in suspended,
            }
        )
    return told


OPERATIONS = (
    Operation(
        "rules",
        "GET",
        "/rules",
        tell_rules,
        _("检查规则"),
        RulesTold(),
        description=_("每条规则问什么、发现了多少、准不准。"),
    ),
    Operation(
        "rule",
        "GET",
        "/rules/<rule>",
        tell_rule,
        _("一条规则"),
        RuleTold(),
        description=_("它的阈值、改动和停用。"),
    ),
    Operation(
        "preview",
        "GET",
        "/rules/<rule>/preview",
        preview,
        _("试一个阈值"),
        ThresholdPreviewTold(),
        description=_("近九十一天的申请，换成这个阈值会发现多少。什么都不改动；改阈值由主管在页面上办。"),
        query=ThresholdQuery(),
        refusals={409: _("这条规则由方案规定，县里不能改"), 503: _("看的时间太长，请稍后再试")},
    ),
    Operation(
        "afterwards",
        "GET",
        "/findings-afterwards",
        tell_afterwards,
        _("裁定以后才发现的"),
        AfterwardsTold(),
        description=_("先办还没有付的：属实的先冲销，钱就不会出去。"),
    ),
    Operation(
        "judge_afterwards",
        "POST",
        "/findings-afterwards",
        judge_afterwards,
        _("核实裁定以后才发现的一处"),
        AfterwardsTold(),
        body=JsonBody(JudgingAfterwards()),
        is_once=True,
        refusals={403: _("令牌的岗位不办这件事，或这一件不该由您办"), 404: _("没有这一条，或不归您看")},
    ),
)
