"""What the tests of the rooms do again and again through the API. No fixtures, only functions."""

from __future__ import annotations

from typing import Any

from tests.api.programs import Programs, claim_of


def waiting(programs: Programs, place: int, **changes: Any) -> dict[str, Any]:
    """A claim that waits for a person: its invoice was claimed before."""
    first = claim_of(programs, place, **changes)
    assert programs.post("/api/v1/claims", first).status_code == 201
    again = claim_of(programs, place, **changes) | {"invoice_number": first["invoice_number"]}
    told = programs.post("/api/v1/claims", again).get_json()
    assert told["state"] == "received", told
    return told


def act(
    programs: Programs,
    claim: dict[str, Any],
    name: str,
    *,
    role: str = "reviewer",
    key: str | None = None,
    **body: Any,
):
    given = {"version": claim["version"]} | body
    return programs.post(f"/api/v1/claims/{claim['id']}/{name}", given, role=role, key=key)


def done(programs: Programs, claim: dict[str, Any], name: str, *, role: str = "reviewer", **body: Any) -> dict:
    answer = act(programs, claim, name, role=role, **body)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def told(programs: Programs, path: str, *, role: str = "reviewer", status: int = 200) -> dict[str, Any]:
    answer = programs.get(f"/api/v1{path}", role=role)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def at_the_desk(programs: Programs, place: int) -> dict[str, Any]:
    return done(programs, waiting(programs, place), "take-up")


def approved(programs: Programs, place: int) -> dict[str, Any]:
    return done(programs, at_the_desk(programs, place), "approve")


def why(answer: Any) -> str:
    assert answer.mimetype == "application/problem+json", answer.text
    return answer.get_json()["type"].removeprefix("urn:coopmed:")
