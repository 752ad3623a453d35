"""Second review by program: the person behind the token is the second pair of eyes, and never the first one's own."""

from __future__ import annotations

import pytest

from chassis import clock
from contractor.second.policy import set_policy
from tests.api.programs import COUNTY, make_programs
from tests.api.rooms import at_the_desk, done, told, waiting, why


@pytest.fixture(scope="module")
def programs(module_database, tmp_path_factory):
    """Every decision is above the limit."""
    made = make_programs(module_database, tmp_path_factory.mktemp("second"), members=12)
    made.token("lead")
    at = clock.now()
    with made.database.transaction() as session:
        set_policy(
            session, county_code=COUNTY, from_on=clock.local_day(at), limit_fen=1, household_limit_fen=10**12,
            payee_limit_fen=10**12, rolling_days=30, is_on_critical=False, share_ppm=0, seed=b"s" * 32, note="试验",
            by=made.people["lead", None], at=at,
        )  # fmt: skip
    yield made
    made.close()


def proposed(programs, place: int) -> dict:
    told_of = done(programs, at_the_desk(programs, place), "approve", note="材料齐全")
    assert told_of["waits_for_second"] is True and told_of["state"] == "in_second_review"
    return told_of


def handed(programs, claim: dict, *, role: str) -> dict:
    """The system hands it out; what else waited is given back."""
    for _claim in range(20):
        given = programs.post("/api/v1/second-review/next", {}, role=role).get_json()
        if given["id"] == claim["id"]:
            return given
        done(programs, given, "release", role=role)
    raise AssertionError("it was handed to nobody")


def give(programs, claim: dict, decided: str, *, role: str, **more):
    body = {"version": claim["version"], "decided": decided} | more
    return programs.post(f"/api/v1/claims/{claim['id']}/opinion", body, role=role)


def test_a_second_person_reads_what_was_proposed_and_agrees(programs):
    claim = proposed(programs, 0)
    (row,) = [
        one for one in told(programs, "/second-review", role="senior")["claims"] if one["claim_id"] == claim["id"]
    ]
    assert (row["proposed"], row["is_disputed"], row["is_own"]) == ("approve", False, False) and row["grounds"]
    shown = told(programs, f"/claims/{claim['id']}/proposal", role="senior")
    assert (shown["version"], shown["proposal"]["note"], shown["opinions"]) == (claim["version"], "材料齐全", [])
    assert told(programs, "/second-review/policies", role="senior")["policies"][0]["judged_count"] >= 1
    chosen = give(programs, claim, "approve", role="senior")
    assert (chosen.status_code, why(chosen)) == (409, "claim_handed_out")
    agreed = give(programs, handed(programs, claim, role="senior"), "approve", role="senior")
    assert agreed.status_code == 200 and agreed.get_json()["state"] == "approved"


def test_a_disagreement_says_why_and_is_the_leads(programs):
    claim = handed(programs, proposed(programs, 1), role="senior")
    silent = give(programs, claim, "refuse", role="senior", reason_code="duplicate")
    assert (silent.status_code, why(silent)) == (422, "second_says_why")
    assert give(programs, claim, "refuse", role="senior", note="重复了").status_code == 422, "a refusal has its reason"
    said = give(programs, claim, "refuse", role="senior", reason_code="duplicate", note="重复了").get_json()
    assert said["state"] == "in_second_review"
    twice = give(programs, said, "approve", role="senior", note="还是可以")
    assert twice.status_code in (403, 409)
    ended = give(programs, said, "refuse", role="lead", reason_code="duplicate", note="确是重复").get_json()
    assert ended["state"] == "rejected"
    opinions = told(programs, f"/claims/{claim['id']}/proposal", role="lead")["opinions"]
    assert [(one["decided"], one["agrees"]) for one in opinions] == [("refuse", False), ("refuse", False)]


def test_nobody_is_their_own_second_person_by_whatever_door(programs):
    claim = done(programs, waiting(programs, 2), "take-up", role="lead")
    claim = done(programs, claim, "approve", role="lead")
    assert claim["waits_for_second"] is True
    for name in ("opinion", "approve"):
        body = {"version": claim["version"]} | ({"decided": "approve"} if name == "opinion" else {})
        own = programs.post(f"/api/v1/claims/{claim['id']}/{name}", body, role="lead")
        assert own.status_code in (403, 409), own.text
    assert told(programs, f"/claims/{claim['id']}")["state"] == "in_second_review"
    assert give(programs, claim, "approve", role="reviewer").status_code == 403


def test_a_claim_is_returned_to_the_first_reviewer(programs):
    claim = handed(programs, proposed(programs, 3), role="senior")
    back = give(programs, claim, "return", role="senior", note="少一页")
    assert back.status_code == 200 and back.get_json()["state"] == "in_review"
    referred = done(programs, back.get_json(), "refer-up", note="金额大")
    assert done(programs, referred, "return-to-reviewer", role="senior", note="你来定")["state"] == "in_review"
