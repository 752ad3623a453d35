"""Cases that schemathesis draws from the OpenAPI document, asked of the real workspace. No fixtures, only functions."""

from __future__ import annotations

import json
import logging
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity

from chassis.api.once import HEADER
from tests.api.programs import Programs, claim_of

DOCUMENT = "/api/v1/openapi.json"


SCOPES = {"institution": "990121900", "township": "990121101"}
ROLES = ("lead", "senior", "reviewer", "intake", "cashier", "institution", "township")


@dataclass
class Found:
    cases: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    """Operation and status → how often."""
    faults: list[str] = field(default_factory=list)


def ask_everything(programs: Programs, *, examples: int, seed: int, most_faults: int = 5) -> Found:
    """Draw `examples` cases of each operation and ask them; what should not be answered is a fault."""
    logging.getLogger("schemathesis").setLevel(logging.ERROR)
    found = Found()
    document = schemathesis.openapi.from_wsgi(DOCUMENT, programs.app)
    records = _records(programs)
    for result in document.get_all_operations():
        operation = result.ok()
        _ask_one(programs, operation, found, records, examples=examples, seed=seed)
        if len(found.faults) >= most_faults:
            break
    return found


def _ask_one(
    programs: Programs,
    operation: Any,
    found: Found,
    records: Mapping[str, Sequence[Any]],
    *,
    examples: int,
    seed: int,
) -> None:
    name = f"{operation.method.upper()} {operation.path}"
    tokens = [programs.token(role, SCOPES.get(role)) for role in _roles_to_try(operation.definition.raw)]
    documented = {str(status) for status in operation.definition.raw["responses"]}

    def ask(case: Any) -> None:
        found.cases += 1
        for part, known in records.items():
            if found.cases % 4 and part in (case.path_parameters or {}):
                case.path_parameters[part] = known[found.cases % len(known)]
        headers = dict(case.headers or {}) | {"Authorization": f"Bearer {tokens[found.cases % len(tokens)]}"}
        if HEADER in headers and found.cases % 3:
            headers[HEADER] = f"case-{seed}-{found.cases:08d}"
        answer = case.call(headers=headers)
        status = str(answer.status_code)
        found.statuses[f"{name} {status}"] += 1
        why = _fault_of(answer, status, documented)
        if why:
            found.faults.append(f"{name}: {why}: {case.as_curl_command(headers)[:600]}")

    strategy = operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE) | operation.as_strategy(
        generation_mode=schemathesis.GenerationMode.NEGATIVE
    )
    drawn = hypothesis.given(case=strategy)(ask)
    drawn = hypothesis.seed(seed)(drawn)
    hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )(drawn)()


def _roles_to_try(told: Mapping[str, Any]) -> list[str]:
    """Those whom the door is open to, so that what lies behind it is reached, and now and then a stranger."""
    admitted = [role for role in ROLES if role in told.get("x-roles", ())][:3]
    return [*admitted, *admitted, "intake"]


def _records(programs: Programs) -> dict[str, list[Any]]:
    """What the parts of addresses may name and is there."""
    sent = [claim_of(programs, place, route=route) for place, route in enumerate(("direct", "manual", "outpatient"))]
    sent.append(claim_of(programs, 0) | {"invoice_number": sent[0]["invoice_number"]})
    claims = [programs.post("/api/v1/claims", claim).get_json()["id"] for claim in sent]
    return {"claim_id": claims, "rule": ["F01", "F02", "F99"], "approval_id": [1, 2], "book": ["entrusted"]}


def _fault_of(answer: Any, status: str, documented: set[str]) -> str | None:
    """A crash, a refusal that is not worded for programs, an answer that the document does not know."""
    if answer.status_code >= 500:
        return f"answers {status}"
    kind = answer.headers.get("content-type", [""])[0].partition(";")[0]
    if answer.status_code >= 400 and kind != "application/problem+json":
        return f"refuses {status} as {kind}"
    # The address itself, its method and the size of a message are the web server's to refuse.
    if status not in documented | {"404", "405", "413", "414", "431"}:
        return f"answers {status}, which the document does not name"
    return None


VALUES = (
    "", " ", "0", "-1", "1E5", "1.005", "\uff11\uff12", "NaN", "\x00", "\u202e", "=1+1", "x" * 5_000, "2026-02-30",
    "9999-12-31", None, True, 0, -1, 1.5, 10**30, [], [[]], {}, {"x": {}}, "\ud800", "../../etc/passwd", "' OR 1=1 --",
    "990121000001",
)  # fmt: skip


def ask_spoilt_claims(programs: Programs, found: Found, *, count: int, seed: int, most_faults: int = 5) -> None:
    """Good claims with one thing spoilt: what schemathesis draws seldom gets past the reader, these do."""
    rng = random.Random(seed)
    for number in range(count):
        place = rng.randrange(len(programs.world.members))
        claim = claim_of(programs, place, route=rng.choice(("direct", "manual", "outpatient")))
        where = rng.choice((claim, claim["lines"][0]))
        match rng.randrange(4):
            case 0:
                where[rng.choice(list(where))] = rng.choice(VALUES)
            case 1:
                where.pop(rng.choice(list(where)))
            case 2:
                where[rng.choice(("extra", "", "lines", "\u00e9"))] = rng.choice(VALUES)
            case _:
                pass
        body = json.dumps(claim).encode()
        if rng.random() < 0.1:
            cut = rng.randrange(len(body))
            body = body[:cut] + rng.randbytes(rng.randrange(4)) + body[cut + rng.randrange(3) :]
        path = rng.choice(("/api/v1/claims",) * 4 + ("/api/v1/fhir", "/api/v1/claim-files?file_name=a.json"))
        answer = programs.post(path, body, key=f"spoilt-{seed}-{number:07d}")
        found.cases += 1
        found.statuses[f"POST {path} spoilt {answer.status_code}"] += 1
        if answer.status_code >= 500:
            found.faults.append(f"POST {path}: {answer.status_code}: {body[:600]!r}")
            if len(found.faults) >= most_faults:
                return
