"""The OpenAPI document says what the doors do: nothing in it makes them crash or answer what it does not name."""

from __future__ import annotations

import pytest

from chassis.authorisation import matrix, routes_of
from tests.api.cases import DOCUMENT, Found, ask_everything, ask_spoilt_claims

EXAMPLES = 12


def test_every_door_for_programs_is_in_the_document(programs):
    told = programs.client().get(DOCUMENT).get_json()
    assert told["openapi"] == "3.1.0"
    there = {
        operation["operationId"]
        for path in told["paths"].values()
        for operation in path.values()
        if "operationId" in operation
    }
    doors = {
        endpoint
        for desk, endpoint, method, _url in routes_of(programs.app, "workspace")
        if (rule := matrix().rule(desk, endpoint, method)) and rule.by_token
    }
    assert there == doors - {"api.document"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_document_speaks_the_readers_language(programs, language):
    client = programs.app.test_client()
    client.set_cookie("coopmed_language", language)
    told = client.get(DOCUMENT).get_json()
    sentences = [told["info"]["title"], told["paths"]["/api/v1/claims"]["post"]["summary"]]
    sentences += [
        one["description"]
        for one in told["components"]["schemas"]["Money"]["properties"].values()
        if "description" in one
    ]
    assert len(sentences) > 5
    for sentence in sentences:
        assert any("\u4e00" <= sign <= "\u9fff" for sign in sentence) == (language == "zh"), sentence


def test_no_case_drawn_from_the_document_crashes_a_door(programs):
    found = ask_everything(programs, examples=EXAMPLES, seed=1)
    print(f"\n{found.cases} cases: {dict(found.statuses)}")
    assert found.faults == [], "\n".join(found.faults)
    assert found.cases > 60


def test_no_good_claim_with_one_thing_spoilt_crashes_a_door(programs):
    found = Found()
    ask_spoilt_claims(programs, found, count=150, seed=1)
    print(f"\n{found.cases} cases: {dict(found.statuses)}")
    assert found.faults == [], "\n".join(found.faults)
    assert any(name.endswith("spoilt 201") for name in found.statuses)
