"""Months as a statement knows them: local months, as instants that a query can compare with."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from chassis.clock import SHANGHAI

_MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Month:
    first_on: dt.date

    @property
    def text(self) -> str:
        return f"{self.first_on:%Y-%m}"

    @property
    def next_first_on(self) -> dt.date:
        return (self.first_on + dt.timedelta(days=31)).replace(day=1)

    @property
    def begins_at(self) -> dt.datetime:
        return dt.datetime.combine(self.first_on, dt.time(), SHANGHAI)

    @property
    def ends_at(self) -> dt.datetime:
        return dt.datetime.combine(self.next_first_on, dt.time(), SHANGHAI)


def month_of(day: dt.date) -> Month:
    return Month(day.replace(day=1))


def read_month(text: str) -> Month | None:
    """`2026-11`; None for anything else."""
    found = _MONTH.fullmatch(text)
    return Month(dt.date(int(found[1]), int(found[2]), 1)) if found else None
