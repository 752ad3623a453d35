"""Households and their members from a list, a row a member; numbers are checked, sealed for their row, never shown.

A member is known by the card. A row may correct a name or an identity number, move the member to another household,
name another head. An empty telephone or account says nothing; it does not take away what is known.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pypinyin import lazy_pinyin
from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from oversight.registry.households.known import Known, known_of
from oversight.registry.households.numbers import Numbers, masked_change, numbers_of, sealed_cells
from oversight.registry.lookups import known_villages
from oversight.registry.plans import Compared, Incoming, Plan, Stamp, compare
from oversight.registry.tables import Household, Member
from oversight.registry.writing import drawn_ids, insert_rows, update_rows

KEPT_WHEN_EMPTY = frozenset({"phone", "bank_account"})


@dataclass(frozen=True, slots=True)
class MemberRow:
    household_number: str
    village_code: str
    card_number: str
    name: str
    identity_number: str = field(repr=False)
    is_head: bool = False
    phone: str | None = field(default=None, repr=False)
    bank_account: str | None = field(default=None, repr=False)
    row: int = 0


def plan_members(
    session: Session, keyring: Keyring, county_code: str, rows: Sequence[MemberRow], *, on: dt.date
) -> Plan:
    """Compare with what is known on the day `on`; a member's row counts once, whatever of it is new or different."""
    plan = Plan()
    plan.refuse_twice(((r.row, r.card_number) for r in rows), column="card_number")
    numbers = numbers_of(plan, rows, on=on)
    known = known_of(session, keyring, county_code, rows, numbers)
    _judge_places(plan, county_code, rows, known_villages(session, county_code))
    _judge_identities(plan, rows, numbers, known)
    _judge_heads(plan, rows, known)
    moved = _compare_households(plan, rows, known)
    compared = compare(plan, _incoming(rows, numbers, known), known.members, kept_when_empty=KEPT_WHEN_EMPTY)
    rows_counted = {one.row for one in compared.new} | {one.row for one, _record in compared.changed}
    for _row in {change.row for change in plan.changes} - rows_counted:
        plan.same, plan.changed = plan.same - 1, plan.changed + 1
    plan.changes = [masked_change(change) for change in plan.changes]
    plan.steps.append(lambda session, stamp: _write(session, keyring, county_code, stamp, rows, known, moved, compared))
    return plan


def _judge_places(plan: Plan, county_code: str, rows: Sequence[MemberRow], villages: set[str]) -> None:
    first: dict[str, MemberRow] = {}
    for r in rows:
        if r.village_code not in villages:
            plan.faults.add(r.row, "village_code", "unknown_village", expected=f"{county_code}…", found=r.village_code)
        if not (r.card_number.isascii() and r.card_number.isdigit() and 10 <= len(r.card_number) <= 20):
            plan.faults.add(r.row, "card_number", "not_a_card_number", expected="0–9, 10–20", found=r.card_number)
        elif not r.card_number.startswith(county_code):
            plan.faults.add(r.row, "card_number", "not_within", expected=f"{county_code}…", found=r.card_number)
        one = first.setdefault(r.household_number, r)
        if one.village_code != r.village_code:
            plan.faults.add(r.row, "village_code", "contradicts_row", expected=one.village_code, found=r.village_code)


def _judge_identities(plan: Plan, rows: Sequence[MemberRow], numbers: Mapping[str, Numbers], known: Known) -> None:
    """One person is one member: no number twice in the file, none that another member of the county has."""
    holder: dict[str, MemberRow] = {}
    named = {r.card_number for r in rows}
    for r in rows:
        identity = numbers[r.card_number].identity
        if identity is None:
            continue
        other = holder.setdefault(identity.text, r)
        if other.card_number != r.card_number:
            plan.faults.add(r.row, "identity_number", "same_identity_number", found=other.card_number)
        card = known.card_of_identity.get(identity.text)
        # A card that is in the file as well is judged by its own row: two numbers may be swapped to their owners.
        if card is not None and card != r.card_number and card not in named:
            plan.faults.add(r.row, "identity_number", "same_identity_number", found=card)


