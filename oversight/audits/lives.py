"""The recorded events of claims, replayed by the table of their life that was asked when they were written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from rulebook.lifecycles.lifecycle import Lifecycle

Column = np.ndarray
Columns = Mapping[str, Column]

NOT_LISTED = "illegal_move"
OTHER_STATE = "state_after"
GAP = "event_no"
NOT_THE_LAST = "state"
NO_EVENT = "no_event"


def replayed(claims: Columns, events: Columns, life: Lifecycle[Any, Any]) -> pd.DataFrame:
    """Claims whose events do not lead to the state they are in: claim_id, step, published_word, recomputed_word.

    Args:
        claims: claim_id in rising order, state, version; a state is its place in the table's list.
        events: claim_id, event_no, event, state_after, in the order of claim and number.
    """
    states, names = list(life.states), list(life.events)
    moves = np.full((len(states) + 1, len(names) + 1), -1, dtype=np.int8)
    for (state, event), after in life.moves.items():
        moves[states.index(state), names.index(event)] = states.index(after)
    claim, after = events["claim_id"], events["state_after"]
    opens = np.diff(claim, prepend=-1) != 0
    before = np.where(opens, states.index(life.initial), np.roll(after, 1))
    should = moves[before, events["event"]]
    number = np.arange(len(claim)) - np.maximum.accumulate(np.where(opens, np.arange(len(claim)), 0)) + 1
    faults = [
        _told(claim, np.flatnonzero(events["event_no"] != number), GAP, events["event_no"], number),
        _moves(claim, before, events["event"], after, should, states, names),
        *_ends(claims, events, opens, states, life),
    ]
    found = pd.concat(faults, ignore_index=True)
    return found.drop_duplicates("claim_id", keep="first", ignore_index=True)


def _moves(
    claim: Column, before: Column, event: Column, after: Column, should: Column,
    states: Sequence[StrEnum], names: Sequence[StrEnum],
) -> pd.DataFrame:  # fmt: skip
    illegal = np.flatnonzero(should < 0)
    other = np.flatnonzero((should >= 0) & (after != should))
    told = [(claim[row], NOT_LISTED, f"{_word(states, before[row])}+{_word(names, event[row])}", "") for row in illegal]
    told += [(claim[row], OTHER_STATE, _word(states, after[row]), _word(states, should[row])) for row in other]
    return _frame(told)


def _ends(
    claims: Columns, events: Columns, opens: Column, states: Sequence[StrEnum], life: Lifecycle[Any, Any]
) -> list[pd.DataFrame]:
    """The state a claim is in against the one its last event left, and its version against its count of events."""
    ids = claims["claim_id"]
    starts = np.flatnonzero(opens)
    ends = np.append(starts[1:], len(opens)) - 1 if len(starts) else starts
    place = np.searchsorted(ids, events["claim_id"][starts])
    known = (place < len(ids)) & (ids[np.minimum(place, max(len(ids) - 1, 0))] == events["claim_id"][starts])
    last = np.full(len(ids), states.index(life.initial), dtype=np.int64)
    count = np.zeros(len(ids), dtype=np.int64)
    last[place[known]] = events["state_after"][ends[known]]
    count[place[known]] = (ends - starts + 1)[known]
    strange = np.unique(events["claim_id"][starts[~known]])
    return [
        _frame([
            (ids[row], NOT_THE_LAST, _word(states, claims["state"][row]), _word(states, last[row]))
            for row in np.flatnonzero(claims["state"] != last)
        ]),
        _told(ids, np.flatnonzero(claims["version"] != count), "version", claims["version"], count),
        _frame([(claim, NO_EVENT, "", "") for claim in strange]),
    ]  # fmt: skip


def _told(claim: Column, rows: Column, step: str, there: Column, here: Column) -> pd.DataFrame:
    return _frame([(claim[row], step, str(there[row]), str(here[row])) for row in rows])


def _word(words: Sequence[StrEnum], place: int) -> str:
    return str(words[place]) if 0 <= place < len(words) else "?"


def _frame(told: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(told, columns=["claim_id", "step", "published_word", "recomputed_word"])
