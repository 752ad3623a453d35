"""CMS's DE-SynPUF in the house's terms: hospital stays of 2008 to 2010, perturbed from real ones.

The rules, each stated once:

| what | rule |
| --- | --- |
| claim | a first segment; a continuation row (segment 2) of a claim that is there is put aside, its amounts too |
| stay | CLM_ADMSN_DT to NCH_BENE_DSCHRG_DT; never empty in a first segment |
| total | payment + deductible + coinsurance + other payer; an empty deductible is 0; the blood deductible is left out |
| paid elsewhere | the other payer |
| negative total | put aside: no door takes a negative amount |
| lines | the total in five parts, below: the source has no lines |
| enrolled | in each year whose file has the person with at least one month of hospital coverage |
| tier | SHA-256 of the provider's number: of ten, 3 township, 5 county, 2 above the county |
| diagnosis | the first ICD-9 code, else the admitting one, else 7999 |
| name | the source has none, its identity stands there |
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

import pandas as pd

from contractor.claims.incoming import IncomingClaim, IncomingLine
from rulebook.money import parse_yuan
from tests.real_input.county import (
    CLASS_A,
    CLASS_B,
    CLASS_C,
    Institution,
    Item,
    Person,
    PutAside,
    RealCounty,
    card_number,
    daily_line,
    in_sending_order,
    whole_line,
)
from tests.real_input.sources import DESYNPUF, SAMPLES, folder, text_table

COUNTY_CODE = "990132"
YEARS = (2008, 2009, 2010)
PROCEDURES = tuple(f"ICD9_PRCDR_CD_{number}" for number in range(1, 7))
AMOUNTS = {
    "payment": "CLM_PMT_AMT",
    "deductible": "NCH_BENE_IP_DDCTBL_AMT",
    "coinsurance": "NCH_BENE_PTA_COINSRNC_LBLTY_AM",
    "other_payer": "NCH_PRMRY_PYR_CLM_PD_AMT",
}
IDENTITY = ("DESYNPUF_ID", "CLM_ID", "SEGMENT", "PRVDR_NUM", "AT_PHYSN_NPI", "CLM_ADMSN_DT", "NCH_BENE_DSCHRG_DT")
CLAIM_COLUMNS = (*IDENTITY, *AMOUNTS.values(), "ADMTNG_ICD9_DGNS_CD", "ICD9_DGNS_CD_1", *PROCEDURES)
PERSON_COLUMNS = ("DESYNPUF_ID", "BENE_BIRTH_DT", "BENE_DEATH_DT", "BENE_SEX_IDENT_CD", "BENE_HI_CVRAGE_TOT_MONS")

# The parts of a total. The last takes what the others' whole fen leave over.
BED = Item("BED", "Bed, a day", CLASS_A, "bed")
PARTS = (
    (BED, 15),
    (Item("DRUG-A", "Drugs of class A", CLASS_A, "drug"), 25),
    (Item("DRUG-B", "Drugs of class B", CLASS_B, "drug"), 20),
    (Item("MATERIAL", "Materials", CLASS_C, "material"), 10),
    (Item("TREATMENT", "Treatment", CLASS_A, "service"), 30),
)
TIER_OF_TEN = (1, 1, 1, 2, 2, 2, 2, 2, 3, 3)
SEXES = {"1": "male", "2": "female"}
UNKNOWN_DIAGNOSIS = "7999"

CONTINUATION, NEGATIVE_TOTAL = "continuation row", "negative total"


def tier_of(provider_number: str) -> int:
    """The source names no hospital; its number decides, the same way every time."""
    return TIER_OF_TEN[int.from_bytes(hashlib.sha256(provider_number.encode()).digest()[:8], "big") % 10]


def stays(samples: Sequence[int] = SAMPLES, columns: Sequence[str] = CLAIM_COLUMNS) -> pd.DataFrame:
    """Every row of the samples' claims as text, with the sample it came from."""
    source = folder(DESYNPUF)
    return pd.concat(
        [
            text_table(source / f"DE1_0_2008_to_2010_Inpatient_Claims_Sample_{sample}.csv.gz", *columns).assign(
                sample=sample
            )
            for sample in samples
        ],
        ignore_index=True,
    )


def beneficiaries(samples: Sequence[int] = SAMPLES) -> pd.DataFrame:
    """Every person-year of the samples as text, with its year."""
    source = folder(DESYNPUF)
    return pd.concat(
        [
            text_table(
                source / f"DE1_0_{year}_Beneficiary_Summary_File_Sample_{sample}.csv.gz", *PERSON_COLUMNS
            ).assign(year=year)
            for sample in samples
            for year in YEARS
        ],
        ignore_index=True,
    )


