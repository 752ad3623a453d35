"""The table of R4 that our answers are held against is itself held against HL7's own examples.

They lie in ../shared/data/fhir-r4-examples; where they do not, that test skips and says so.
"""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.fhir_out.r4 import faults_of

EXAMPLES = Path(__file__).parents[3] / "shared/data/fhir-r4-examples"
NAMES = ("ClaimResponse-R3500", "ClaimResponse-R3501", "ClaimResponse-UR3503", "ExplanationOfBenefit-EB3500")

SMALL = {
    "resourceType": "ClaimResponse",
    "status": "active",
    "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "institutional"}]},
    "use": "claim",
    "patient": {"identifier": {"system": "urn:x", "value": "1"}},
    "created": "2026-11-22",
    "insurer": {"display": "X"},
    "outcome": "complete",
    "total": [{"category": {"text": "x"}, "amount": {"value": Decimal("1.00"), "currency": "CNY"}}],
}


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"HL7's examples are not at {EXAMPLES}")
@pytest.mark.parametrize("name", NAMES)
def test_the_standards_own_example_has_no_fault(name):
    assert faults_of(json.loads((EXAMPLES / f"{name}.json").read_bytes(), parse_float=Decimal)) == []


def test_a_whole_small_answer_has_no_fault():
    assert faults_of(SMALL) == []


SPOILT = {
    "no status": lambda r: r.pop("status"),
    "no outcome": lambda r: r.pop("outcome"),
    "an outcome that R4 has not": lambda r: r.update(outcome="done"),
    "an element that R4 has not": lambda r: r.update(verdict="yes"),
    "a code that the system has not": lambda r: r["type"]["coding"][0].update(code="hospital"),
    "a float": lambda r: r["total"][0]["amount"].update(value=1.0),
    "an amount in quotes": lambda r: r["total"][0]["amount"].update(value="1.00"),
    "a total without its amount": lambda r: r["total"][0].pop("amount"),
    "an empty list": lambda r: r.update(total=[]),
    "an empty object": lambda r: r.update(insurer={}),
    "one where a list is due": lambda r: r.update(total=r["total"][0]),
    "an item without adjudication": lambda r: r.update(item=[{"itemSequence": 1, "adjudication": []}]),
    "a sequence of nought": lambda r: r.update(
        item=[{"itemSequence": 0, "adjudication": [{"category": {"text": "x"}}]}]
    ),
    "another resource": lambda r: r.update(resourceType="Claim"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_answer_has_its_fault(how):
    spoilt = copy.deepcopy(SMALL)
    SPOILT[how](spoilt)
    assert len(faults_of(spoilt)) == 1
