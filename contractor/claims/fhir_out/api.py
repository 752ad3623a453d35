"""FHIR R4 for programs: what became of a claim, as the two resources that tell it."""

from __future__ import annotations

from functools import partial

from flask import Flask
from flask_babel import lazy_gettext as _
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from chassis.api.exact import written
from chassis.api.fields import MOST_ID, Told
from chassis.api.operations import Ask, Operation
from chassis.api.operations import mount as mount_operations
from chassis.desks import Desk
from chassis.errors import NotFound
from contractor.claims.fhir_out.adjudication import Json
from contractor.claims.fhir_out.resources import DECIDED, claim_response, explanation_of_benefit
from contractor.claims.record import WholeClaim, whole_claim
from contractor.claims.refusals import NotDecided
from contractor.claims.sight import sight_of

_element = partial(fields.Dict, keys=fields.String(), required=True)


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "fhir_api", OPERATIONS)


def tell_claim_response(session: Session, ask: Ask, claim_id: int) -> Json:
    return claim_response(_seen(session, ask, claim_id))


def tell_explanation(session: Session, ask: Ask, claim_id: int) -> Json:
    """Raises: NotDecided, which says in which state the claim is."""
    found = _seen(session, ask, claim_id)
    if found.record.state not in DECIDED:
        raise NotDecided(state=found.record.state)
    return explanation_of_benefit(found)


def _seen(session: Session, ask: Ask, claim_id: int) -> WholeClaim:
    if not 0 < claim_id <= MOST_ID:
        raise NotFound(kind="claim")
    return whole_claim(session, sight_of(ask.visitor), claim_id, with_stays=False)


class _Answer(Told):
    """What both resources say first; the rest is as R4 has it."""

    resourceType = fields.String(required=True)
    id = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(("active", "cancelled")))
    type = _element()
    use = fields.String(required=True, validate=validate.OneOf(("claim",)))
    patient = _element()
    created = fields.Date(required=True)
    insurer = _element()
    outcome = fields.String(required=True, validate=validate.OneOf(("queued", "complete")))
    disposition = fields.String(required=True)
    insurance = fields.List(fields.Dict(keys=fields.String()), required=True)
    total = fields.List(fields.Dict(keys=fields.String()), metadata={"description": _("金额是两位小数的元")})
    processNote = fields.List(fields.Dict(keys=fields.String()), metadata={"description": _("计算步骤和条款")})


class ClaimResponse(_Answer):
    requestor = _element()
    request = _element(metadata={"description": _("报送的 Claim，以它的申请号")})
    payeeType = _element()
    item = fields.List(fields.Dict(keys=fields.String()), metadata={"description": _("每一行：申报、减去、认可")})


class ExplanationOfBenefit(_Answer):
    billablePeriod = _element()
    provider = _element()
    payee = _element()
    claim = _element()
    claimResponse = _element()
    diagnosis = fields.List(fields.Dict(keys=fields.String()), required=True)
    item = fields.List(fields.Dict(keys=fields.String()), required=True)


OPERATIONS = (
    Operation(
        "claim_response",
        "GET",
        "/fhir/ClaimResponse/<int:claim_id>",
        tell_claim_response,
        _("一件申请的结果，FHIR R4 ClaimResponse"),
        ClaimResponse(),
        description=_(
            "没有裁定的是 queued；裁定了的是 complete，逐行和合计列出申报、减去、认可、各基金补偿和个人自付。"
        ),
        content_type="application/fhir+json",
        write=written,
    ),
    Operation(
        "explanation_of_benefit",
        "GET",
        "/fhir/ExplanationOfBenefit/<int:claim_id>",
        tell_explanation,
        _("一件申请的补偿说明，FHIR R4 ExplanationOfBenefit"),
        ExplanationOfBenefit(),
        description=_("申报的和裁定的放在一起。没有有效裁定的回答 404，并说明现在的状态。"),
        content_type="application/fhir+json",
        write=written,
    ),
)
