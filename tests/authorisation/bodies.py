"""What a program sends to act on a record, so that the answer shows the record's state and not a missing field."""

from __future__ import annotations

import datetime as dt
from typing import Any

_SEEN = {"version": 0}
_NOTE = {"note": "试验用的说明"}
_BODIES: dict[str, dict[str, Any]] = {
    "take-up": _SEEN,
    "release": _SEEN,
    "reduce": _SEEN | {"lines": [{"line_no": 1, "reduced_fen": 100, "reason_code": "over_price"}]},
    "approve": _SEEN,
    "refuse": _SEEN | {"reason_code": "duplicate"},
    "send-back": _SEEN | {"documents": ["invoice"]},
    "papers": _SEEN,
    "withdraw": _SEEN | {"reason_code": "asked"},
    "refer-up": _SEEN | _NOTE,
    "return-to-reviewer": _SEEN | _NOTE,
    "object-to": _SEEN | _NOTE,
    "reopen": _SEEN | _NOTE,
    "preview": {"lines": [{"line_no": 1, "reduced_fen": 100, "reason_code": "over_price"}]},
    "draft": _SEEN | _NOTE,
    "opinion": _SEEN | _NOTE | {"decided": "approve"},
    "reversal": _NOTE | {"reason_code": "audit", "content_hash": "0" * 64},
    "appeals": {
        "filed_by": "member",
        "filer_name": "张三",
        "paper": "申诉书 1",
        "statement": "试验用的说明",
        "filed_on": dt.date(2026, 3, 10).isoformat(),
    },
}
_ELSEWHERE: dict[tuple[str, str], dict[str, Any]] = {
    ("documents", "withdraw"): {"reason": "试验用的理由"},
    ("appeals", "answer"): {"version": 1, "outcome": "dismissed", "answer": "试验用的答复"},
    ("webhooks", "replay"): {},
    ("webhooks", "rotate"): {"seen_no": 1, "overlap_hours": 24},
    # Its body names the record, so that one which is not there would be not found.
    ("v1", "findings-afterwards"): {},
    ("board", "hand-over"): {"from_hand": 1, "to_hand": None, "most": 1} | _NOTE,
    ("queue", "views"): {"name": "试验", "filters": {}},
    ("corrections", "reprice"): {
        "from_on": "2026-01-01",
        "until_on": "2026-01-02",
        "reason_code": "wrong_schedule",
        "content_hash": "0" * 64,
    }
    | _NOTE,
}


_PAPER = "?paper=invoice&file_name=a.pdf"
_QUERIES = {"documents": _PAPER, "appeal papers": "?file_name=a.pdf", "preview": "?name=none&value=1"}


def query_of_a_program(path: str) -> str:
    """What an address below /api/v1 asks for beside the record, so that the record is looked at."""
    return _QUERIES.get(_last(path), "") if path.startswith("/api/v1/") else ""


def file_of_a_program(path: str) -> bytes | None:
    """What is sent to an address that takes a file: no paper at all, so that no picture of it is made."""
    takes_one = path.startswith("/api/v1/") and _last(path) in ("documents", "appeal papers")
    return b"not a paper" if takes_one else None


def _last(path: str) -> str:
    last = path.rpartition("/")[2]
    return f"appeal {last}" if path.startswith("/api/v1/appeals/") else last


def body_of_a_program(path: str) -> dict[str, Any] | None:
    """The body for an act below /api/v1; None for every other address, which is sent a form or nothing."""
    *above, act = path.partition("?")[0].rstrip("/").split("/")
    if above[:3] != ["", "api", "v1"]:
        return None
    for room in above[2:]:
        if (room, act) in _ELSEWHERE:
            return _ELSEWHERE[room, act]
    return _BODIES.get(act) if above[3:4] == ["claims"] else None