def _judge_heads(plan: Plan, rows: Sequence[MemberRow], known: Known) -> None:
    named = {r.card_number for r in rows}
    head_of = {household: card for card, household in known.household_of_head.items() if card not in named}
    for r in rows:
        if r.is_head and head_of.setdefault(r.household_number, r.card_number) != r.card_number:
            plan.faults.add(r.row, "is_head", "two_heads", found=head_of[r.household_number])


def _compare_households(plan: Plan, rows: Sequence[MemberRow], known: Known) -> Compared:
    """Households are compared beside the members and not counted."""
    first: dict[str, Incoming] = {}
    for r in rows:
        values = {"village_code": r.village_code}
        first.setdefault(r.household_number, Incoming(r.row, r.household_number, r.household_number, values))
    counted = (plan.added, plan.changed, plan.same)
    compared = compare(plan, first.values(), known.households)
    plan.added, plan.changed, plan.same = counted
    return compared


def _incoming(rows: Sequence[MemberRow], numbers: Mapping[str, Numbers], known: Known) -> list[Incoming]:
    incoming = []
    for r in rows:
        n = numbers[r.card_number]
        values = {
            "household_number": r.household_number,
            "name": r.name,
            "identity_number": n.identity and n.identity.text,
            "is_head": r.is_head,
            "phone": n.phone,
            "bank_account": n.bank_account,
        }
        incoming.append(Incoming(r.row, r.card_number, r.card_number, values))
    return incoming


def _write(
    session: Session,
    keyring: Keyring,
    county_code: str,
    stamp: Stamp,
    rows: Sequence[MemberRow],
    known: Known,
    moved: Compared,
    compared: Compared,
) -> None:
    household_ids = {number: record["id"] for number, record in known.households.items()}
    fresh = [one.key for one in moved.new]
    household_ids |= dict(zip(fresh, drawn_ids(session, Household, len(fresh)), strict=True)) if fresh else {}
    insert_rows(
        session,
        Household,
        stamp.on(
            {
                "county_code": county_code,
                "id": household_ids[one.key],
                "household_number": one.key,
                "village_code": one.values["village_code"],
            }
            for one in moved.new
        ),
    )
    update_rows(
        session,
        Household,
        stamp.on(
            {"county_code": county_code, "id": record["id"], "village_code": record["village_code"]}
            for _one, record in moved.changed
        ),
        key=("county_code", "id"),
    )
    member_ids = drawn_ids(session, Member, len(compared.new)) if compared.new else []
    new = [
        {"card_number": one.key, "id": member_id, **one.values}
        for one, member_id in zip(compared.new, member_ids, strict=True)
    ]
    changed = [{"card_number": one.key, **record} for one, record in compared.changed]
    _make_room(session, county_code, known, compared)
    insert_rows(session, Member, stamp.on(_cells(keyring, county_code, household_ids, new)))
    update_rows(
        session, Member, stamp.on(_cells(keyring, county_code, household_ids, changed)), key=("county_code", "id")
    )


def _make_room(session: Session, county_code: str, known: Known, compared: Compared) -> None:
    """A head steps down, and a wrong identity number goes, before another member takes the place of it."""
    leaving = []
    for one, record in compared.changed:
        was = known.members[one.key]
        if was["is_head"] or was["identity_number"] != record["identity_number"]:
            place_holder = {"is_head": False, "identity_number_index": secrets.token_bytes(32)}
            leaving.append({"county_code": county_code, "id": record["id"], **place_holder})
    update_rows(session, Member, leaving, key=("county_code", "id"))


def _cells(
    keyring: Keyring, county_code: str, household_ids: Mapping[str, int], rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Rows as the table holds them."""
    sealed = sealed_cells(keyring, county_code, rows)
    return [
        {
            "county_code": county_code,
            "id": row["id"],
            "household_id": household_ids[row["household_number"]],
            "card_number": row["card_number"],
            "name": row["name"],
            "name_pinyin": " ".join(lazy_pinyin(row["name"])),
            "is_head": row["is_head"],
            **cells,
        }
        for row, cells in zip(rows, sealed, strict=True)
    ]
