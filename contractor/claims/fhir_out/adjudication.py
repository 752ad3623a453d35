"""Amounts of a decision as FHIR's categories: per line and in total, every fen of them stated and none invented.

HL7 names what was submitted, what is considered (`eligible`), the deductible and the benefit; which fund pays and what
is taken off for which reason are the scheme's own words and stand under code systems of our own.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from contractor.claims import reasons
from contractor.claims.doors.fhir_claims import OURS
from contractor.claims.record import WholeClaim
from rulebook.money import yuan_text

HL7 = "http://terminology.hl7.org/CodeSystem/"
ADJUDICATION, OWN_ADJUDICATION = HL7 + "adjudication", OURS + "adjudication"
REDUCE_REASON = OURS + "reduce-reason"
Json = dict[str, Any]


def money(fen: int) -> Json:
    """A Money: fen as a decimal of exactly two places, which no float ever was."""
    return {"value": Decimal(yuan_text(fen)), "currency": "CNY"}


def concept(system: str, code: str, display: str = "") -> Json:
    coding = {"system": system, "code": code} | ({"display": str(display)} if display else {})
    return {"coding": [coding]}


def of_line(found: WholeClaim, line: Row) -> list[Json]:
    """submitted = over-limit + reduced + eligible, to the fen."""
    reduced_fen = line.charged_fen - found.over_limit_fen(line) - found.allowed_fen(line)
    told = [_stated(ADJUDICATION, "submitted", _("申报"), line.charged_fen)]
    if over_limit_fen := found.over_limit_fen(line):
        told.append(_stated(OWN_ADJUDICATION, "over-limit", _("高于限价"), over_limit_fen))
    if reduced_fen:
        cut = _stated(OWN_ADJUDICATION, "reduced", _("审核减额"), reduced_fen)
        if line.reduce_reason:
            words = reasons.reduction_words(line.reduce_reason)
            cut["reason"] = concept(REDUCE_REASON, line.reduce_reason, words)
        told.append(cut)
    return [*told, _stated(ADJUDICATION, "eligible", _("认可金额"), found.allowed_fen(line))]


def totals(found: WholeClaim) -> list[Json]:
    """The lines' categories summed, then what the law makes of them: funds, benefit, what the member pays."""
    over_limit_fen = sum(found.over_limit_fen(line) for line in found.lines)
    told = [_stated(ADJUDICATION, "submitted", _("申报"), sum(line.charged_fen for line in found.lines))]
    if over_limit_fen:
        told.append(_stated(OWN_ADJUDICATION, "over-limit", _("高于限价"), over_limit_fen))
    if found.reduced_fen:
        told.append(_stated(OWN_ADJUDICATION, "reduced", _("审核减额"), found.reduced_fen))
    if found.record.state == "rejected":
        return [*told, _stated(ADJUDICATION, "benefit", _("补偿"), 0)]
    told.append(_stated(ADJUDICATION, "eligible", _("认可金额"), sum(map(found.allowed_fen, found.lines))))
    return told + (_of_stay(found.settlement) if found.settlement else []) + (_of_visit(found) if found.entry else [])


def _of_stay(settled: Row) -> list[Json]:
    funds = (
        ("fund-pooled", _("统筹基金"), settled.base_fen),
        ("fund-top-up", _("贫困提高"), settled.top_up_fen),
        ("fund-serious", _("大病保险"), settled.serious_fen),
        ("fund-supplementary", _("补充保险"), settled.supplementary_fen),
        ("fund-assistance", _("医疗救助"), settled.assistance_fen),
    )
    return [
        _stated(OWN_ADJUDICATION, "compensable", _("可补偿费用"), settled.eligible_fen),
        _stated(ADJUDICATION, "deductible", _("起付线以下"), settled.eligible_fen - settled.above_deductible_fen),
        *(_stated(OWN_ADJUDICATION, code, words, fen) for code, words, fen in funds if fen),
        _stated(ADJUDICATION, "benefit", _("补偿"), settled.benefits_fen),
        _stated(OWN_ADJUDICATION, "member-pays", _("个人自付"), settled.member_pays_fen),
    ]


def _of_visit(found: WholeClaim) -> list[Json]:
    assert found.entry is not None
    paid_fen = found.entry.paid_fen
    return [
        _stated(OWN_ADJUDICATION, "fund-household-account", _("家庭账户"), paid_fen),
        _stated(ADJUDICATION, "benefit", _("补偿"), paid_fen),
        _stated(OWN_ADJUDICATION, "member-pays", _("个人自付"), found.entry.amount_fen - paid_fen),
    ]


def _stated(system: str, code: str, words: str, fen: int) -> Json:
    return {"category": concept(system, code, words), "amount": money(fen)}
