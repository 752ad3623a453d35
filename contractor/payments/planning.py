"""What was decided becomes payments, in the decision's own transaction: one for each fund, to whoever is owed it.

The claims' room hands over plain rows; this module knows no claim. MONEY.md says whose money pays what: medical
assistance is civil affairs' and becomes an entitlement, never a payment of this desk (decision 0034).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from chassis.vault.blind_index import index_many, normalise_bank_account
from chassis.vault.keyring import Keyring
from chassis.vault.sealing import row_id_text, seal_many, unseal_many
from contractor.payments.queries import published_institution, server_timeline
from contractor.payments.refusals import PayeeWithoutAccount
from contractor.payments.tables import AssistanceEntitlement
from contractor.recoveries.holding import Due, set_off

PURPOSE = "bank_account"
SEALED_CELL = {"table": "contractor.payment", "column": "account_sealed"}
INSTITUTION_CELL = {"table": "registry.institution", "column": "bank_account_sealed"}
TO_INSTITUTION = frozenset({"direct", "outpatient"})


@dataclass(frozen=True, slots=True)
class Decided:
    """One settlement, or one entry of a household account, with the amount each fund owes."""

    claim_id: int
    route: str
    """direct and outpatient pay the institution, which advanced it; manual pays the member or their mandated payee."""
    institution_code: str
    member_id: int
    settlement_id: int | None = None
    account_entry_id: int | None = None
    pooled_fen: int = 0
    """Base and top-up of the poor together."""
    top_up_fen: int = 0
    serious_fen: int = 0
    supplementary_fen: int = 0
    household_account_fen: int = 0
    assistance_fen: int = 0
    payee_name: str | None = None
    payee_account: str | None = field(default=None, repr=False)
    """Name and account of a manual claim's payee, in the clear: it is sealed here for the payment's row."""


@dataclass(frozen=True, slots=True)
class Planned:
    payment_count: int
    total_fen: int
    entitlement_count: int


@dataclass(frozen=True, slots=True)
class _Line:
    decided: Decided
    fund: str
    amount_fen: int
    top_up_fen: int


def plan_payments(
    session: Session, rows: Sequence[Decided], *, county_code: str, keyring: Keyring, at: dt.datetime
) -> Planned:
    """Write the payments and entitlements of a chunk of decisions: a constant number of statements.

    An amount of zero makes nothing. A settlement is paid once for each fund: a second call for it is refused by the
    database (`uq_payment_settlement_is_paid_once_per_fund`). What the payee still holds of an earlier decision on the
    same claim meets the new one first: only the difference is paid (decision 0046).

    Raises:
        PayeeWithoutAccount: nobody gave an account for these claims or institutions; nothing is written.
    """
    owed = [_Line(row, fund, fen, top_up) for row in rows for fund, fen, top_up in _owed(row) if fen]
    assert all(line.amount_fen > 0 for line in owed), "a reversal is no payment; it is recovered, not planned"
    left = set_off(session, [_due(line) for line in owed], county_code=county_code, at=at) if owed else {}
    lines = [
        replace(line, amount_fen=left[place][0], top_up_fen=left[place][1]) if place in left else line
        for place, line in enumerate(owed)
        if place not in left or left[place][0]
    ]
    if lines:
        _insert(session, county_code, lines, _payees(session, county_code, lines, keyring), keyring, at)
    entitled = [row for row in rows if row.assistance_fen]
    if entitled:
        session.execute(
            AssistanceEntitlement.__table__.insert(),
            [
                {
                    "county_code": county_code,
                    "settlement_id": row.settlement_id,
                    "claim_id": row.claim_id,
                    "member_id": row.member_id,
                    "amount_fen": row.assistance_fen,
                    "planned_at": at,
                }
                for row in entitled
            ],
        )
    return Planned(len(lines), sum(line.amount_fen for line in lines), len(entitled))


def end_to_end_id(county_code: str, timeline: int, payment_id: int) -> str:
    """What the bank calls a payment. The timeline is in it: a restored database draws numbers that were in use."""
    return f"E{county_code}T{timeline:03d}P{payment_id:012d}"


def _owed(row: Decided) -> tuple[tuple[str, int, int], ...]:
    """Fund, amount, and what of it is the top-up of the poor."""
    return (
        ("pooled", row.pooled_fen, row.top_up_fen),
        ("serious", row.serious_fen, 0),
        ("supplementary", row.supplementary_fen, 0),
        ("household_account", row.household_account_fen, 0),
    )


def _due(line: _Line) -> Due:
    row, is_visit = line.decided, line.fund == "household_account"
    return Due(
        row.claim_id,
        line.fund,
        line.amount_fen,
        line.top_up_fen,
        settlement_id=0 if is_visit else row.settlement_id or 0,
        account_entry_id=row.account_entry_id or 0 if is_visit else 0,
    )


def _payees(session: Session, county_code: str, lines: Sequence[_Line], keyring: Keyring) -> list[tuple[str, str]]:
    """Name and account, in the clear, of each line's payee."""
    codes = {line.decided.institution_code for line in lines if line.decided.route in TO_INSTITUTION}
    accounts = _institution_accounts(session, county_code, codes, keyring)
    payees: list[tuple[str, str] | None] = []
    for line in lines:
        row = line.decided
        if row.route in TO_INSTITUTION:
            payees.append(accounts.get(row.institution_code))
        elif row.payee_name and row.payee_account:
            payees.append((row.payee_name, normalise_bank_account(row.payee_account)))
        else:
            payees.append(None)
    missing = [line.decided for line, payee in zip(lines, payees, strict=True) if payee is None]
    if missing:
        raise PayeeWithoutAccount(
            claims=sorted({row.claim_id for row in missing}),
            institutions=sorted({row.institution_code for row in missing if row.route in TO_INSTITUTION}),
        )
    return [payee for payee in payees if payee is not None]


