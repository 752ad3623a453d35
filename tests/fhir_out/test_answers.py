"""What became of a claim, told in FHIR R4: structure, amounts to the fen, whom it names, and who may read it."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from chassis import clock
from contractor.claims import decisions
from contractor.claims.decisions import Reduction
from contractor.claims.doors.fhir_claims import OURS
from tests.api.programs import Programs, claim_of
from tests.authorisation.people import person
from tests.claims.making import CITY_HOSPITAL, COUNTY, LAW, line, lines
from tests.fhir_out.r4 import SYSTEMS, faults_of
from tests.sites import grant

ADJUDICATION = "http://terminology.hl7.org/CodeSystem/adjudication"


def tell(programs: Programs, kind: str, claim_id: int, **who) -> tuple[int, Any]:
    answer = programs.get(f"/api/v1/fhir/{kind}/{claim_id}", **who)
    return answer.status_code, json.loads(answer.data, parse_float=Decimal)


def whole(programs: Programs, kind: str, claim_id: int) -> dict[str, Any]:
    """The answer, held against R4 first."""
    status, told = tell(programs, kind, claim_id)
    assert status == 200, told
    assert faults_of(told) == []
    return told


def amounts(adjudications: list[dict[str, Any]]) -> dict[str, Decimal]:
    return {one["category"]["coding"][0]["code"]: one["amount"]["value"] for one in adjudications}


def reviewer(programs: Programs) -> int:
    at = clock.now()
    with programs.database.transaction() as session:
        staff_id = person(session, COUNTY, f"r{at.timestamp():.6f}".replace(".", "-"), at=at)
        grant(session, COUNTY, staff_id, "reviewer", at=at)
    return staff_id


def waiting(programs: Programs, place: int, **changes) -> dict[str, Any]:
    """A claim that waits for a person: its invoice was claimed before."""
    first = claim_of(programs, place, **changes)
    assert programs.post("/api/v1/claims", first).status_code == 201
    again = claim_of(programs, place, **changes) | {"invoice_number": first["invoice_number"]}
    told = programs.post("/api/v1/claims", again).get_json()
    assert told["state"] == "received", told
    return told


def decide(programs: Programs, claim: dict[str, Any], *acts) -> None:
    """Each act as a verb of `decisions`, on the version that the one before it left."""
    by, at = reviewer(programs), clock.now()
    version = claim["version"]
    for verb, *more in [("take_up",), *acts]:
        with programs.database.transaction() as session:
            keywords = more.pop() if more and isinstance(more[-1], dict) else {}
            getattr(decisions, verb)(
                session, {claim["id"]: version}, *more, county_code=COUNTY, by=by, at=at, **keywords
            )
        version += 1


def test_a_claim_decided_by_rule_is_told_complete_and_every_fen_is_there(programs):
    known = programs.post("/api/v1/claims", claim_of(programs, 0)).get_json()
    told = whole(programs, "ClaimResponse", known["id"])
    assert (told["status"], told["outcome"]) == ("active", "complete")
    sums, money = amounts(told["total"]), known["money"]
    assert sums["submitted"] * 100 == known["charged_fen"]
    assert sums["benefit"] * 100 == money["benefits_fen"] > 0
    assert sums["member-pays"] * 100 == money["member_pays_fen"]
    assert sums["benefit"] + sums["member-pays"] == sums["eligible"]
    funds = [amount for code, amount in sums.items() if code.startswith("fund-")]
    assert sum(funds) == sums["benefit"]
    assert sums["compensable"] - sums["deductible"] == Decimal(money["above_deductible_fen"]) / 100
    assert len(told["processNote"]) == len(known["sheet"])
    for note, step in zip(told["processNote"], known["sheet"], strict=True):
        assert note["text"].startswith(step["label"]) and step["article"] in note["text"]


def test_amounts_stand_in_the_message_with_exactly_two_decimals(programs):
    known = programs.post("/api/v1/claims", claim_of(programs, 1)).get_json()
    answer = programs.get(f"/api/v1/fhir/ClaimResponse/{known['id']}")
    assert answer.content_type == "application/fhir+json"
    assert f'"value":{known["charged_fen"] // 100}.{known["charged_fen"] % 100:02d},"currency":"CNY"' in answer.text
    read = json.loads(answer.data, parse_float=Decimal)
    for total in read["total"]:
        assert total["amount"]["value"].as_tuple().exponent == -2


def test_both_resources_say_the_same_of_every_line_and_total(programs):
    bill = lines(line(1, "A1"), line(2, "CAPPED", yuan="130", quantity=3), line(3, "C1", yuan="12"))
    known = programs.post("/api/v1/claims", claim_of(programs, 2, lines=bill)).get_json()
    response = whole(programs, "ClaimResponse", known["id"])
    benefit = whole(programs, "ExplanationOfBenefit", known["id"])
    assert benefit["total"] == response["total"]
    assert [one["adjudication"] for one in benefit["item"]] == [one["adjudication"] for one in response["item"]]
    assert benefit["claimResponse"] == {"reference": f"ClaimResponse/{response['id']}"}
    capped = amounts(benefit["item"][1]["adjudication"])
    assert capped == {"submitted": Decimal("390.00"), "over-limit": Decimal("90.00"), "eligible": Decimal("300.00")}
    for name in ("submitted", "over-limit", "eligible"):
        of_lines = sum(amounts(one["adjudication"]).get(name, Decimal(0)) for one in benefit["item"])
        assert of_lines == amounts(benefit["total"])[name]
    assert sum(one["net"]["value"] for one in benefit["item"]) * 100 == known["charged_fen"]


def test_what_a_reviewer_took_off_a_line_is_told_with_its_reason(programs):
    claim = waiting(programs, 3)
    reductions = [Reduction(1, 12_345, "over_price")]
    now = {"law": LAW, "keyring": programs.house.keyring, "on": clock.local_day(clock.now())}
    decide(programs, claim, ("reduce", reductions), ("approve", now))
    told = whole(programs, "ClaimResponse", claim["id"])
    cut = next(one for one in told["item"][0]["adjudication"] if "reason" in one)
    assert cut["amount"]["value"] == Decimal("123.45")
    assert cut["reason"]["coding"] == [
        {"system": OURS + "reduce-reason", "code": "over_price", "display": "超标准收费"}
    ]
    sums = amounts(told["total"])
    assert sums["submitted"] - sums["reduced"] == sums["eligible"]


def test_a_claim_that_waits_is_queued_and_has_no_explanation_yet(programs):
    claim = waiting(programs, 4)
    told = whole(programs, "ClaimResponse", claim["id"])
    assert (told["status"], told["outcome"], told["disposition"]) == ("active", "queued", "已收到")
    assert "total" not in told and "item" not in told
    status, problem = tell(programs, "ExplanationOfBenefit", claim["id"])
    assert status == 404 and problem["type"] == "urn:coopmed:claim_not_decided"
    assert "已收到" in problem["detail"]


def test_a_claim_that_was_sent_back_names_the_papers_it_lacks(programs):
    claim = waiting(programs, 5)
    decide(programs, claim, ("send_back", ["invoice", "bill"], {"on": clock.local_day(clock.now())}))
    told = whole(programs, "ClaimResponse", claim["id"])
    assert told["outcome"] == "queued"
    assert [note["text"] for note in told["processNote"]] == ["缺：费用清单", "缺：发票原件"]


def test_a_refused_claim_says_why_and_pays_nothing(programs):
    claim = waiting(programs, 6)
    decide(programs, claim, ("refuse", {"reason_code": "duplicate"}))
    told = whole(programs, "ExplanationOfBenefit", claim["id"])
    assert told["outcome"] == "complete" and told["disposition"].endswith("重复申报")
    assert amounts(told["total"])["benefit"] == Decimal("0.00")


def test_a_withdrawn_claim_is_cancelled(programs):
    claim = waiting(programs, 7)
    by, at = reviewer(programs), clock.now()
    with programs.database.transaction() as session:
        decisions.withdraw(
            session, {claim["id"]: claim["version"]}, county_code=COUNTY, reason_code="asked", by=by, at=at
        )
    told = whole(programs, "ClaimResponse", claim["id"])
    assert (told["status"], told["outcome"]) == ("cancelled", "complete")
    assert tell(programs, "ExplanationOfBenefit", claim["id"])[0] == 404


def test_a_visit_is_paid_from_the_household_account_or_by_the_member(programs):
    known = programs.post("/api/v1/claims", claim_of(programs, 8, route="outpatient")).get_json()
    assert known["state"] == "approved", known
    told = whole(programs, "ExplanationOfBenefit", known["id"])
    assert told["type"]["coding"][0]["code"] == "professional"
    sums = amounts(told["total"])
    assert sums["fund-household-account"] + sums["member-pays"] == sums["eligible"]


def fhir_claim(sent: dict[str, Any]) -> dict[str, Any]:
    """A claim of the exchange format as a hospital's FHIR system writes it."""

    def identifier(name: str, value: str) -> dict[str, str]:
        return {"system": OURS + name, "value": value}

    def yuan(text: str) -> dict[str, Any]:
        return {"value": float(text), "currency": "CNY"}

    return {
        "resourceType": "Claim",
        "status": "active",
        "use": "claim",
        "identifier": [
            identifier("claim-number", sent["claim_number"]),
            identifier("invoice-number", sent["invoice_number"]),
        ],
        "type": {"coding": [{"code": "institutional"}]},
        "patient": {"identifier": identifier("card-number", sent["card_number"])},
        "provider": {"identifier": identifier("institution-code", sent["institution_code"])},
        "billablePeriod": {"start": sent["admitted_on"], "end": sent["discharged_on"]},
        "created": sent["submitted_on"],
        "diagnosis": [{"sequence": 1, "diagnosisCodeableConcept": {"coding": [{"code": sent["diagnosis_code"]}]}}],
        "extension": [{"url": OURS + "receipt-signed", "valueDate": sent["receipt_signed_on"]}],
        "total": yuan(sent["charged"]),
        "item": [
            {
                "sequence": place,
                "productOrService": {"coding": [{"code": one["item_code"]}], "text": one["hospital_item_name"]},
                "servicedDate": one["performed_on"],
                "quantity": {"value": int(float(one["quantity"]))},
                "unitPrice": yuan(one["unit_price"]),
                "net": yuan(one["line_charged"]),
            }
            for place, one in enumerate(sent["lines"], 1)
        ],
    }


