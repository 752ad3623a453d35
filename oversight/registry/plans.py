"""What rows would change in the registry, worked out before anything is written.

A verb of the registry reads what is known, compares it with the rows, and returns a plan: so many are new, so many
become different (old beside new), so many say what is known. A preview shows the plan; an import carries it out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from chassis.db import HouseBase
from chassis.reading.faults import Faults
from oversight.registry.writing import Row, insert_rows, update_rows
from rulebook.money import yuan_text

TEN_THOUSAND = 10_000


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who writes, when, from which file."""

    by: int | None
    at: dt.datetime
    import_id: int | None = None

    def on(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        mark = {"recorded_at": self.at, "recorded_by": self.by, "import_id": self.import_id}
        return [{**row, **mark} for row in rows]


Step = Callable[[Session, Stamp], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One column of one known record: what it was, what it becomes. Sealed columns are masked already."""

    row: int
    subject: str
    column: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record as a row states it. `values` are its columns; `subject` names it as people do."""

    row: int
    key: Hashable
    subject: str
    values: dict[str, Any]


@dataclass
class Plan:
    """Faults refuse the whole; notices are shown and refuse nothing."""

    faults: Faults = field(default_factory=Faults)
    notices: Faults = field(default_factory=lambda: Faults(limit=200))
    added: int = 0
    changed: int = 0
    same: int = 0
    changes: list[Change] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.added + self.changed + self.same

    def carry_out(self, session: Session, stamp: Stamp) -> None:
        """Write it all: a constant number of statements however many rows."""
        self.faults.raise_if_any()
        for step in self.steps:
            step(session, stamp)

    def will_insert(self, mapped: type[HouseBase], rows: Sequence[Row]) -> None:
        if rows:
            self.steps.append(lambda session, stamp: insert_rows(session, mapped, stamp.on(rows)))

    def will_update(self, mapped: type[HouseBase], rows: Sequence[Row], *, key: Sequence[str]) -> None:
        if rows:
            self.steps.append(lambda session, stamp: update_rows(session, mapped, stamp.on(rows), key=key))

    def refuse_twice(self, keys: Iterable[tuple[int, Hashable]], *, column: str) -> None:
        """Two rows that speak of one record contradict each other, or one of them is superfluous."""
        first: dict[Hashable, int] = {}
        for row, key in keys:
            if first.setdefault(key, row) != row:
                self.faults.add(row, column, "row_twice", found=first[key])


@dataclass(frozen=True)
class Compared:
    new: list[Incoming]
    changed: list[tuple[Incoming, Mapping[str, Any]]]
    """With the record as it will be: what is known, and over it what the row says."""


def compare(
    plan: Plan,
    incoming: Iterable[Incoming],
    known: Mapping[Hashable, Mapping[str, Any]],
    *,
    kept_when_empty: frozenset[str] = frozenset(),
) -> Compared:
    """Tell new from changed from same, and note each change in the plan.

    A column in `kept_when_empty` says nothing where its cell is empty; any other empty cell means "none".
    """
    new, changed = [], []
    for one in incoming:
        record = known.get(one.key)
        if record is None:
            plan.added += 1
            new.append(one)
            continue
        says = {name: v for name, v in one.values.items() if not (v is None and name in kept_when_empty)}
        different = [name for name, value in says.items() if record[name] != value]
        if not different:
            plan.same += 1
            continue
        plan.changed += 1
        plan.changes += [
            Change(one.row, one.subject, name, in_words(name, record[name]), in_words(name, says[name]))
            for name in different
        ]
        changed.append((one, {**record, **says}))
    return Compared(new, changed)


def in_words(column: str, value: Any) -> str | None:
    """A value as the record of a change keeps it: days in figures, amounts in yuan."""
    if value is None:
        return None
    if column.endswith("_fen"):
        return yuan_text(value)
    if column.endswith("_e4"):
        return f"{value // TEN_THOUSAND}.{value % TEN_THOUSAND:04d}"
    return str(value)