def _institution_accounts(
    session: Session, county_code: str, codes: set[str], keyring: Keyring
) -> dict[str, tuple[str, str]]:
    if not codes:
        return {}
    i = published_institution.c
    found = session.execute(
        select(i.institution_code, i.account_name, i.bank_account_sealed)
        .where(i.county_code == county_code, i.institution_code.in_(codes))
        .where(i.bank_account_sealed.is_not(None))
    ).all()
    opened = unseal_many(
        keyring,
        PURPOSE,
        [row.bank_account_sealed for row in found],
        **INSTITUTION_CELL,
        row_ids=[row_id_text(county_code, row.institution_code) for row in found],
    )
    return {row.institution_code: (row.account_name, account) for row, account in zip(found, opened, strict=True)}


def _insert(
    session: Session,
    county_code: str,
    lines: Sequence[_Line],
    payees: Sequence[tuple[str, str]],
    keyring: Keyring,
    at: dt.datetime,
) -> None:
    """One statement however many lines: each column travels as one array."""
    numbers = func.generate_series(1, len(lines))
    ids = list(session.scalars(select(func.nextval("contractor.payment_id_seq")).select_from(numbers)))
    timeline = server_timeline(session)
    accounts = [account for _name, account in payees]
    sealed = seal_many(
        keyring, PURPOSE, accounts, **SEALED_CELL, row_ids=[row_id_text(county_code, number) for number in ids]
    )
    to_institution = [line.decided.route in TO_INSTITUTION for line in lines]
    session.execute(
        text(
            """
            INSERT INTO contractor.payment
                (county_code, planned_at, id, settlement_id, account_entry_id, claim_id, fund, payee_kind,
                 institution_code, member_id, account_name, account_sealed, account_index, amount_fen, top_up_fen,
                 end_to_end_id)
            SELECT :county_code, :at, line.* FROM unnest(
                CAST(:ids AS bigint[]), CAST(:settlements AS bigint[]), CAST(:entries AS bigint[]),
                CAST(:claims AS bigint[]), CAST(:funds AS text[]), CAST(:kinds AS text[]),
                CAST(:institutions AS text[]), CAST(:members AS bigint[]), CAST(:names AS text[]),
                CAST(:sealed AS bytea[]), CAST(:indexes AS bytea[]), CAST(:amounts AS bigint[]),
                CAST(:top_ups AS bigint[]), CAST(:bank_names AS text[])) AS line
            """
        ),
        {
            "county_code": county_code,
            "at": at,
            "ids": ids,
            "settlements": [None if line.fund == "household_account" else line.decided.settlement_id for line in lines],
            "entries": [line.decided.account_entry_id if line.fund == "household_account" else None for line in lines],
            "claims": [line.decided.claim_id for line in lines],
            "funds": [line.fund for line in lines],
            "kinds": ["institution" if to else "member" for to in to_institution],
            "institutions": [
                line.decided.institution_code if to else None for line, to in zip(lines, to_institution, strict=True)
            ],
            "members": [None if to else line.decided.member_id for line, to in zip(lines, to_institution, strict=True)],
            "names": [name for name, _account in payees],
            "sealed": sealed,
            "indexes": index_many(keyring, PURPOSE, accounts),
            "amounts": [line.amount_fen for line in lines],
            "top_ups": [line.top_up_fen for line in lines],
            "bank_names": [end_to_end_id(county_code, timeline, number) for number in ids],
        },
    )
