"""What was paid according to payments against what was paid according to the ledger: payment by payment, fund by fund.

A payment whose money left and stays away nets its amount on the accounts of what was paid and of what came back; any
other nets nothing there. Where every payment does so on its own fund's accounts, the sums of the funds agree too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from oversight.audits.listing import listed
from oversight.audits.own_inputs import place_among

Column = np.ndarray
Columns = Mapping[str, Column]

OTHER_AMOUNT = "booked_amount"
OTHER_FUND = "booked_in_another_fund"
FOR_NOBODY = "booked_for_nobody"


def compare(
    payments: Columns, legs: Columns, claims: Columns, *, paid: int, funds_of: Sequence[Sequence[int]]
) -> pd.DataFrame:
    """Args:
    payments: as published, in the order of their numbers.
    legs: payment_id, amount_fen (debit above zero) and the place of their account.
    paid: the state in which a payment's money has left and stays away.
    funds_of: for each account the funds that may be booked there.
    """
    place, is_known = place_among(payments["payment_id"], legs["payment_id"])
    may = np.zeros((len(funds_of), 8), dtype=bool)
    for account, funds in enumerate(funds_of):
        may[account, list(funds)] = True
    booked = np.zeros(len(payments["payment_id"]), dtype=np.int64)
    elsewhere = np.zeros(len(booked), dtype=np.int64)
    if len(booked):
        is_own = is_known & may[legs["account"], payments["fund"][place]]
        np.add.at(booked, place[is_own], legs["amount_fen"][is_own])
        astray = is_known & ~is_own
        np.add.at(elsewhere, place[astray], legs["amount_fen"][astray])
    should = np.where(payments["state"] == paid, payments["amount_fen"], 0)
    away = np.flatnonzero(elsewhere)
    differs = np.flatnonzero((booked + elsewhere != should) & (elsewhere == 0))
    nobody = np.flatnonzero(~is_known)
    return pd.concat(
        [
            _told(payments, claims, differs, OTHER_AMOUNT, booked[differs], should[differs]),
            _told(payments, claims, away, OTHER_FUND, elsewhere[away], np.zeros(len(away), dtype=np.int64)),
            listed(
                len(nobody), kind="payment", step=FOR_NOBODY, payment_id=legs["payment_id"][nobody], is_money=True,
                published_fen=legs["amount_fen"][nobody], recomputed_fen=0,
            ),
        ],
        ignore_index=True,
    )  # fmt: skip


def _told(payments: Columns, claims: Columns, rows: Column, step: str, there: Column, here: Column) -> pd.DataFrame:
    """No effect: the books are wrong there, which moves no money."""
    about = {name: payments[name][rows] for name in ("payment_id", "settlement_id", "entry_id", "claim_id")}
    if len(claims["claim_id"]):
        place, is_known = place_among(claims["claim_id"], about["claim_id"])
        about |= {name: np.where(is_known, claims[name][place], 0) for name in ("member_id", "institution")}
    return listed(
        len(rows), kind="payment", step=step, is_money=True, published_fen=there, recomputed_fen=here, **about
    )
