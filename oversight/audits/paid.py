"""What was paid against what was settled: each amount once, to whom the claim says, and nothing without a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oversight.audits.listing import listed
from oversight.audits.own_inputs import place_among

Column = np.ndarray
Columns = Mapping[str, Column]

FUNDS = ("pooled", "serious", "supplementary", "household_account")
POOLED, _SERIOUS, _SUPPLEMENTARY, HOUSEHOLD_ACCOUNT = range(4)
MANUAL = 1
TO_INSTITUTION, TO_MEMBER = range(2)

NO_DECISION = "paid_without_decision"
NOT_POSITIVE = "paid_nothing_or_less"
OTHER_CLAIM = "paid_for_another_claim"
OTHER_PAYEE = "paid_to_another"
TWICE = "paid_twice"
TAKEN_BACK = "paid_for_reversed"
OTHER_AMOUNT = "paid_amount"
OTHER_TOP_UP = "top_up_fen"
NOT_PLANNED = "not_paid"
BEYOND_OWED = "set_off_beyond_owed"
# In the order in which they are told of one payment.
STEPS = (NO_DECISION, NOT_POSITIVE, OTHER_CLAIM, OTHER_PAYEE, TWICE, TAKEN_BACK, OTHER_AMOUNT, OTHER_TOP_UP)


@dataclass(frozen=True)
class Paid:
    """The list, and what the bank has confirmed and not sent back."""

    differences: pd.DataFrame
    paid_fen: int


@dataclass(frozen=True)
class States:
    """Places of the payment's states, by what they mean here."""

    ended: tuple[int, ...]
    """The payment is no more: cancelled, or another was issued in its place."""
    paid: int


def compare(
    payments: Columns,
    settlements: Columns,
    entries: Columns,
    claims: Columns,
    states: States,
    owed_back: Columns,
    set_offs: Columns,
    repaid: Columns,
) -> Paid:
    """Args:
    payments, settlements, entries: as published, each in the order of its number; claims: in the order of claim_id.
    owed_back, set_offs, repaid: what payees hold of decisions that were taken back; what of it met new ones, or came
        back.
    """
    due = _with_what_is_held(_due(settlements, entries), owed_back, set_offs)
    stands = np.logical_and.reduce([payments["state"] != state for state in states.ended])
    key = _key(payments["settlement_id"], payments["entry_id"], payments["fund"])
    place, is_due = place_among(due["key"], key)
    # A payment for a fund that owes nothing has no decision behind it, though the claim may have one.
    is_decided = is_due & (due["amount_fen"][place] > 0) if len(due["key"]) else is_due
    amount = np.where(is_decided, due["amount_fen"][place], 0) if len(due["key"]) else np.zeros(len(key), np.int64)
    first = _first(payments, claims, due, place, is_decided, amount, stands, payments["state"] == states.paid)
    rows = np.flatnonzero((first >= 0) & stands)
    is_paid_for = np.zeros(len(due["key"]), dtype=bool)
    is_paid_for[place[stands & is_due]] = True
    unpaid = np.flatnonzero((due["amount_fen"] > 0) & ~due["is_undone"] & ~is_paid_for)
    told = [_told(payments, claims, rows, first[rows], amount[rows], due, place), _told_unpaid(due, unpaid, claims)]
    told.append(_told_beyond(owed_back, [set_offs, repaid], claims))
    paid = payments["state"] == states.paid
    return Paid(pd.concat(told, ignore_index=True), int(payments["amount_fen"][paid].sum()))


def _key(settlement: Column, entry: Column, fund: Column) -> Column:
    """One number for what is paid: an entry's or a settlement's, and the fund."""
    return np.where(entry > 0, -(entry * 8 + HOUSEHOLD_ACCOUNT), settlement * 8 + fund)


