"""What a mapping hands over: a county's registry facts and the claims of its institutions, in the house's own terms.

Every mapping takes one dollar as one yuan. No source knows households, so each person is a household of one; none
knows poor or five-guarantee members, referrals or supplementary insurance, so there are none.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from contractor.claims.incoming import IncomingClaim, IncomingLine
from rulebook.benefits.bill import LARGEST_E4
from rulebook.money import line_fen

CLASS_A, CLASS_B, CLASS_C = 1, 2, 3
FEN_E4 = 100
"""Ten-thousandths of a yuan in a fen."""
UNIT_E4 = 10_000
"""A quantity of one."""
PARTS_OF_A_LARGE_LINE = (1, 2, 4, 5, 10)


@dataclass(frozen=True, slots=True)
class Person:
    """One member. `enrolled_years` are the years a premium was paid for; `years_moved` how far the source lies back."""

    source_id: str
    card_number: str
    name: str
    sex: str
    born_on: dt.date
    died_on: dt.date | None
    enrolled_years: tuple[int, ...]
    years_moved: int = 0


@dataclass(frozen=True, slots=True)
class Institution:
    code: str
    name: str
    tier: int
    source_id: str


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """One entry of the catalogue."""

    item_code: str
    name: str
    catalogue_class: int
    kind: str


@dataclass(frozen=True, slots=True)
class PutAside:
    """A row of the source that is no claim of its own, or that no door takes: never dropped in silence."""

    source_id: str
    why: str
    amount_fen: int


@dataclass(slots=True)
class RealCounty:
    """Claims stand in the order their institutions would send them: by the last day, then by number."""

    county_code: str
    name_zh: str
    name_en: str
    people: list[Person] = field(default_factory=list)
    institutions: list[Institution] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    claims: list[IncomingClaim] = field(default_factory=list)
    put_aside: list[PutAside] = field(default_factory=list)

    @property
    def charged_fen(self) -> int:
        return sum(claim.charged_fen for claim in self.claims)


def card_number(county_code: str, number: int) -> str:
    return f"{county_code}{number:010d}"


def in_sending_order(claims: list[IncomingClaim]) -> list[IncomingClaim]:
    return sorted(claims, key=lambda claim: (claim.discharged_on, claim.claim_number))


def beginning_of(county: RealCounty, *, claims: int) -> RealCounty:
    """The same county with its first claims only, and with the people, institutions and items these need."""
    kept = county.claims[:claims]
    cards, codes = {claim.card_number for claim in kept}, {claim.institution_code for claim in kept}
    used = {line.item_code for claim in kept for line in claim.lines}
    return replace(
        county,
        people=[person for person in county.people if person.card_number in cards],
        institutions=[each for each in county.institutions if each.code in codes],
        items=[item for item in county.items if item.item_code in used],
        claims=kept,
    )


def whole_line(line_no: int, item: Item, *, performed_on: dt.date, amount_fen: int) -> IncomingLine:
    """One line of a known amount. The sources know no quantity, so it is one.

    A unit price ends at 100,000 yuan: a dearer line is charged as the fewest equal parts that stay below it.
    """
    price_e4 = amount_fen * FEN_E4
    parts = next(parts for parts in PARTS_OF_A_LARGE_LINE if price_e4 <= parts * LARGEST_E4)
    return _line(line_no, item, performed_on, parts * UNIT_E4, price_e4 // parts, amount_fen)


def daily_line(line_no: int, item: Item, *, performed_on: dt.date, days: int, amount_fen: int) -> IncomingLine:
    """One line of a known amount spread over days, such as a bed; up to a hundred days lose no fen."""
    price_e4 = (amount_fen * FEN_E4 + days // 2) // days
    return _line(line_no, item, performed_on, days * UNIT_E4, price_e4, amount_fen)


def _line(
    line_no: int, item: Item, performed_on: dt.date, quantity_e4: int, unit_price_e4: int, amount_fen: int
) -> IncomingLine:
    assert line_fen(quantity_e4, unit_price_e4) == amount_fen, "a mapped line is worth what the source says, to the fen"
    return IncomingLine(line_no, item.item_code, item.name, performed_on, quantity_e4, unit_price_e4, amount_fen)
