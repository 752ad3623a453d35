"""Published money against what the contractor's hash chain remembers of it: a row changed afterwards shows here.

The chain holds ids and amounts of each decision as it was taken. A superuser can change a row; they cannot change what
the chain says of it without breaking the chain, whose head the county keeps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oversight.audits.listing import listed
from oversight.audits.own_inputs import place_among

Column = np.ndarray
Columns = Mapping[str, Column]

NO_ROW = "no_such_row"
NO_ENTRY = "no_trail_entry"


@dataclass(frozen=True)
class Remembered:
    """Some entries of the chain with the same facts: their places, their claims, their numbers."""

    seq: Column
    claim_id: Column
    columns: Columns


def compare(
    rows: Columns, key: str, groups: Sequence[Remembered], fact: str, named: Mapping[str, str], money: Sequence[str]
) -> pd.DataFrame:
    """Rows that the chain remembers otherwise, or not at all, or that are gone.

    Args:
        rows: settlements or account entries as published; `key` is their number.
        fact: the name of that number in the chain's facts.
        named: how a fact is called as a column, where the two differ.
        money: facts that the chain leaves out where they are nought. Another that is missing is not compared.
    """
    order = np.argsort(rows[key], kind="stable")
    ids = rows[key][order]
    seen = np.zeros(len(ids), dtype=bool)
    told = []
    for group in groups:
        place, is_known = place_among(ids, group.columns[fact])
        seen[place[is_known]] = True
        told.append(_gone(group, fact, key, np.flatnonzero(~is_known)))
        at = order[place]
        differs = np.zeros(len(place), dtype=bool)
        for name in dict.fromkeys(("claim_id", *group.columns, *money)):
            column = named.get(name, name)
            if column not in rows or name == fact:
                continue
            there = group.claim_id if name == "claim_id" else group.columns.get(name, np.zeros_like(group.seq))
            wrong = is_known & (rows[column][at] != there) & ~differs
            differs |= wrong
            own = np.flatnonzero(wrong)
            told.append(_changed(rows, key, at[own], column, group.seq[own], there[own]))
    told.append(_unremembered(rows, key, order[~seen]))
    return pd.concat(told, ignore_index=True)


def _changed(rows: Columns, key: str, at: Column, column: str, seq: Column, there: Column) -> pd.DataFrame:
    is_money = column.endswith("_fen")
    found = rows[column][at].astype(np.int64)
    pays = column in ("base_fen", "top_up_fen", "serious_fen", "supplementary_fen", "assistance_fen", "paid_fen")
    return listed(
        len(at), kind="trail", step=column, trail_seq=seq, is_money=is_money,
        published_fen=found if is_money else 0, recomputed_fen=there if is_money else 0,
        published_word="" if is_money else found.astype(str), recomputed_word="" if is_money else there.astype(str),
        effect_fen=found - there if pays else 0, **_about(rows, key, at),
    )  # fmt: skip


def _gone(group: Remembered, fact: str, key: str, at: Column) -> pd.DataFrame:
    """The chain remembers a row that is not there any more."""
    return listed(
        len(at), kind="trail", step=NO_ROW, trail_seq=group.seq[at], claim_id=group.claim_id[at],
        published_word="no", recomputed_word="yes", **{key: group.columns[fact][at]},
    )  # fmt: skip


def _unremembered(rows: Columns, key: str, at: Column) -> pd.DataFrame:
    return listed(
        len(at), kind="trail", step=NO_ENTRY, published_word="yes", recomputed_word="no", **_about(rows, key, at)
    )


def _about(rows: Columns, key: str, at: Column) -> dict[str, Column]:
    told = {key: rows[key][at], "claim_id": rows["claim_id"][at], "year": rows["year"][at]}
    if "member_id" in rows:
        told["member_id"] = rows["member_id"][at]
    return told
