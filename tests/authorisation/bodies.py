"""What a program sends to act on a record, so that the answer shows the record's state and not a missing field."""

from __future__ import annotations

from typing import Any

_SEEN = {"version": 0}
_BODIES: dict[str, dict[str, Any]] = {
    "take-up": _SEEN,
    "release": _SEEN,
    "reduce": _SEEN | {"lines": [{"line_no": 1, "reduced_fen": 100, "reason_code": "over_price"}]},
    "approve": _SEEN,
    "refuse": _SEEN | {"reason_code": "duplicate"},
    "send-back": _SEEN | {"documents": ["invoice"]},
    "papers": _SEEN,
    "withdraw": _SEEN | {"reason_code": "asked"},
    "refer-up": _SEEN | {"note": "试验用的说明"},
}


def body_of_a_program(path: str) -> dict[str, Any] | None:
    """The body for an act below /api/v1/claims/…; None for every other address."""
    *above, act = path.rstrip("/").split("/")
    return _BODIES.get(act) if above[:4] == ["", "api", "v1", "claims"] else None
