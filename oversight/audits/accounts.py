"""Published entries of household accounts against the county's own: what was credited, asked and paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oversight.audits.by_day import SCHEME, holds_enrolment, persons_enrolled
from oversight.audits.differences import account_differences
from oversight.audits.household_accounts import CREDIT, OUTPATIENT, broken_accounts, recompute_accounts
from oversight.audits.law_columns import LawColumns
from oversight.audits.listing import listed
from oversight.audits.own_inputs import place_among

Column = np.ndarray
Columns = Mapping[str, Column]

STEPS = ("claim_id", "household_id", "enrolment", "amount_fen")


@dataclass(frozen=True)
class Accounts:
    """The list, and what the accounts paid for visits on both sides."""

    differences: pd.DataFrame
    published_fen: int
    recomputed_fen: int


def compare(entries: Columns, claims: Columns, enrolments: Columns, law: LawColumns) -> Accounts:
    """Args:
    entries: `published.ACCOUNT_ENTRIES`, each account whole, with the day on which each was entered.
    claims: in the order of claim_id, with what `bills` says of each.
    """
    own = {name: entries[name] for name in ("entry_id", "reverses_entry_id", "household_id", "account_no", "kind")}
    place, is_known = place_among(claims["claim_id"], entries["claim_id"])
    is_visit = entries["kind"] == OUTPATIENT
    enrolled = _is_enrolled(claims, place, is_visit & is_known, enrolments)
    own["amount_fen"] = _amounts(entries, claims, place, is_visit & is_known, enrolled, enrolments, law)
    first = _first(entries, claims, place, is_visit, is_known, enrolled, own["amount_fen"])
    broken = broken_accounts(own)
    rows = np.flatnonzero(~np.isin(entries["household_id"], broken["household_id"].to_numpy(dtype=np.int64)))
    usable = {name: column[rows] for name, column in own.items()}
    recomputed = recompute_accounts(usable)
    there = {
        name: entries[name][rows] for name in ("entry_id", "household_id", "account_no", "paid_fen", "balance_fen")
    }
    told = account_differences(pd.DataFrame(there), recomputed)
    effect = entries["paid_fen"].copy()
    effect[rows] -= recomputed["paid_fen"].to_numpy()
    found = _listed(entries, own, claims, place, first, told, broken, effect)
    return Accounts(found, int(entries["paid_fen"].sum()), int((entries["paid_fen"] - effect).sum()))


def _is_enrolled(claims: Columns, place: Column, rows: Column, enrolments: Columns) -> Column:
    enrolled = np.ones(len(place), dtype=bool)
    at = place[rows]
    if len(at):
        days = claims["discharged_on"][at]
        years = days.astype("datetime64[Y]").astype(np.int64) + 1970
        enrolled[rows] = holds_enrolment(enrolments, SCHEME, claims["member_id"][at], years, days)
    return enrolled


def _amounts(
    entries: Columns, claims: Columns, place: Column, visits: Column, enrolled: Column, enrolments: Columns,
    law: LawColumns,
) -> Column:  # fmt: skip
    """What each entry should ask for: a visit its bill, a credit the law's amount for each person enrolled."""
    amounts = entries["amount_fen"].copy()
    amounts[entries["kind"] == OUTPATIENT] = 0
    asked = visits & enrolled
    if asked.any():
        amounts[asked] = claims["cost_fen"][place[asked]]
    credits_ = np.flatnonzero(entries["kind"] == CREDIT)
    if len(credits_):
        amounts[credits_] = _credits({name: column[credits_] for name, column in entries.items()}, enrolments, law)
    return amounts


def _credits(entries: Columns, enrolments: Columns, law: LawColumns) -> Column:
    """What each credit should be: so much for each enrolled person, by the law of the year's first day.

    ASSUMPTION (decision 0037): who is enrolled after the credit brings no further one, so a credit for any number of
    persons between those enrolled by that day and those of the whole year stands.
    """
    years = entries["year"].astype(np.int64)
    opens = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    numbers = law.numbers.get("account_credit", np.zeros(len(law.has_law) * 9, dtype=np.int64))
    each = numbers[law.span_of(opens) * 9]
    days = np.maximum(entries["entered_on"], opens)
    fewest, most = persons_enrolled(enrolments, entries["household_id"], years, days)
    persons = np.floor_divide(entries["amount_fen"], np.maximum(each, 1))
    stands = (persons * each == entries["amount_fen"]) & (fewest <= persons) & (persons <= most)
    return np.where(stands, entries["amount_fen"], each * most)


def _first(
    entries: Columns, claims: Columns, place: Column, is_visit: Column, is_known: Column, enrolled: Column,
    amounts: Column,
) -> Column:  # fmt: skip
    first = np.full(len(place), -1)
    first[entries["amount_fen"] != amounts] = STEPS.index("amount_fen")
    first[~enrolled] = STEPS.index("enrolment")
    known = np.flatnonzero(is_visit & is_known)
    if len(known):
        strange = claims["household_id"][place[known]] != entries["household_id"][known]
        first[known[strange]] = STEPS.index("household_id")
    first[is_visit & ~is_known] = STEPS.index("claim_id")
    return first


def _listed(
    entries: Columns, own: Columns, claims: Columns, place: Column, first: Column, told: pd.DataFrame,
    broken: pd.DataFrame, effect: Column,
) -> pd.DataFrame:  # fmt: skip
    rows_of = len(place)
    kind, step, section = (np.full(rows_of, "", dtype=object) for _ in range(3))
    there, here, line_no = (np.zeros(rows_of, dtype=np.int64) for _ in range(3))
    is_money = np.zeros(rows_of, dtype=bool)
    follows = np.zeros(rows_of, dtype=bool)
    order = np.argsort(entries["entry_id"], kind="stable")
    sorted_ids = entries["entry_id"][order]
    at = order[np.searchsorted(sorted_ids, told["entry_id"].to_numpy())]
    kind[at], step[at], section[at], is_money[at] = "account", told["step"].to_numpy(dtype=object), "7", True
    there[at], here[at] = told["published_fen"].to_numpy(), told["recomputed_fen"].to_numpy()
    follows[at] = told["follows_earlier"].to_numpy()
    at = order[np.searchsorted(sorted_ids, broken["entry_id"].to_numpy())]
    kind[at], step[at], section[at], is_money[at] = "account", broken["fault"].to_numpy(dtype=object), "7", False
    for number, name in enumerate(STEPS):
        at = np.flatnonzero(first == number)
        kind[at], step[at], section[at], is_money[at], follows[at] = "account", name, "7", name == "amount_fen", False
        if name == "amount_fen":
            there[at], here[at] = entries["amount_fen"][at], own["amount_fen"][at]
    rows = np.flatnonzero(kind != "")
    at = place[rows]
    has_claims = len(claims["claim_id"]) > 0
    return listed(
        len(rows), kind=kind[rows], step=step[rows], section=section[rows], line_no=line_no[rows],
        claim_id=entries["claim_id"][rows], entry_id=entries["entry_id"][rows], year=entries["year"][rows],
        member_id=np.where(entries["claim_id"][rows] > 0, claims["member_id"][at], 0) if has_claims else 0,
        institution=np.where(entries["claim_id"][rows] > 0, claims["institution"][at], 0) if has_claims else 0,
        published_fen=there[rows], recomputed_fen=here[rows], is_money=is_money[rows],
        published_word=np.where(is_money[rows], "", "yes"), recomputed_word=np.where(is_money[rows], "", "no"),
        effect_fen=effect[rows], follows_earlier=follows[rows],
    )  # fmt: skip
