"""What the county's registry says of a member on a day: status, enrolment. Searched in columns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Column = np.ndarray
Columns = Mapping[str, Column]

SCHEME, SUPPLEMENTARY = 0, 1
_DAYS = 10_000_000  # more than any day's number, so that a member and a day make one number
_YEARS = 10_000
_FIRST = np.datetime64("0001-01-01")


def status_on(statuses: Columns, members: Column, days: Column) -> Column:
    """0 member, 1 poor, 2 five-guarantee, by the period that holds on the day."""
    found = np.zeros(len(members), dtype=np.int8)
    begins = _member_day(statuses["member_id"], statuses["from_on"])
    if not len(begins):
        return found
    place = np.searchsorted(begins, _member_day(members, days), side="right") - 1
    held = np.maximum(place, 0)
    holds = (place >= 0) & (statuses["member_id"][held] == members) & (days < statuses["until_on"][held])
    found[holds] = statuses["status"][held[holds]] + 1
    return found


def holds_enrolment(enrolments: Columns, kind: int, members: Column, years: Column, days: Column) -> Column:
    """Whether the member is enrolled for that year and the enrolment has begun by the day."""
    own = np.flatnonzero(enrolments["kind"] == kind)
    keys = enrolments["member_id"][own] * _YEARS + enrolments["year"][own]
    if not len(keys):
        return np.zeros(len(members), dtype=bool)
    asked = members * _YEARS + years
    # Asked in the order of the keys, a search walks through memory instead of jumping about in it.
    order = np.argsort(asked)
    place = np.empty(len(asked), dtype=np.int64)
    place[order] = np.minimum(np.searchsorted(keys, asked[order]), len(keys) - 1)
    return (keys[place] == asked) & (enrolments["enrolled_on"][own[place]] <= days)


def persons_enrolled(enrolments: Columns, households: Column, years: Column, days: Column) -> tuple[Column, Column]:
    """How many of the household are enrolled in the scheme for that year: by the day, and in the whole year."""
    own = enrolments["kind"] == SCHEME
    keys = enrolments["household_id"][own] * _YEARS + enrolments["year"][own]
    order = np.lexsort((enrolments["enrolled_on"][own], keys))
    keys, begins = keys[order], enrolments["enrolled_on"][own][order]
    asked = households * _YEARS + years
    first, last = np.searchsorted(keys, asked), np.searchsorted(keys, asked, side="right")
    by_day = np.zeros(len(asked), dtype=np.int64)
    for step in range(int((last - first).max()) if len(asked) else 0):
        place = np.minimum(first + step, max(len(keys) - 1, 0))
        by_day += (first + step < last) & (begins[place] <= days)
    return by_day, last - first


def _member_day(members: Column, days: Column) -> Column:
    return members * _DAYS + (days - _FIRST).astype(np.int64)
