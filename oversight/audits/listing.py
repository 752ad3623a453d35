"""One list of differences whatever they are about: the same columns, the largest effect first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

Column = np.ndarray

# Before a step of the registry: what it says was written only after the contractor had decided.
LATE = "late_"

# The columns of oversight.recomputation_difference that a finding fills, with what stands for "none".
NONE: dict[str, Any] = {
    "kind": "",
    "step": "",
    "section": "",
    "article": "",
    "claim_id": 0,
    "settlement_id": 0,
    "entry_id": 0,
    "payment_id": 0,
    "line_no": 0,
    "trail_seq": 0,
    "institution": 0,
    "member_id": 0,
    "year": 0,
    "published_fen": 0,
    "recomputed_fen": 0,
    "is_money": False,
    "published_word": "",
    "recomputed_word": "",
    "effect_fen": 0,
    "follows_earlier": False,
}
_TYPES = {str: object, int: np.int64, bool: np.bool_}


def listed(rows: int, **told: Any) -> pd.DataFrame:
    """So many rows of the list; a value stands for all of them, a column for each."""
    assert told.keys() <= NONE.keys(), f"the list has no column {told.keys() - NONE.keys()}"
    columns = {}
    for name, none in NONE.items():
        value = told.get(name, none)
        kind = _TYPES[type(none)]
        columns[name] = np.full(rows, value, dtype=kind) if np.isscalar(value) else np.asarray(value).astype(kind)
    return pd.DataFrame(columns, copy=False)


def in_order(lists: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All lists as one: what begins a difference before what only follows it, then the largest effect first."""
    kept = [one for one in lists if len(one)]
    if not kept:
        return listed(0)
    whole = pd.concat(kept, ignore_index=True)
    order = np.lexsort(
        (whole["payment_id"], whole["entry_id"], whole["settlement_id"], whole["claim_id"],
         -whole["effect_fen"].abs(), whole["follows_earlier"])
    )  # fmt: skip
    return whole.iloc[order].reset_index(drop=True)
