"""HL7's own R4 examples at the door: what of the standard we take in and what we refuse by name.

They lie in ../shared/data/fhir-r4-examples; where they do not, these tests skip. People and organizations they refer
to are not part of the examples and stand in here as stubs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chassis.reading.faults import FileRefused
from chassis.reading.json_texts import parse_json
from contractor.claims.doors.fhir import FhirProfile, read_fhir_document
from contractor.claims.doors.fhir_claims import OURS
from rulebook.money import yuan_text

EXAMPLES = Path(__file__).parents[3] / "shared/data/fhir-r4-examples"
pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"HL7's examples are not at {EXAMPLES}")

# As the house's own profile reads them: the reasons, each once. Dollars, no card, no invoice: none can be taken in.
AS_SENT = {
    "Claim-100150": {"blank", "other_currency", "unresolved_reference"},
    "Claim-100151": {"blank", "other_currency", "unresolved_reference", "unsupported_element"},
    "Claim-100152": {"blank", "other_currency"},
    "Claim-100153": {"blank", "not_as_expected", "other_currency", "unresolved_reference", "unsupported_element"},
    "Claim-100154": {"blank", "other_currency"},
    "Claim-100155": {"blank", "other_currency", "unresolved_reference"},
    "Claim-100156": {
        "blank", "line_is_not_its_product", "other_currency", "unresolved_reference", "unsupported_element",
    },
    "Claim-660150": {"blank", "other_currency", "unresolved_reference"},
    "Claim-660151": {"blank", "other_currency", "unresolved_reference", "unsupported_element"},
    "Claim-660152": {"blank", "other_currency", "unresolved_reference", "unsupported_element"},
    "Claim-MED-00050": {"blank", "other_currency", "unresolved_reference"},
}  # fmt: skip


@pytest.mark.parametrize("name", AS_SENT)
def test_an_example_of_the_standard_is_refused_by_name(name):
    document = parse_json((EXAMPLES / f"{name}.json").read_bytes())
    with pytest.raises(FileRefused) as refused:
        list(read_fhir_document(document))
    assert {fault.reason for fault in refused.value.faults} == AS_SENT[name]


def test_what_is_no_claim_is_refused_by_name():
    others = [path for path in sorted(EXAMPLES.glob("*.json")) if not path.name.startswith(("Claim-", "package"))]
    assert len(others) > 15
    for path in others:
        with pytest.raises(FileRefused) as refused:
            list(read_fhir_document(parse_json(path.read_bytes())))
        assert [fault.reason for fault in refused.value.faults] == ["not_a_claim_or_bundle"], path.name


# Two parties that agree on a profile can exchange six of the eleven; the others carry what would change a claim.
AGREED = {
    "Claim-100150": "135.57",
    "Claim-100151": {"unsupported_element"},
    "Claim-100152": "135.57",
    "Claim-100153": {"not_as_expected", "unsupported_element"},
    "Claim-100154": "135.57",
    "Claim-100155": "135.57",
    "Claim-100156": {"unsupported_element", "line_is_not_its_product"},
    "Claim-660150": "80.00",
    "Claim-660151": {"unsupported_element"},
    "Claim-660152": {"unsupported_element"},
    "Claim-MED-00050": "12500.00",
}


@pytest.mark.parametrize("name", AGREED)
def test_two_parties_may_agree_on_a_profile(name):
    document = parse_json((EXAMPLES / f"{name}.json").read_bytes())
    profile = FhirProfile(claim_system=_claim_system(document), currency="USD", adapt=_filled)
    try:
        batches = list(read_fhir_document(_with_stubs(document), profile=profile))
    except FileRefused as refusal:
        assert {fault.reason for fault in refusal.faults} == AGREED[name], refusal.faults
    else:
        (claim,) = batches[0].each()
        assert yuan_text(claim.charged_fen) == AGREED[name]
        assert (claim.card_number, claim.institution_code) == ("CARD1", "990121001")


def _claim_system(document: Any) -> str:
    return document["identifier"][0]["system"]


def _filled(claim: dict[str, Any], _resource: Any, _resources: Any) -> dict[str, Any]:
    """What these examples leave out: invoice, stay, and often the total, which is then the sum of the items."""
    cents = sum(round(float(line["line_charged"] or 0) * 100) for line in claim["lines"])
    days = sorted(line["performed_on"] for line in claim["lines"] if line["performed_on"])
    lines = [{**line, "performed_on": line["performed_on"] or claim["submitted_on"]} for line in claim["lines"]]
    day = (days or [claim["submitted_on"]])[0]
    return claim | {
        "invoice_number": claim["claim_number"],
        "admitted_on": day,
        "discharged_on": day,
        "submitted_on": max(day, claim["submitted_on"]),
        "diagnosis_code": claim["diagnosis_code"] or "Z00",
        "charged": claim["charged"] or f"{cents // 100}.{cents % 100:02d}",
        "lines": lines,
    }


def _with_stubs(document: Any) -> Any:
    patient, organization = "Patient/1", "Organization/1"
    document = document | {"patient": {"reference": patient}, "provider": {"reference": organization}}
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"resource": {"resourceType": "Patient", "id": "1",
                          "identifier": [{"system": OURS + "card-number", "value": "CARD1"}]}},
            {"resource": {"resourceType": "Organization", "id": "1",
                          "identifier": [{"system": OURS + "institution-code", "value": "990121001"}]}},
            {"resource": document},
        ],
    }  # fmt: skip
