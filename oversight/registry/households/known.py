"""What the registry knows of the people a list names: by card, by identity number, by household."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ARRAY, LargeBinary, bindparam, func, select
from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from chassis.vault.sealing import row_id_text, unseal_many
from oversight.registry.households.numbers import MASKS, TABLE, Numbers
from oversight.registry.lookups import texts
from oversight.registry.tables import Household, Member


@dataclass(frozen=True)
class Known:
    members: Mapping[Any, dict[str, Any]] = field(repr=False)
    """By card, their numbers opened: they are compared and masked, and go nowhere else."""
    households: Mapping[Any, dict[str, Any]]
    """By household number."""
    card_of_identity: Mapping[str, str] = field(repr=False)
    household_of_head: Mapping[str, str]
    """Card of each head of the households that are named, and which household."""


def known_of(
    session: Session, keyring: Keyring, county_code: str, rows: Sequence[Any], numbers: Mapping[str, Numbers]
) -> Known:
    """Four statements."""
    households = session.execute(
        select(Household.household_number, Household.id, Household.village_code).where(
            Household.county_code == county_code,
            Household.household_number.in_(select(texts(r.household_number for r in rows))),
        )
    )
    heads = session.execute(
        select(Member.card_number, Household.household_number)
        .join(Household, (Household.county_code == Member.county_code) & (Household.id == Member.household_id))
        .where(
            Member.county_code == county_code,
            Member.is_head,
            Household.household_number.in_(select(texts(r.household_number for r in rows))),
        )
    )
    return Known(
        members=_members(session, keyring, county_code, rows),
        households={number: {"id": id_, "village_code": village} for number, id_, village in households},
        card_of_identity=_cards_of(session, keyring, county_code, numbers),
        household_of_head=dict(heads.all()),
    )


def _members(session: Session, keyring: Keyring, county_code: str, rows: Sequence[Any]) -> dict[Any, dict[str, Any]]:
    found = session.execute(
        select(
            Member.card_number,
            Member.id,
            Household.household_number,
            Member.name,
            Member.is_head,
            Member.identity_number_sealed,
            Member.bank_account_sealed,
            Member.phone_sealed,
        )
        .join(Household, (Household.county_code == Member.county_code) & (Household.id == Member.household_id))
        .where(Member.county_code == county_code, Member.card_number.in_(select(texts(r.card_number for r in rows))))
    ).all()
    opened = {name: _opened(keyring, county_code, found, name) for name in MASKS}
    return {
        row.card_number: {
            "id": row.id,
            "household_number": row.household_number,
            "name": row.name,
            "is_head": row.is_head,
            **{name: column[place] for name, column in opened.items()},
        }
        for place, row in enumerate(found)
    }


def _opened(keyring: Keyring, county_code: str, found: Sequence[Any], name: str) -> list[str | None]:
    column = f"{name}_sealed"
    present = [place for place, row in enumerate(found) if getattr(row, column) is not None]
    opened = unseal_many(
        keyring,
        name,
        [getattr(found[place], column) for place in present],
        table=TABLE,
        column=column,
        row_ids=[row_id_text(county_code, found[place].id) for place in present],
    )
    spread: list[str | None] = [None] * len(found)
    for place, text in zip(present, opened, strict=True):
        spread[place] = text
    return spread


def _cards_of(session: Session, keyring: Keyring, county_code: str, numbers: Mapping[str, Numbers]) -> dict[str, str]:
    """Who in the county has these identity numbers, under whichever key their digest was made."""
    digests: dict[bytes, str] = {}
    for key in keyring.index_keys("identity_number"):
        for n in numbers.values():
            if n.identity is not None:
                digests[key.digest(n.identity.text.encode())] = n.identity.text
    if not digests:
        return {}
    sent = func.unnest(bindparam(None, list(digests), ARRAY(LargeBinary())))
    found = session.execute(
        select(Member.identity_number_index, Member.card_number).where(
            Member.county_code == county_code, Member.identity_number_index.in_(select(sent))
        )
    )
    return {digests[bytes(digest)]: card for digest, card in found}
