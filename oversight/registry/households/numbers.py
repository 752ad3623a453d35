"""The numbers of people in a list: checked as they come in, sealed for their row as they are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from chassis.vault.bank_accounts import parse_card_number
from chassis.vault.blind_index import index_many, normalise_phone
from chassis.vault.identity_numbers import IdentityNumber, parse_identity_number
from chassis.vault.keyring import Keyring
from chassis.vault.masking import mask_account, mask_identity_number, mask_phone
from chassis.vault.refusals import BankAccountRefused, IdentityNumberRefused
from chassis.vault.sealing import row_id_text, seal_many
from oversight.registry.plans import Change, Plan

TABLE = "registry.member"
MASKS = {"identity_number": mask_identity_number, "bank_account": mask_account, "phone": mask_phone}
SHORTEST_PHONE, LONGEST_PHONE = 7, 12


class Numbered(Protocol):
    """A row that holds numbers of a person."""

    @property
    def row(self) -> int: ...
    @property
    def card_number(self) -> str: ...
    @property
    def identity_number(self) -> str: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def bank_account(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Numbers:
    """A row's numbers as they passed; None where there is none, or where it did not pass."""

    identity: IdentityNumber | None
    phone: str | None = field(repr=False)
    bank_account: str | None = field(repr=False)


def numbers_of(plan: Plan, rows: Sequence[Any], *, on: dt.date) -> dict[str, Numbers]:
    """By card. A fault tells what is wrong with a number without telling the number."""
    return {r.card_number: Numbers(_identity(plan, r, on), _phone(plan, r), _account(plan, r)) for r in rows}


def sealed_cells(keyring: Keyring, county_code: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For each row its sealed and indexed columns, and what the identity number says: day of birth and sex."""
    ids = [row_id_text(county_code, row["id"]) for row in rows]
    columns: dict[str, list[bytes | None]] = {}
    for name in MASKS:
        places = [place for place, row in enumerate(rows) if row[name] is not None]
        texts = [rows[place][name] for place in places]
        column = f"{name}_sealed"
        blobs = seal_many(keyring, name, texts, table=TABLE, column=column, row_ids=[ids[p] for p in places])
        columns[column] = _spread(len(rows), places, blobs)
        if name != "phone":
            columns[f"{name}_index"] = _spread(len(rows), places, index_many(keyring, name, texts))
    return [
        {**_said_by(row["identity_number"]), **{column: cells[place] for column, cells in columns.items()}}
        for place, row in enumerate(rows)
    ]


def masked_change(change: Change) -> Change:
    mask = MASKS.get(change.column)
    if mask is None:
        return change
    return Change(
        change.row, change.subject, change.column, change.old and mask(change.old), change.new and mask(change.new)
    )


def _said_by(identity_number: str) -> dict[str, Any]:
    born_on = dt.date(int(identity_number[6:10]), int(identity_number[10:12]), int(identity_number[12:14]))
    return {"born_on": born_on, "sex": "male" if int(identity_number[16]) % 2 else "female"}


def _spread(count: int, places: Sequence[int], values: Sequence[bytes]) -> list[bytes | None]:
    spread: list[bytes | None] = [None] * count
    for place, value in zip(places, values, strict=True):
        spread[place] = value
    return spread


def _identity(plan: Plan, r: Numbered, on: dt.date) -> IdentityNumber | None:
    try:
        number = parse_identity_number(r.identity_number, on=on)
    except IdentityNumberRefused as refusal:
        facts = refusal.facts
        plan.faults.add(
            r.row, "identity_number", f"identity_{facts['fault']}", expected=facts["expected"], found=facts["found"]
        )
        return None
    for finding in number.findings:
        plan.notices.add(r.row, "identity_number", str(finding.kind), expected=finding.expected, found=finding.found)
    return number


def _account(plan: Plan, r: Numbered) -> str | None:
    if r.bank_account is None:
        return None
    try:
        return parse_card_number(r.bank_account).text
    except BankAccountRefused as refusal:
        facts = refusal.facts
        plan.faults.add(
            r.row, "bank_account", f"account_{facts['fault']}", expected=facts["expected"], found=facts["found"]
        )
        return None


def _phone(plan: Plan, r: Numbered) -> str | None:
    if r.phone is None:
        return None
    digits = normalise_phone(r.phone)
    if not SHORTEST_PHONE <= len(digits) <= LONGEST_PHONE:
        expected = f"{SHORTEST_PHONE}–{LONGEST_PHONE}"
        plan.faults.add(r.row, "phone", "not_a_phone", expected=expected, found=len(digits))
        return None
    return digits
