"""Published settlements in the order the law puts them in: by member, year and settlement number (sections 2 and 6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oversight.audits.law_columns import LawColumns
from rulebook.refusals import Refused

Column = np.ndarray

# What can be wrong with a year; the page that shows it words it in the reader's language.
GAP = "gap_in_numbers"  # its numbers do not run 1, 2, 3 …
NO_DECISION = "reverses_no_decision"  # no earlier decision of the same year has that number
TWICE = "reversed_twice"
CODE = "unknown_code"  # tier, status or kind is none of the published codes
AMOUNT = "amount_out_of_bounds"  # below 0 or above 10^12 fen

HIGHEST_FEN = 10**12
AMOUNTS = ("cost_fen", "class_a_fen", "class_b_fen", "class_c_fen")


class BrokenYear(Refused):
    """A year that cannot be recomputed as published. Facts: `settlement_id`, `fault`, `faults` (how many there are)."""


@dataclass(frozen=True)
class Ordered:
    """Where each settlement stands, and which law decides on it.

    Args:
        order: the rows as published, in the order of the law.
        opens: true where a member's year begins; `number`, `member`, `year` stand in the same order.
        law: the number of the law of each settlement (see `LawColumns`), 0 where no law is in force.
    """

    order: Column
    opens: Column
    number: Column
    member: Column
    year: Column
    law: Column
    has_law: Column
    span: Column


def ordered(settlements: Mapping[str, Any], law: LawColumns) -> Ordered:
    """Puts the settlements of a county in the order in which the law lets them use up their years."""
    span, year, by_admission_status = _deciding(settlements, law)
    number = np.asarray(settlements["settlement_no"], dtype=np.int64)
    member = numbered(settlements["member_id"])
    order, opens, member, year, number = in_order(member, year, number)
    status = _codes(settlements, "status_on_discharge")
    if by_admission_status is not None:
        status = np.where(by_admission_status, _codes(settlements, "status_on_admission"), status)
    laws = (span * 3 + _codes(settlements, "tier") - 1) * 3 + status
    laws, span = laws[order], span[order]
    has_law = law.has_law[span] if len(span) else np.zeros(0, dtype=bool)
    # Codes that do not exist are told by `faults_of`; they must not point outside the table of laws.
    laws = np.where(has_law & (laws >= 0) & (laws < len(law.has_law) * 9), laws, 0)
    return Ordered(order, opens, number, member, year, laws, has_law, span)


def in_order(member: Column, year: Column, number: Column) -> tuple[Column, Column, Column, Column, Column]:
    """The order by member, year and number, where a year opens, and the three columns in that order."""
    years, numbers = _width(year), _width(number)
    if len(member) and _width(member) * years * numbers < 2**62:
        key = ((member - member.min()) * years + (year - year.min())) * numbers + (number - number.min())
        order = np.arange(len(key)) if (key[1:] >= key[:-1]).all() else np.argsort(key)
    else:
        order = np.lexsort((number, year, member))
    member, year, number = member[order], year[order], number[order]
    opens = np.ones(len(order), dtype=bool)
    opens[1:] = (member[1:] != member[:-1]) | (year[1:] != year[:-1])
    return order, opens, member, year, number


def numbered(ids: Any) -> Column:
    """Identities as whole numbers; texts are numbered as they come."""
    ids = np.asarray(ids) if not isinstance(ids, pd.Series) else ids
    if pd.api.types.is_integer_dtype(ids.dtype):
        return np.asarray(ids, dtype=np.int64)
    return pd.factorize(np.asarray(ids, dtype=object))[0].astype(np.int64)


def days(settlements: Mapping[str, Any], name: str) -> Column:
    return np.asarray(settlements[name], dtype="datetime64[D]")


def _codes(settlements: Mapping[str, Any], name: str) -> Column:
    return np.asarray(settlements[name], dtype=np.int64)


def _deciding(settlements: Mapping[str, Any], law: LawColumns) -> tuple[Column, Column, Column | None]:
    """Span and year of the deciding day, and where the status on admission decides (None: nowhere).

    Section 2: the rule `decisive_day` in force on the day of discharge says which day decides. A day without that rule
    has no law; ASSUMPTION: such a settlement is put in the year of its discharge.
    """
    discharged = days(settlements, "discharged_on")
    span, year = _span_and_year(discharged, law)
    by_admission_year, by_admission_status = law.year_by_admission[span], law.status_by_admission[span]
    if by_admission_year.any():
        admitted_span, admitted_year = _span_and_year(days(settlements, "admitted_on"), law)
        span = np.where(by_admission_year, admitted_span, span)
        year = np.where(by_admission_year, admitted_year, year)
    if law.older and "named_schedule" in settlements:
        day = np.where(by_admission_year, days(settlements, "admitted_on"), discharged)
        span = _named(settlements["named_schedule"], day, span, law)
    return span, year, by_admission_status if by_admission_status.any() else None


def _named(schedules: Column, day: Column, span: Column, law: LawColumns) -> Column:
    """The spans of those that name a schedule which is in force no more: they were taken back, and are held to it."""
    span = span.copy()
    for content_hash, (begins, starts) in law.older.items():
        rows = np.flatnonzero(schedules == content_hash)
        span[rows] = begins + np.searchsorted(starts, day[rows], side="right")
    return span


def deciding_day_of(settlements: Mapping[str, Any], law: LawColumns) -> tuple[Column, Column]:
    """The day that decides on each settlement, and its year (section 2)."""
    discharged = days(settlements, "discharged_on")
    span, year, _by_admission_status = _deciding(settlements, law)
    by_admission = law.year_by_admission[law.span_of(discharged)] if len(span) else np.zeros(0, dtype=bool)
    return np.where(by_admission, days(settlements, "admitted_on"), discharged), year


def _span_and_year(day: Column, law: LawColumns) -> tuple[Column, Column]:
    """Looked up in a calendar of all days between the first and the last, so that each day is worked out once."""
    if not len(day):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    first = day.min()
    calendar = np.arange(first, day.max() + 1)
    place = (day - first).astype(np.int64)
    years = calendar.astype("datetime64[Y]").astype(np.int64) + 1970
    return law.span_of(calendar)[place], years[place]


def _width(column: Column) -> int:
    return int(column.max()) - int(column.min()) + 1 if len(column) else 1


def reversals_among(opens: Column, ids: Column, reversed_ids: Column) -> tuple[Column, Column]:
    """The places of the reversals and of the decisions they take back, −1 where there is none in the same year.

    Only the years in which something is reversed are searched.
    """
    reversals = np.flatnonzero(reversed_ids)
    if not len(reversals):
        return reversals, reversals
    year = np.cumsum(opens) - 1
    concerned = np.zeros(year[-1] + 1, dtype=bool)
    concerned[year[reversals]] = True
    rows = np.flatnonzero(concerned[year])
    by_id = rows[np.argsort(ids[rows], kind="stable")]
    place = np.minimum(np.searchsorted(ids[by_id], reversed_ids[reversals]), len(by_id) - 1)
    found = by_id[place]
    fits = (ids[found] == reversed_ids[reversals]) & (year[found] == year[reversals]) & (found < reversals)
    fits &= reversed_ids[found] == 0
    return reversals, np.where(fits, found, -1)


def faults_of(
    settlements: Mapping[str, Any], placed: Ordered, reversals: Column, decisions: Column
) -> list[tuple[Column, str]]:
    """What makes a year impossible to recompute: the places in the order of the law, with the fault."""
    place_in_year = np.arange(len(placed.order)) - np.maximum.accumulate(
        np.where(placed.opens, np.arange(len(placed.order)), 0)
    )
    faults = [(np.flatnonzero(placed.number != place_in_year + 1), GAP), (reversals[decisions < 0], NO_DECISION)]
    known = decisions >= 0
    by_decision = np.lexsort((reversals[known], decisions[known]))
    again = np.flatnonzero(np.diff(decisions[known][by_decision]) == 0) + 1
    faults.append((reversals[known][by_decision[again]], TWICE))
    wrong_code = np.zeros(len(placed.order), dtype=bool)
    for name, lowest, highest in (("tier", 1, 3), ("status_on_admission", 0, 2), ("status_on_discharge", 0, 2)):
        codes = np.asarray(settlements[name])
        wrong_code |= (codes < lowest) | (codes > highest)
    faults.append((np.flatnonzero(wrong_code[placed.order]), CODE))
    wrong_amount = np.zeros(len(placed.order), dtype=bool)
    for name in AMOUNTS:
        amounts = np.asarray(settlements[name])
        wrong_amount |= (amounts < 0) | (amounts > HIGHEST_FEN)
    faults.append((np.flatnonzero(wrong_amount[placed.order]), AMOUNT))
    return [(places, fault) for places, fault in faults if len(places)]
