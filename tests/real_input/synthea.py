"""Synthea's claims in the house's terms: 18,350 claims of 488 made-up people of Massachusetts, 1914 to 2021.

The rules, each stated once:

| what | rule |
| --- | --- |
| days | the calendar day of the time as written; all times are UTC |
| years | a claim before 2007, the first year with a law and a calendar, is moved up by the fewest sixteens of years |
| member | one person within one stretch of sixteen years: birth, death and claims move together, so ages stay true |
| enrolled | assumed in every year of the stretch from birth to death; the source has no enrolment |
| tier | by words of the institution's name, below |
| route | inpatient stays (class IMP, not pharmacy) direct; all else from the household account |
| base fee | what the total lies above the priced lines, 125, 75 or 255, is the first line, under an item of its own |
| class | by kind, and where a kind has several classes by the last digit of the code, below |
| diagnosis | the claim's first condition, else the encounter's reason, else the encounter's type |
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from contractor.claims.incoming import IncomingClaim
from rulebook.money import parse_amount_due
from tests.real_input.county import (
    CLASS_A,
    CLASS_B,
    CLASS_C,
    Institution,
    Item,
    Person,
    RealCounty,
    card_number,
    in_sending_order,
    whole_line,
)
from tests.real_input.sources import SYNTHEA, folder, text_table

COUNTY_CODE = "990131"
FIRST_YEAR, STRETCH_YEARS = 2007, 16

OUTPATIENT_FEE = Item("FEE-OUTPATIENT", "Base fee of an outpatient visit", CLASS_A, "examination")
EMERGENCY_FEE = Item("FEE-EMERGENCY", "Base fee of an emergency visit", CLASS_A, "examination")
INPATIENT_FEE = Item("FEE-INPATIENT", "Base fee of a stay", CLASS_A, "bed")
BASE_FEES = {"AMB": (OUTPATIENT_FEE, 125_00), "EMER": (EMERGENCY_FEE, 125_00), "IMP": (INPATIENT_FEE, 75_00)}
PHARMACY_FEE_FEN = 255_00

# Read from the top: a walk-in centre that calls itself a medical centre is a walk-in centre.
TIER_WORDS = (
    (1, ("CLINIC", "WALK", "URGENT", "FAMILY MEDIC", "FAMILY DOCTORS", "VET CENTER", "HEALTH CENTER", "HEALTH CARE")),
    (3, ("MEDICAL CENTER", "MEDICAL CTR", "MASSACHUSETTS", "BRIGHAM", "CHILDREN", "BURLINGTON")),
    (2, ("HOSPITAL", "HEALTH")),
)
TIER_WITHOUT_A_WORD = 1
CLASS_OF_LAST_DIGIT = (CLASS_A,) * 6 + (CLASS_B,) * 3 + (CLASS_C,)
CODE_PREFIXES = {"procedure": "SCT", "immunization": "CVX"}
PROCEDURE = "SCT-"


@dataclass(frozen=True, slots=True)
class _Encounter:
    """What a claim's encounter adds to it."""

    kind: str
    type_code: str
    type_text: str
    reason_code: str
    reason_text: str
    end: str
    doctor: str


def tier_of(name: str) -> int:
    """The tier that an institution's name lets it pass for."""
    written = name.upper()
    return next((tier for tier, words in TIER_WORDS if any(word in written for word in words)), TIER_WITHOUT_A_WORD)


def class_of(kind: str, code: str) -> int:
    """Immunisations are prevention and none of the scheme's cost; others by the last digit of their code."""
    return CLASS_C if kind == "immunization" else CLASS_OF_LAST_DIGIT[int(code[-1])]