def test_a_claim_sent_in_fhir_is_answered_in_fhir_by_its_own_names(programs):
    sent = claim_of(programs, 9)
    resource = fhir_claim(sent)
    answer = programs.post("/api/v1/fhir", resource)
    assert answer.status_code == 201, answer.text
    claim_id = answer.get_json()["claims"][0]["id"]
    told = whole(programs, "ClaimResponse", claim_id)
    assert told["request"]["identifier"] == resource["identifier"][0]
    assert told["patient"]["identifier"] == resource["patient"]["identifier"]
    assert told["requestor"]["identifier"] == resource["provider"]["identifier"]
    benefit = whole(programs, "ExplanationOfBenefit", claim_id)
    assert benefit["claim"]["identifier"] == resource["identifier"][0]
    assert benefit["billablePeriod"] == resource["billablePeriod"]
    for ours, theirs in zip(benefit["item"], resource["item"], strict=True):
        assert (ours["sequence"], ours["servicedDate"]) == (theirs["sequence"], theirs["servicedDate"])
        assert ours["productOrService"]["coding"][0]["code"] == theirs["productOrService"]["coding"][0]["code"]
        assert ours["net"]["value"] == Decimal(str(theirs["net"]["value"]))


@pytest.mark.parametrize("kind", ["ClaimResponse", "ExplanationOfBenefit"])
def test_an_institution_reads_answers_on_its_own_claims_alone(programs, kind):
    foreign = programs.post("/api/v1/claims", claim_of(programs, 10)).get_json()
    own = programs.post(
        "/api/v1/claims",
        claim_of(programs, 11, institution_code=CITY_HOSPITAL),
        role="institution",
        scope=CITY_HOSPITAL,
    ).get_json()
    who = {"role": "institution", "scope": CITY_HOSPITAL}
    assert tell(programs, kind, foreign["id"], **who)[0] == 404
    status, told = tell(programs, "ClaimResponse", own["id"], **who)
    assert status == 200 and faults_of(told) == []
    assert tell(programs, kind, 10**18, **who)[0] == 404


def test_every_code_system_is_hl7s_own_or_ours(programs):
    known = programs.post("/api/v1/claims", claim_of(programs, 12)).get_json()
    seen = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            seen.update([value["system"]] if "system" in value else [])
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(whole(programs, "ClaimResponse", known["id"]))
    walk(whole(programs, "ExplanationOfBenefit", known["id"]))
    assert ADJUDICATION in seen
    assert {system for system in seen if not system.startswith(OURS)} <= SYSTEMS.keys()


def test_days_are_days_of_the_county(programs):
    known = programs.post("/api/v1/claims", claim_of(programs, 13)).get_json()
    told = whole(programs, "ClaimResponse", known["id"])
    assert told["created"] == clock.local_day(dt.datetime.fromisoformat(known["events"][-1]["at"])).isoformat()