def _due(settlements: Columns, entries: Columns) -> dict[str, Column]:
    """What each decision owes, fund by fund, in the order of the key; what was taken back is marked."""
    is_decision = settlements["reverses_settlement_id"] == 0
    undone = _is_among(settlements["settlement_id"], settlements["reverses_settlement_id"][~is_decision])
    owed = (
        settlements["base_fen"] + settlements["top_up_fen"],
        settlements["serious_fen"],
        settlements["supplementary_fen"],
    )
    parts: list[dict[str, Column]] = []
    for fund, amount in enumerate(owed):
        rows = np.flatnonzero(is_decision & (amount != 0))
        ids, none = settlements["settlement_id"][rows], np.zeros(len(rows), dtype=np.int64)
        parts.append(
            {
                "key": _key(ids, none, np.full(len(rows), fund)),
                "amount_fen": amount[rows],
                "claim_id": settlements["claim_id"][rows],
                "settlement_id": ids,
                "entry_id": none,
                "is_undone": undone[rows],
                "top_up_fen": settlements["top_up_fen"][rows] if fund == POOLED else none,
            }
        )
    parts.append(_due_of_accounts(entries))
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(whole["key"], kind="stable")
    return {name: column[order] for name, column in whole.items()}


def _due_of_accounts(entries: Columns) -> dict[str, Column]:
    is_reversal = entries["reverses_entry_id"] != 0
    rows = np.flatnonzero(~is_reversal & (entries["paid_fen"] != 0))
    ids, none = entries["entry_id"][rows], np.zeros(len(rows), dtype=np.int64)
    undone = _is_among(entries["entry_id"], entries["reverses_entry_id"][is_reversal])
    return {
        "key": _key(none, ids, none),
        "amount_fen": entries["paid_fen"][rows],
        "claim_id": entries["claim_id"][rows],
        "settlement_id": none,
        "entry_id": ids,
        "is_undone": undone[rows],
        "top_up_fen": none,
    }


def _is_among(ids: Column, few: Column) -> Column:
    """Which of the ids, in rising order, are among a few."""
    found = np.zeros(len(ids), dtype=bool)
    place, is_known = place_among(ids, few)
    found[place[is_known]] = True
    return found


def _with_what_is_held(due: dict[str, Column], owed_back: Columns, set_offs: Columns) -> dict[str, Column]:
    """A decision is met by what the payee holds already before it is paid; of one taken back all is owed back."""
    met, met_top_up = (_sum_at(due["key"], set_offs, name) for name in ("amount_fen", "top_up_fen"))
    return due | {
        "amount_fen": due["amount_fen"] - met,
        "top_up_fen": due["top_up_fen"] - met_top_up,
        "not_owed_back_fen": due["amount_fen"] - _sum_at(due["key"], owed_back, "amount_fen"),
    }


def _sum_at(keys: Column, rows: Columns, name: str) -> Column:
    sums = np.zeros(len(keys), dtype=np.int64)
    place, is_known = place_among(keys, _key(rows["settlement_id"], rows["entry_id"], rows["fund"].astype(np.int64)))
    np.add.at(sums, place[is_known], rows[name][is_known])
    return sums


def _first(
    payments: Columns,
    claims: Columns,
    due: Columns,
    place: Column,
    is_decided: Column,
    amount: Column,
    stands: Column,
    is_paid: Column,
) -> Column:
    """The place in `STEPS` of what is wrong with each payment, −1 for nothing."""
    claim, has_claim = place_among(claims["claim_id"], payments["claim_id"])
    differs = {NO_DECISION: ~is_decided, NOT_POSITIVE: payments["amount_fen"] <= 0}
    if len(due["key"]):
        differs[OTHER_CLAIM] = due["claim_id"][place] != payments["claim_id"]
        # What was paid before its decision was taken back is no fault, once the payee owes all of it back.
        differs[TAKEN_BACK] = due["is_undone"][place] & ~(is_paid & (due["not_owed_back_fen"][place] == 0))
        differs[OTHER_TOP_UP] = payments["top_up_fen"] != due["top_up_fen"][place]
    if len(claims["claim_id"]):
        should = np.where(claims["route"][claim] == MANUAL, TO_MEMBER, TO_INSTITUTION)
        whom = np.where(should == TO_MEMBER, payments["member_id"] != claims["member_id"][claim],
                        payments["institution"] != claims["institution"][claim])  # fmt: skip
        differs[OTHER_PAYEE] = has_claim & ((payments["payee_kind"] != should) | whom)
    differs[OTHER_AMOUNT] = payments["amount_fen"] != amount
    differs[TWICE] = _again(place, is_decided & stands)
    first = np.full(len(place), -1)
    for number in range(len(STEPS) - 1, -1, -1):
        if STEPS[number] in differs:
            first[differs[STEPS[number]]] = number
    return first


