"""Decisions that were taken back: they are held to what they said themselves, for nobody is owed anything by them.

A decision is taken back because an input, the catalogue or the schedule was wrong. What the county knows today says
nothing of it any more; but the settlements between it and its reversal stood upon it, so the year is run through with
what it named: its own inputs and its own schedule (decision 0046). That the two cancel to the fen is still computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from oversight.audits.own_inputs import OF_BILL, OF_CLAIM, OF_REGISTRY, OwnInputs

Column = np.ndarray
Columns = Mapping[str, Column]


def undone_among(settlements: Columns) -> Column:
    """Which rows are a decision that was taken back, or what took it back."""
    reverses = settlements["reverses_settlement_id"]
    return (reverses != 0) | np.isin(settlements["settlement_id"], reverses[reverses != 0])


def with_own_words(own: OwnInputs, settlements: Columns, undone: Column) -> OwnInputs:
    """The county's inputs; of what was taken back those it was computed from. Its claim must be there all the same."""
    rows = undone & own.is_known
    if not rows.any():
        return own
    columns = dict(own.columns)
    for name in (*OF_CLAIM, *OF_BILL, *OF_REGISTRY):
        columns[name] = np.where(rows, settlements[name], columns[name])
    return replace(own, columns=columns, is_enrolled=own.is_enrolled | rows)
