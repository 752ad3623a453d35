"""Institutions and the agreements that designate them.

An agreement may be ended on a day that is past: the county learns late. Claims that were decided meanwhile stay as
they were; what is decided from then on, and every recomputation, sees the day the agreement ended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pypinyin import lazy_pinyin
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.vault.bank_accounts import parse_settlement_account
from chassis.vault.blind_index import index
from chassis.vault.keyring import Keyring
from chassis.vault.masking import mask_account
from chassis.vault.refusals import BankAccountRefused
from chassis.vault.sealing import row_id_text, seal_many, unseal
from oversight.registry.institutions.tables import Agreement, Institution
from oversight.registry.lookups import known_institutions, known_townships, texts
from oversight.registry.plans import Change, Incoming, Plan, Stamp, compare
from oversight.registry.spans import refuse_empty, settle_ends
from oversight.registry.writing import Row, insert_rows, update_rows

TABLE, SEALED, PURPOSE = "registry.institution", "bank_account_sealed", "bank_account"
KEPT_WHEN_EMPTY = frozenset({"name_en", "account_name"})


@dataclass(frozen=True, slots=True)
class InstitutionRow:
    institution_code: str
    name_zh: str
    tier: int
    beds: int
    name_en: str | None = None
    """None: in pinyin, until somebody gives one"""
    township_code: str | None = None
    account_name: str | None = None
    bank_account: str | None = field(default=None, repr=False)
    row: int = 0


@dataclass(frozen=True, slots=True)
class AgreementRow:
    institution_code: str
    from_on: dt.date
    document: str
    until_on: dt.date | None = None
    row: int = 0


def plan_institutions(session: Session, keyring: Keyring, county_code: str, rows: Sequence[InstitutionRow]) -> Plan:
    """Compare with what is known; an account that is not given stays."""
    plan = Plan()
    plan.refuse_twice(((r.row, r.institution_code) for r in rows), column="institution_code")
    townships = known_townships(session, county_code)
    known = _known(session, county_code, rows)
    incoming, accounts = [], {}
    for r in rows:
        if r.township_code is not None and r.township_code not in townships:
            plan.faults.add(
                r.row, "township_code", "unknown_township", expected=f"{county_code}…", found=r.township_code
            )
        if (r.account_name is None) != (r.bank_account is None):
            plan.faults.add(r.row, "account_name", "account_without_name")
        account = _account(plan, r)
        record = known.get(r.institution_code)
        values: dict[str, Any] = {
            "name_zh": r.name_zh,
            "name_en": r.name_en or (None if record else " ".join(lazy_pinyin(r.name_zh)).capitalize()),
            "tier": r.tier,
            "township_code": r.township_code,
            "beds": r.beds,
            "account_name": r.account_name,
        }
        if account is not None:
            accounts[r.institution_code] = account
            # A rotation of keys may have left an older digest; the number itself tells whether it is the same.
            values["bank_account"] = account
            if record:
                record["bank_account"] = _opened(keyring, county_code, r.institution_code, record)
        incoming.append(Incoming(r.row, r.institution_code, r.institution_code, values))
    compared = compare(plan, incoming, known, kept_when_empty=KEPT_WHEN_EMPTY)
    plan.changes = [_masked(change) for change in plan.changes]
    fresh = [{"county_code": county_code, "institution_code": one.key, **one.values} for one in compared.new]
    changed = [{"county_code": county_code, "institution_code": one.key, **row} for one, row in compared.changed]

    def write(session: Session, stamp: Stamp) -> None:
        insert_rows(session, Institution, stamp.on(_sealed(keyring, fresh)))
        update_rows(session, Institution, stamp.on(_sealed(keyring, changed)), key=("county_code", "institution_code"))

    plan.steps.append(write)
    return plan


def plan_agreements(session: Session, county_code: str, rows: Sequence[AgreementRow]) -> Plan:
    """Compare with what is known. Two agreements never overlap; an open one ends where the next begins."""
    plan = Plan()
    plan.refuse_twice(((r.row, (r.institution_code, r.from_on)) for r in rows), column="from_on")
    institutions = known_institutions(session, county_code, (r.institution_code for r in rows))
    known = _known_agreements(session, county_code, rows)
    incoming = []
    for r in rows:
        refuse_empty(plan, r.row, r.from_on, r.until_on)
        if r.institution_code not in institutions:
            plan.faults.add(r.row, "institution_code", "unknown_institution", found=r.institution_code)
        values = {"until_on": r.until_on, "document": r.document}
        key = (r.institution_code, r.from_on)
        incoming.append(Incoming(r.row, key, f"{r.institution_code} {r.from_on}", values))
    compared = compare(plan, settle_ends(plan, incoming, known), known)
    plan.will_update(
        Agreement,
        [{"county_code": county_code, **record} for _one, record in compared.changed],
        key=("county_code", "id"),
    )
    plan.will_insert(
        Agreement,
        [
            {"county_code": county_code, "institution_code": one.key[0], "from_on": one.key[1], **one.values}
            for one in compared.new
        ],
    )
    return plan


def _account(plan: Plan, r: InstitutionRow) -> str | None:
    if r.bank_account is None:
        return None
    try:
        return parse_settlement_account(r.bank_account).text
    except BankAccountRefused as refusal:
        facts = refusal.facts
        plan.faults.add(
            r.row, "bank_account", f"account_{facts['fault']}", expected=facts["expected"], found=facts["found"]
        )
        return None


def _opened(keyring: Keyring, county_code: str, code: str, record: dict[str, Any]) -> str | None:
    blob = record[SEALED]
    if blob is None:
        return None
    return unseal(keyring, PURPOSE, blob, table=TABLE, column=SEALED, row_id=row_id_text(county_code, code))


def _masked(change: Change) -> Change:
    if change.column != "bank_account":
        return change
    return Change(
        change.row,
        change.subject,
        change.column,
        change.old and mask_account(change.old),
        change.new and mask_account(change.new),
    )


def _sealed(keyring: Keyring, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as the table holds them: the account sealed for its row where one was given, else as it was."""
    given = [row for row in rows if row.get("bank_account") is not None]
    blobs = seal_many(
        keyring,
        PURPOSE,
        [row["bank_account"] for row in given],
        table=TABLE,
        column=SEALED,
        row_ids=[row_id_text(row["county_code"], row["institution_code"]) for row in given],
    )
    of_row = {row["institution_code"]: blob for row, blob in zip(given, blobs, strict=True)}
    out = []
    for row in rows:
        code, number = row["institution_code"], row.get("bank_account")
        cells = {name: value for name, value in row.items() if name != "bank_account"}
        cells["name_pinyin"] = " ".join(lazy_pinyin(row["name_zh"]))
        cells[SEALED] = of_row.get(code, row.get(SEALED))
        cells["bank_account_index"] = index(keyring, PURPOSE, number) if number else row.get("bank_account_index")
        out.append(cells)
    return out


def _known(session: Session, county_code: str, rows: Sequence[InstitutionRow]) -> dict[Any, dict[str, Any]]:
    i = Institution
    found = session.execute(
        select(
            i.institution_code,
            i.name_zh,
            i.name_en,
            i.tier,
            i.township_code,
            i.beds,
            i.account_name,
            i.bank_account_sealed,
            i.bank_account_index,
        ).where(i.county_code == county_code, i.institution_code.in_(select(texts(r.institution_code for r in rows))))
    ).mappings()
    return {
        row["institution_code"]: {name: value for name, value in row.items() if name != "institution_code"}
        for row in found
    }


def _known_agreements(session: Session, county_code: str, rows: Sequence[AgreementRow]) -> dict[Any, dict[str, Any]]:
    a = Agreement
    found = session.execute(
        select(a.institution_code, a.from_on, a.id, a.until_on, a.document).where(
            a.county_code == county_code, a.institution_code.in_(select(texts(r.institution_code for r in rows)))
        )
    )
    return {
        (code, from_on): {"id": id_, "until_on": until_on, "document": document}
        for code, from_on, id_, until_on, document in found
    }