def _again(place: Column, counts: Column) -> Column:
    """Every standing payment but the first for the same thing."""
    again = np.zeros(len(place), dtype=bool)
    rows = np.flatnonzero(counts)
    order = rows[np.argsort(place[rows], kind="stable")]
    again[order[1:][np.diff(place[order]) == 0]] = True
    return again


def _told(
    payments: Columns, claims: Columns, rows: Column, first: Column, amount: Column, due: Columns, place: Column
) -> pd.DataFrame:
    steps = np.array(STEPS, dtype=object)[first]
    # What stands without a decision, a second time or after a reversal should not be there at all.
    is_owed = np.isin(steps, (NOT_POSITIVE, OTHER_AMOUNT, OTHER_TOP_UP, OTHER_PAYEE, OTHER_CLAIM))
    should = np.where(is_owed, amount, 0)
    is_top_up = steps == OTHER_TOP_UP
    there, here = payments["amount_fen"][rows].copy(), should.copy()
    if len(due["key"]):
        there[is_top_up] = payments["top_up_fen"][rows[is_top_up]]
        here[is_top_up] = due["top_up_fen"][place[rows[is_top_up]]]
    return listed(
        len(rows), kind="payment", step=steps, payment_id=payments["payment_id"][rows],
        settlement_id=payments["settlement_id"][rows], entry_id=payments["entry_id"][rows], is_money=True,
        published_fen=there, recomputed_fen=here, effect_fen=payments["amount_fen"][rows] - should,
        **_of_claim(claims, payments["claim_id"][rows]),
    )  # fmt: skip


def _told_unpaid(due: Columns, rows: Column, claims: Columns) -> pd.DataFrame:
    return listed(
        len(rows), kind="payment", step=NOT_PLANNED, settlement_id=due["settlement_id"][rows],
        entry_id=due["entry_id"][rows], is_money=True, published_fen=0, recomputed_fen=due["amount_fen"][rows],
        effect_fen=-due["amount_fen"][rows], **_of_claim(claims, due["claim_id"][rows]),
    )  # fmt: skip


def _told_beyond(owed_back: Columns, recovered: Sequence[Columns], claims: Columns) -> pd.DataFrame:
    """Debts of which more was set off or came back than is owed: money that nobody holds would have met a decision."""
    met = np.zeros(len(owed_back["owed_back_id"]), dtype=np.int64)
    for parts in recovered:
        place, is_known = place_among(owed_back["owed_back_id"], parts["owed_back_id"])
        np.add.at(met, place[is_known], parts["amount_fen"][is_known])
    rows = np.flatnonzero(met > owed_back["amount_fen"])
    should = owed_back["amount_fen"][rows]
    return listed(
        len(rows), kind="payment", step=BEYOND_OWED, settlement_id=owed_back["settlement_id"][rows],
        entry_id=owed_back["entry_id"][rows], is_money=True, published_fen=met[rows], recomputed_fen=should,
        effect_fen=met[rows] - should, **_of_claim(claims, owed_back["claim_id"][rows]),
    )  # fmt: skip


def _of_claim(claims: Columns, claim_ids: Column) -> dict[str, Column]:
    place, is_known = place_among(claims["claim_id"], claim_ids)
    if not len(claims["claim_id"]):
        return {"claim_id": claim_ids}
    return {
        "claim_id": claim_ids,
        "member_id": np.where(is_known, claims["member_id"][place], 0),
        "institution": np.where(is_known, claims["institution"][place], 0),
    }