def years_moved(year: int) -> int:
    """How many years a claim of this year is moved up; 0 from the first year on."""
    return max(-((year - FIRST_YEAR) // STRETCH_YEARS), 0) * STRETCH_YEARS


def moved(day: dt.date, years: int) -> dt.date:
    """The same day so many years on. Sixteen years keep leap days: 2000 was a leap year, 2100 is not reached."""
    return day.replace(year=day.year + years)


def day_of(stamp: str) -> dt.date:
    assert stamp.endswith("+00:00"), "every time of this source is written in UTC"
    return dt.date.fromisoformat(stamp[:10])


def load(people: Iterable[str] | None = None) -> RealCounty:
    """The county of these patients, or of all. Raises: NoRealInput."""
    source = folder(SYNTHEA)
    claims = text_table(source / "claims.csv.gz")
    if people is not None:
        claims = claims[claims["patient_id"].isin(set(people))]
    county = RealCounty(COUNTY_CODE, "合成县", "Synthea County")
    codes = _institutions(county, text_table(source / "providers.csv"))
    cards = _people(county, text_table(source / "members.csv"), claims)
    items: dict[str, Item] = {item.item_code: item for item, _fee in BASE_FEES.values()}
    county.claims = in_sending_order(_claims(source, claims, codes, cards, items))
    county.items = sorted(items.values())
    return county


def _institutions(county: RealCounty, providers: pd.DataFrame) -> dict[str, str]:
    """Numbered in the order of the source's own identities."""
    codes: dict[str, str] = {}
    for number, row in enumerate(providers.sort_values("org_id").to_dict("records"), 1):
        codes[row["org_id"]] = f"{COUNTY_CODE}{number:03d}"
        name, code = row["name"].strip(" -"), codes[row["org_id"]]
        county.institutions.append(Institution(code, name, tier_of(name), source_id=row["org_id"]))
    return codes


def _people(county: RealCounty, members: pd.DataFrame, claims: pd.DataFrame) -> dict[tuple[str, int], str]:
    """One member for each stretch of years in which a person has claims; the cards by person and years moved."""
    stretches: dict[str, set[int]] = defaultdict(set)
    for patient_id, stamp in zip(claims["patient_id"], claims["billable_start"], strict=True):
        stretches[patient_id].add(years_moved(day_of(stamp).year))
    cards: dict[tuple[str, int], str] = {}
    for row in members.sort_values("patient_id").to_dict("records"):
        for years in sorted(stretches[row["patient_id"]]):
            card = cards[row["patient_id"], years] = card_number(COUNTY_CODE, len(cards) + 1)
            county.people.append(_person(row, card, years))
    return cards


def _person(row: dict[Any, str], card: str, years: int) -> Person:
    born_on = moved(dt.date.fromisoformat(row["birth_date"]), years)
    last_year = FIRST_YEAR + STRETCH_YEARS  # a stay that runs over the last New Year belongs to the next year
    died_on = moved(day_of(row["deceased"]), years) if row["deceased"] else None
    if died_on is not None and died_on.year > last_year:
        died_on = None  # in a later stretch
    return Person(
        source_id=row["patient_id"],
        card_number=card,
        name=f"{row['given']} {row['family']}",
        sex=row["gender"],
        born_on=born_on,
        died_on=died_on,
        enrolled_years=tuple(
            range(max(born_on.year, FIRST_YEAR), min(died_on.year if died_on else last_year, last_year) + 1)
        ),
        years_moved=years,
    )


def _claims(
    source: Any, claims: pd.DataFrame, codes: dict[str, str], cards: dict[tuple[str, int], str], items: dict[str, Item]
) -> list[IncomingClaim]:
    encounters = _encounters(text_table(source / "encounters.csv.gz"))
    priced = _priced(text_table(source / "claim_items.csv.gz"), items)
    conditions = text_table(source / "claim_diagnoses.csv")
    first = conditions.sort_values("sequence", key=lambda column: column.astype(int)).drop_duplicates("claim_id")
    diagnoses = {row["claim_id"]: (row["code"], row["text"]) for row in first.to_dict("records")}
    medicines = text_table(source / "medication_requests.csv").set_index("medication_request_id").to_dict("index")
    mapped = []
    for row in claims.to_dict("records"):
        encounter = encounters[row["encounter_id"]]
        total_fen = parse_amount_due(row["total"])
        lines = priced.get(row["claim_id"], [])
        fee_fen = total_fen - sum(amount for _, amount in lines)
        if row["claim_type"] == "pharmacy":
            fee_item = _medicine(medicines[row["prescription_id"]], items)
            assert fee_fen == PHARMACY_FEE_FEN, "a pharmacy's claim is one unpriced medicine and 255"
        else:
            fee_item, expected_fen = BASE_FEES[encounter.kind]
            assert fee_fen == expected_fen, "the base fee follows the kind of the encounter"
        mapped.append(
            _claim(row, encounter, diagnoses.get(row["claim_id"]), codes, cards, [(fee_item, fee_fen), *lines])
        )
    return mapped


def _claim(
    row: dict[Any, str],
    encounter: _Encounter,
    diagnosis: tuple[str, str] | None,
    codes: dict[str, str],
    cards: dict[tuple[str, int], str],
    bill: list[tuple[Item, int]],
) -> IncomingClaim:
    is_stay = encounter.kind == "IMP" and row["claim_type"] == "institutional"
    begun_on = day_of(row["billable_start"])
    years = years_moved(begun_on.year)
    admitted_on = moved(begun_on, years)
    discharged_on = moved(day_of(encounter.end), years) if is_stay else admitted_on
    code, name = diagnosis or _instead_of_diagnosis(encounter)
    return IncomingClaim(
        claim_number=row["claim_id"],
        route="direct" if is_stay else "outpatient",
        institution_code=codes[row["provider_org_id"]],
        card_number=cards[row["patient_id"], years],
        invoice_number=row["claim_id"],
        admitted_on=admitted_on,
        discharged_on=discharged_on,
        diagnosis_code=code,
        diagnosis_name=name,
        procedure_codes=tuple(
            item.item_code.removeprefix(PROCEDURE) for item, _ in bill if item.item_code.startswith(PROCEDURE)
        ),
        department=encounter.type_text,
        doctor=encounter.doctor,
        charged_fen=sum(amount_fen for _, amount_fen in bill),
        submitted_on=discharged_on,
        receipt_signed_on=discharged_on if is_stay else None,
        lines=tuple(
            whole_line(number, item, performed_on=admitted_on, amount_fen=amount_fen)
            for number, (item, amount_fen) in enumerate(bill, 1)
        ),
    )


def _instead_of_diagnosis(encounter: _Encounter) -> tuple[str, str]:
    if encounter.reason_code:
        return encounter.reason_code, encounter.reason_text
    return encounter.type_code, encounter.type_text


def _encounters(table: pd.DataFrame) -> dict[str, _Encounter]:
    return {
        row["encounter_id"]: _Encounter(
            row["class"],
            row["type_code"],
            row["type_text"],
            row["reason_code"],
            row["reason_text"],
            row["end"],
            row["practitioner_id"],
        )
        for row in table.to_dict("records")
    }


def _priced(table: pd.DataFrame, items: dict[str, Item]) -> dict[str, list[tuple[Item, int]]]:
    """The lines that carry a price, by claim, in their order; the others say why and where, not how much."""
    table = table[table["net"] != ""]
    order = table["sequence"].astype(int)
    by_claim: dict[str, list[tuple[Item, int]]] = defaultdict(list)
    for row in table.assign(sequence=order).sort_values(["claim_id", "sequence"]).to_dict("records"):
        code = f"{CODE_PREFIXES[row['kind']]}-{row['code']}"
        named = items.get(code) or Item(code, row["text"], class_of(row["kind"], row["code"]), "service")
        items[code] = named
        by_claim[row["claim_id"]].append((named, parse_amount_due(row["net"])))
    return by_claim


def _medicine(request: dict[Any, str], items: dict[str, Item]) -> Item:
    code = f"RX-{request['rxnorm']}"
    named = items.get(code) or Item(code, request["text"], class_of("drug", request["rxnorm"]), "drug")
    items[code] = named
    return named
