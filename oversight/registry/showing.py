"""How a member is shown: numbers always masked; name and card in full only to those who keep the register."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from chassis.vault.keyring import Keyring
from chassis.vault.masking import (
    STAR,
    Masked,
    mask_account,
    mask_identity_number,
    mask_name,
    mask_phone,
    mask_sealed_many,
)
from chassis.vault.sealing import row_id_text
from oversight.registry.tables import Member

TABLE = "registry.member"
NAMES_IN_FULL = frozenset({"registrar", "officer"})
"""Whoever enters and corrects records works with names all day; everybody else asks for one with a reason."""


@dataclass(frozen=True)
class SealedField:
    """A field that is shown masked and can be looked at with a reason."""

    key: str
    purpose: str
    mask: Callable[[str], str]

    @property
    def column(self) -> str:
        return f"{self.key}_sealed"


FIELDS = {
    f.key: f
    for f in (
        SealedField("identity_number", "identity_number", mask_identity_number),
        SealedField("bank_account", "bank_account", mask_account),
        SealedField("phone", "phone", mask_phone),
    )
}


@dataclass(frozen=True)
class ShownMember:
    county_code: str
    id: int
    name: str
    card_number: str
    sex: str
    birth_year: int
    is_head: bool
    place_zh: str
    place_en: str
    identity_number: Masked
    bank_account: Masked | None = field(default=None)
    phone: Masked | None = field(default=None)


def sees_names(roles: Iterable[str]) -> bool:
    return not NAMES_IN_FULL.isdisjoint(roles)


def shown_members(keyring: Keyring, rows: Sequence[Row], *, in_full: bool) -> list[ShownMember]:
    """Rows of `queries.members_page` for a page or a file; each column is opened in one go."""
    members = [row[0] for row in rows]
    masked = {key: masked_column(keyring, members, key) for key in FIELDS}
    return [
        ShownMember(
            county_code=member.county_code,
            id=member.id,
            name=shown_name(member, in_full=in_full),
            card_number=shown_card(member, in_full=in_full),
            sex=member.sex,
            birth_year=member.born_on.year,
            is_head=member.is_head,
            place_zh=f"{township_zh} {village_zh}",
            place_en=f"{village_en}, {township_en}",
            **{key: masked[key][place] for key in FIELDS},
        )
        for place, (member, village_zh, village_en, township_zh, township_en) in enumerate(rows)
    ]


def masked_column(keyring: Keyring, members: Sequence[Member], key: str) -> list[Masked | None]:
    f = FIELDS[key]
    present = [member for member in members if getattr(member, f.column) is not None]
    opened = iter(
        mask_sealed_many(
            keyring,
            f.purpose,
            [getattr(member, f.column) for member in present],
            f.mask,
            table=TABLE,
            column=f.column,
            row_ids=[row_id_text(member.county_code, member.id) for member in present],
        )
    )
    return [next(opened) if getattr(member, f.column) is not None else None for member in members]


def shown_name(member: Member, *, in_full: bool) -> str:
    return member.name if in_full else mask_name(member.name)


def shown_card(member: Member, *, in_full: bool) -> str:
    return member.card_number if in_full else STAR * 4 + member.card_number[-4:]


def sealed_cell(keyring: Keyring, member: Member, key: str) -> Any:
    """One masked value of one member, or None where nothing was given."""
    return masked_column(keyring, [member], key)[0]
