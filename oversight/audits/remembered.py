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


class Memory:
    """Rows that the chain remembers otherwise, or not at all, or that are gone: chunk of the chain by chunk.

    Args:
        rows: settlements or account entries as published; `key` is their number.
        fact: the name of that number in the chain's facts.
        named: how a fact is called as a column, where the two differ.
        money: facts that the chain leaves out where they are nought. Another that is missing is not compared.
        words: what the numbers of a column mean, where they are places in a list; the last stands for −1.
    """

    def __init__(
        self, rows: Columns, key: str, *, fact: str, named: Mapping[str, str], money: Sequence[str],
        words: Mapping[str, Sequence[str]] | None = None,
    ) -> None:  # fmt: skip
        self.rows, self.key, self.fact, self.named, self.money = rows, key, fact, named, money
        self.words = words or {}
        self.order = np.argsort(rows[key], kind="stable")
        self.ids = rows[key][self.order]
        self.seen = np.zeros(len(self.ids), dtype=bool)
        self.count = 0
        self._told: list[pd.DataFrame] = []

    def take(self, group: Remembered) -> None:
        """Compare some entries of the chain."""
        self.count += len(group.seq)
        place, is_known = place_among(self.ids, group.columns[self.fact])
        self.seen[place[is_known]] = True
        if not is_known.all():
            self._told.append(_gone(group, self.fact, self.key, np.flatnonzero(~is_known)))
        at = self.order[place]
        differs = ~is_known
        for name in dict.fromkeys(("claim_id", *group.columns, *self.money)):
            column = self.named.get(name, name)
            if column not in self.rows or name == self.fact:
                continue
            there = group.claim_id if name == "claim_id" else group.columns.get(name, np.zeros_like(group.seq))
            wrong = self.rows[column][at] != there
            wrong &= ~differs
            if wrong.any():
                differs |= wrong
                own = np.flatnonzero(wrong)
                self._told.append(self._changed(at[own], column, group.seq[own], there[own]))

    def told(self) -> pd.DataFrame:
        """The list, once the whole chain has been taken."""
        unremembered = _unremembered(self.rows, self.key, self.order[~self.seen])
        return pd.concat([*self._told, unremembered], ignore_index=True)

    def _changed(self, at: Column, column: str, seq: Column, there: Column) -> pd.DataFrame:
        if column not in self.words:
            return _changed(self.rows, self.key, at, column, seq, there)
        words = np.array(self.words[column], dtype=object)
        return listed(
            len(at), kind="trail", step=column, trail_seq=seq, published_word=words[self.rows[column][at]],
            recomputed_word=words[there], **_about(self.rows, self.key, at),
        )  # fmt: skip


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
