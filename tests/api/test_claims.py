"""What programs may do with claims: send one and have it decided, send files, ask; each its own institution's alone."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from chassis import clock
from chassis.desks import CONTRACTOR
from chassis.queue.handlers import TaskAtHand
from contractor.claims.tables import Claim, ClaimFile
from contractor.claims.uploads.jobs import take_in_claims
from contractor.claims.uploads.keeping import KIND, folder_of
from tests.api.programs import Programs, claim_of
from tests.claims.making import CITY_HOSPITAL, COUNTY, HOSPITAL


def count(programs: Programs, table) -> int:
    with programs.database.transaction() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()


def work(programs: Programs, upload_id: int) -> None:
    """Do the upload's task as a worker would."""
    task = TaskAtHand(COUNTY, 1, KIND, {"upload_id": upload_id}, 1, 1, None, 0, None, CONTRACTOR, 0.0, programs.house)
    with programs.database.transaction() as session:
        assert take_in_claims(session, task, clock.now()) is None


def test_a_clean_claim_is_decided_in_the_answer_with_its_sheet(programs):
    answer = programs.post("/api/v1/claims", claim_of(programs))
    told = answer.get_json()
    assert answer.status_code == 201, told
    assert told["state"] == "approved"
    assert told["money"]["benefits_fen"] == told["benefits_fen"] > 0
    assert told["money"]["benefits_fen"] + told["money"]["member_pays_fen"] == told["money"]["cost_fen"]
    assert [step["label"] for step in told["sheet"]][-1] == "个人自付"
    assert [event["event"] for event in told["events"]] == ["approved_by_rule"]
    assert programs.get(f"/api/v1/claims/{told['id']}").get_json() == told


def test_a_claim_with_a_grave_finding_waits_for_a_person_and_says_why(programs):
    first = claim_of(programs, 3)
    assert programs.post("/api/v1/claims", first).status_code == 201
    again = claim_of(programs, 3) | {"invoice_number": first["invoice_number"]}
    told = programs.post("/api/v1/claims", again).get_json()
    assert told["state"] == "received" and told["money"] is None and told["sheet"] == []
    assert "F17" in [finding["rule"] for finding in told["findings"]]


def test_a_claim_that_cannot_be_read_changes_nothing_and_every_fault_is_named(programs):
    before = count(programs, Claim)
    wrong = claim_of(programs) | {"charged": "1E5", "admitted_on": "2026-02-30", "card_number": ""}
    answer = programs.post("/api/v1/claims", wrong)
    assert answer.status_code == 422 and answer.mimetype == "application/problem+json"
    reasons = {fault["column"]: fault["reason"] for fault in answer.get_json()["faults"]}
    assert reasons.keys() >= {"charged", "admitted_on", "card_number"}
    assert count(programs, Claim) == before


def test_the_very_same_content_under_another_key_is_refused(programs):
    claim = claim_of(programs, 1)
    assert programs.post("/api/v1/claims", claim).status_code == 201
    again = programs.post("/api/v1/claims", claim)
    assert again.status_code == 409 and again.get_json()["type"] == "urn:coopmed:claim_file_known"


def test_an_institution_sends_and_sees_its_own_claims_alone(programs):
    foreign = programs.post("/api/v1/claims", claim_of(programs, 4)).get_json()
    sent = claim_of(programs, 5, institution_code=CITY_HOSPITAL)
    own = programs.post("/api/v1/claims", sent, role="institution", scope=CITY_HOSPITAL)
    assert own.status_code == 201
    of_another = programs.post("/api/v1/claims", claim_of(programs, 6), role="institution", scope=CITY_HOSPITAL)
    assert of_another.status_code == 422
    assert of_another.get_json()["faults"][0]["reason"] == "not_your_institution"

    def ask(path: str):
        return programs.get(path, role="institution", scope=CITY_HOSPITAL)

    assert ask(f"/api/v1/claims/{foreign['id']}").status_code == 404
    seen = ask("/api/v1/claims").get_json()["claims"]
    assert [one["id"] for one in seen] == [own.get_json()["id"]]


def test_a_manual_claim_is_not_shown_to_the_institution_where_the_member_was_treated(programs):
    told = programs.post("/api/v1/claims", claim_of(programs, 7, route="manual")).get_json()
    answer = programs.get(f"/api/v1/claims/{told['id']}", role="institution", scope=HOSPITAL)
    assert answer.status_code == 404


def test_the_list_walks_every_claim_once_however_small_the_page(programs):
    ids, cursor = [], ""
    while cursor is not None:
        told = programs.get(f"/api/v1/claims?limit=3&cursor={cursor}").get_json()
        ids += [one["id"] for one in told["claims"]]
        cursor = told["next"]
    assert len(ids) == len(set(ids)) == count(programs, Claim) > 3
    assert ids == sorted(ids, reverse=True)


@pytest.mark.parametrize("cursor", ["x", "9999", "////", "MTIvMjAyNi0wMi0zMA", "é"])
def test_a_cursor_that_we_did_not_give_is_refused(programs, cursor):
    assert programs.get(f"/api/v1/claims?cursor={cursor}").status_code == 422


def test_a_file_is_answered_at_once_and_taken_in_by_a_worker(programs):
    body = json.dumps({"claims": [claim_of(programs, place) for place in (8, 9)]}).encode()
    answer = programs.post("/api/v1/claim-files?file_name=january.json", body)
    told = answer.get_json()
    assert answer.status_code == 202 and told["state"] == "waiting"
    work(programs, told["id"])
    told = programs.get(f"/api/v1/claim-files/{told['id']}").get_json()
    assert told["state"] == "taken" and told["claims_seen"] == 2 and sum(told["claims_by_state"].values()) == 2
    assert list(folder_of(programs.house.settings).iterdir()) == []
    work(programs, told["id"])  # a second run finds it done
    assert programs.post("/api/v1/claim-files?file_name=again.json", body).status_code == 409


def test_a_file_with_a_fault_is_refused_whole_and_keeps_its_report(programs):
    before = count(programs, Claim), count(programs, ClaimFile)
    good, bad = claim_of(programs, 10), claim_of(programs, 11) | {"card_number": "0000"}
    sent = json.dumps({"claims": [good, bad]}).encode()
    told = programs.post("/api/v1/claim-files?file_name=half.json", sent).get_json()
    work(programs, told["id"])
    told = programs.get(f"/api/v1/claim-files/{told['id']}").get_json()
    assert told["state"] == "refused" and told["fault_count"] == 1
    assert told["faults"][0] | {"expected": ""} == {
        "row": 2,
        "column": "card_number",
        "expected": "",
        "found": "0000",
        "reason": "unknown_card",
    }
    assert (count(programs, Claim), count(programs, ClaimFile)) == before


def test_an_institution_does_not_see_the_file_of_another(programs):
    sent = json.dumps({"claims": [claim_of(programs)]}).encode()
    told = programs.post("/api/v1/claim-files?file_name=county.json", sent).get_json()
    answer = programs.get(f"/api/v1/claim-files/{told['id']}", role="institution", scope=CITY_HOSPITAL)
    assert answer.status_code == 404
