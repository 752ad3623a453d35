"""One file into the registry: the whole of it or nothing, with a record of what it changed.

`plan_file` reads and compares and writes nothing: it is the preview. `take_in` does the same and carries it out.
`enter_rows` does it for rows that come from no file. All three hold the county's registry until the edge commits.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.reading.faults import Faults, RowFault, refused
from chassis.reading.tables import read_table
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.vault.keyring import Keyring
from chassis.vault.masking import STAR
from oversight.registry.imports.kinds import KINDS, Kind, Setting
from oversight.registry.imports.tables import ImportChange, RegistryImport
from oversight.registry.lookups import lock_registry
from oversight.registry.plans import Plan, Stamp
from oversight.registry.writing import insert_rows

MOST_ROWS = 200_000
COMMAND_LINE = Actor(ActorKind.SYSTEM, "command_line")


@dataclass(frozen=True)
class Taken:
    """What an import did."""

    record: RegistryImport
    plan: Plan


class FaultsWithoutNumbers(Faults):
    """A fault in a sealed column tells what is wrong with the number, and not the number."""

    def __init__(self, sealed: frozenset[str]) -> None:
        super().__init__()
        self.sealed = sealed

    def extend(self, faults: Any) -> None:
        super().extend(
            RowFault(fault.row, fault.column, fault.expected, STAR * 4, fault.reason)
            if fault.column in self.sealed and fault.found
            else fault
            for fault in faults
        )


def plan_file(
    session: Session,
    keyring: Keyring,
    kind: Kind,
    path: Path,
    *,
    file_name: str,
    county_code: str,
    on: dt.date,
    most_rows: int = MOST_ROWS,
) -> Plan:
    """What the file would change. Nothing is written.

    Raises:
        FileRefused: with every fault found, in the order of the rows.
    """
    rows = read_rows(kind, path, file_name=file_name, most_rows=most_rows)
    lock_registry(session, county_code)
    plan = kind.plan(Setting(session, keyring, county_code, on), rows)
    plan.faults.raise_if_any(file_name)
    return plan


def take_in(
    session: Session,
    keyring: Keyring,
    kind: Kind,
    path: Path,
    *,
    file_name: str,
    county_code: str,
    by: int | None,
    at: dt.datetime,
    most_rows: int = MOST_ROWS,
) -> Taken:
    """The whole file, its changes old beside new, and the trail's entry. A file that changes nothing is recorded too.

    Raises:
        FileRefused: with every fault found; nothing is written then.
    """
    plan = plan_file(
        session,
        keyring,
        kind,
        path,
        file_name=file_name,
        county_code=county_code,
        on=local_day(at),
        most_rows=most_rows,
    )
    record = RegistryImport(
        county_code=county_code,
        kind=kind.key,
        file_name=file_name,
        sha256=sha256_of(path),
        row_count=plan.rows,
        added_count=plan.added,
        changed_count=plan.changed,
        same_count=plan.same,
        at=at,
        by=by,
    )
    session.add(record)
    session.flush()
    plan.carry_out(session, Stamp(by, at, record.id))
    _keep_changes(session, record, plan)
    facts = {"sha256": record.sha256.hex(), **_counts(kind, plan)}
    _tell_trail(session, "registry.imported", "registry_import", str(record.id), facts, county_code, by, at)
    return Taken(record, plan)


def enter_rows(
    session: Session,
    keyring: Keyring,
    kind_key: str,
    rows: Sequence[Any],
    *,
    county_code: str,
    by: int | None,
    at: dt.datetime,
) -> Plan:
    """Rows of a kind (`kinds.KINDS`) that come from no file, compared and written like a file's.

    Raises:
        FileRefused: with every fault found; nothing is written then.
    """
    kind = KINDS[kind_key]
    lock_registry(session, county_code)
    plan = kind.plan(Setting(session, keyring, county_code, local_day(at)), rows)
    plan.carry_out(session, Stamp(by, at))
    _tell_trail(session, "registry.entered", "registry", kind.key, _counts(kind, plan), county_code, by, at)
    return plan


def read_rows(kind: Kind, path: Path, *, file_name: str, most_rows: int = MOST_ROWS) -> list[Any]:
    """The file's rows as the kind's own, each with its row number."""
    faults = FaultsWithoutNumbers(kind.sealed)
    names = [column.key for column in kind.table.columns]
    rows: list[Any] = []
    for piece in read_table(path, kind.table, file_name=file_name, faults=faults):
        columns = [piece[name] for name in names]
        for number, *cells in zip(piece.rows, *columns, strict=True):
            rows.append(kind.row_type(row=number, **dict(zip(names, cells, strict=True))))
        if len(rows) > most_rows:
            raise refused("too_many_rows", expected=f"≤ {most_rows}")
    return rows


def sha256_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _keep_changes(session: Session, record: RegistryImport, plan: Plan) -> None:
    insert_rows(
        session,
        ImportChange,
        [
            {
                "county_code": record.county_code,
                "import_id": record.id,
                "change_no": number,
                "row_no": change.row,
                "subject": change.subject,
                "column_name": change.column,
                "old_value": change.old,
                "new_value": change.new,
            }
            for number, change in enumerate(plan.changes, 1)
        ],
    )


def _counts(kind: Kind, plan: Plan) -> dict[str, Any]:
    return {"kind": kind.key, "added": plan.added, "changed": plan.changed, "same": plan.same}


def _tell_trail(
    session: Session,
    act: str,
    subject_kind: str,
    subject_id: str,
    facts: dict[str, Any],
    county_code: str,
    by: int | None,
    at: dt.datetime,
) -> None:
    actor = COMMAND_LINE if by is None else Actor(ActorKind.STAFF, str(by))
    entry = Entry(act, subject_kind, subject_id, by=actor, facts=facts)
    append(session, county_code=county_code, stream="registry", entries=[entry], at=at)