def load(samples: Sequence[int]) -> RealCounty:
    """The county of these samples. Raises: NoRealInput."""
    rows = stays(samples)
    county = RealCounty(COUNTY_CODE, "合成医保县", "SynPUF County")
    county.items = sorted(item for item, _share in PARTS)
    cards = _people(county, beneficiaries(samples))
    county.institutions = [
        Institution(number, f"Hospital {number}", tier_of(number), source_id=number)
        for number in sorted(rows["PRVDR_NUM"].unique())
    ]
    claims = []
    for row in rows.to_dict("records"):
        amounts = amounts_of(row)
        total_fen = sum(amounts.values())
        if row["SEGMENT"] != "1":
            county.put_aside.append(PutAside(row["CLM_ID"], CONTINUATION, total_fen))
        elif total_fen < 0:
            county.put_aside.append(PutAside(row["CLM_ID"], NEGATIVE_TOTAL, total_fen))
        else:
            claims.append(_claim(row, amounts, cards[row["DESYNPUF_ID"]]))
    county.claims = in_sending_order(claims)
    return county


def amounts_of(row: dict[Any, str]) -> dict[str, int]:
    """The four parts of a stay's total, in fen."""
    return {name: parse_yuan(row[column] or "0") for name, column in AMOUNTS.items()}


def day_of(text: str) -> dt.date:
    return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _people(county: RealCounty, years: pd.DataFrame) -> dict[str, str]:
    """One member for each person; the cards by the source's identity."""
    covered = years[years["BENE_HI_CVRAGE_TOT_MONS"].astype(int) > 0].groupby("DESYNPUF_ID")["year"].agg(tuple)
    enrolled: dict[Any, tuple[int, ...]] = covered.to_dict()
    # A death stands in the file of its year and in no later one; the largest text is the day, or none.
    deaths: dict[Any, str] = years.groupby("DESYNPUF_ID")["BENE_DEATH_DT"].max().to_dict()
    cards: dict[str, str] = {}
    for row in years.drop_duplicates("DESYNPUF_ID").sort_values("DESYNPUF_ID").to_dict("records"):
        person = row["DESYNPUF_ID"]
        cards[person] = card_number(COUNTY_CODE, len(cards) + 1)
        county.people.append(
            Person(
                source_id=person,
                card_number=cards[person],
                name=person,
                sex=SEXES[row["BENE_SEX_IDENT_CD"]],
                born_on=day_of(row["BENE_BIRTH_DT"]),
                died_on=day_of(deaths[person]) if deaths[person] else None,
                enrolled_years=enrolled.get(person, ()),
            )
        )
    return cards


def _claim(row: dict[Any, str], amounts: dict[str, int], card: str) -> IncomingClaim:
    admitted_on, discharged_on = day_of(row["CLM_ADMSN_DT"]), day_of(row["NCH_BENE_DSCHRG_DT"])
    return IncomingClaim(
        claim_number=row["CLM_ID"],
        route="direct",
        institution_code=row["PRVDR_NUM"],
        card_number=card,
        invoice_number=row["CLM_ID"],
        admitted_on=admitted_on,
        discharged_on=discharged_on,
        diagnosis_code=row["ICD9_DGNS_CD_1"] or row["ADMTNG_ICD9_DGNS_CD"] or UNKNOWN_DIAGNOSIS,
        procedure_codes=tuple(row[column] for column in PROCEDURES if row[column]),
        doctor=row["AT_PHYSN_NPI"],
        charged_fen=sum(amounts.values()),
        paid_elsewhere_fen=amounts["other_payer"],
        submitted_on=discharged_on,
        receipt_signed_on=discharged_on,
        lines=_lines(sum(amounts.values()), admitted_on, discharged_on),
    )


def _lines(total_fen: int, admitted_on: dt.date, discharged_on: dt.date) -> tuple[IncomingLine, ...]:
    days = max((discharged_on - admitted_on).days, 1)
    *others, (rest, _share) = PARTS
    lines, left_fen = [], total_fen
    for number, (item, percent) in enumerate(others, 1):
        amount_fen = total_fen * percent // 100
        left_fen -= amount_fen
        if item is BED:
            lines.append(daily_line(number, item, performed_on=admitted_on, days=days, amount_fen=amount_fen))
        else:
            lines.append(whole_line(number, item, performed_on=admitted_on, amount_fen=amount_fen))
    lines.append(whole_line(len(PARTS), rest, performed_on=admitted_on, amount_fen=left_fen))
    return tuple(lines)
