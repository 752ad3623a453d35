"""A claim of the demo while it is being made up; it has its numbers only when all of them are there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple

from contractor.claims.incoming import IncomingClaim, IncomingLine
from demo.catalogue import Item
from demo.county import Family, Person
from demo.illnesses import Illness
from demo.institutions import Institution
from rulebook.money import line_fen


class Entry(NamedTuple):
    """One line of a bill."""

    performed_on: dt.date
    item: Item
    quantity_e4: int
    unit_price_e4: int
    own_name: str = ""
    """What the institution calls it; empty where it says what the catalogue says."""

    @property
    def charged_fen(self) -> int:
        return line_fen(self.quantity_e4, self.unit_price_e4)


@dataclass(eq=False)
class Referral:
    """A slip; its number comes with the county's other slips."""

    person: Person
    from_institution: Institution
    to_institution: Institution
    reason: str
    valid_from_on: dt.date
    valid_until_on: dt.date
    slip_number: str = ""


@dataclass(eq=False)
class Draft:
    """One claim. `same_invoice_as` makes it carry another claim's invoice, `advance_off_fen` a wrong advance."""

    family: Family
    person: Person
    route: str
    institution: Institution
    illness: Illness
    admitted_on: dt.date
    discharged_on: dt.date
    submitted_on: dt.date
    entries: list[Entry]
    doctor: str
    department: str = ""
    procedures: tuple[str, ...] = ()
    institution_reduced_fen: int = 0
    paid_elsewhere_fen: int = 0
    advanced_fen: int = 0
    advance_off_fen: int = 0
    referral: Referral | None = None
    payee: Person | None = None
    same_invoice_as: Draft | None = None
    claim_number: str = ""
    invoice_number: str = ""

    @property
    def charged_fen(self) -> int:
        return sum(entry.charged_fen for entry in self.entries)

    @property
    def cost_fen(self) -> int:
        """What the member bore: the bill, less what the institution took off and what another payer paid."""
        return self.charged_fen - self.institution_reduced_fen - self.paid_elsewhere_fen

    def finished(self) -> IncomingClaim:
        """As an institution or a township office sends it."""
        return IncomingClaim(
            claim_number=self.claim_number,
            route=self.route,
            institution_code=self.institution.code,
            card_number=self.person.card_number,
            invoice_number=(self.same_invoice_as or self).invoice_number,
            admitted_on=self.admitted_on,
            discharged_on=self.discharged_on,
            diagnosis_code=self.illness.code,
            charged_fen=self.charged_fen,
            submitted_on=self.submitted_on,
            lines=tuple(
                IncomingLine(
                    line_no=number,
                    item_code=entry.item.code,
                    hospital_item_name=entry.own_name or entry.item.name,
                    performed_on=entry.performed_on,
                    quantity_e4=entry.quantity_e4,
                    unit_price_e4=entry.unit_price_e4,
                    charged_fen=entry.charged_fen,
                )
                for number, entry in enumerate(self.entries, 1)
            ),
            diagnosis_name=self.illness.name,
            procedure_codes=self.procedures,
            department=self.department or self.illness.department,
            doctor=self.doctor,
            institution_reduced_fen=self.institution_reduced_fen,
            paid_elsewhere_fen=self.paid_elsewhere_fen,
            advanced_fen=self.advanced_fen,
            receipt_signed_on=self.discharged_on if self.route == "direct" else None,
            referral_slip=self.referral.slip_number if self.referral else "",
            payee_name=self.payee.name if self.payee else None,
            payee_account=self.payee.bank_account if self.payee else None,
        )


@dataclass(frozen=True)
class Case:
    """A planted irregularity, or something that only looks like one. `drafts` are all claims it consists of."""

    rule: str
    is_irregular: bool
    why: str
    drafts: tuple[Draft, ...] = field(repr=False)
