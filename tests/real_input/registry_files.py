"""A mapped county's registry facts as the lists its clerk would send, in the order in which a county enters them.

Identity numbers and accounts are made up, the same ones every time: no source has them, and the registry asks for both.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

from chassis.vault.bank_accounts import made_up_card_number
from chassis.vault.identity_numbers import made_up_identity_number
from tests.real_input.county import Person, RealCounty

FIRST_DAY = dt.date(2007, 1, 1)
PREMIUM = "10.00"
"""[0] 三、基金筹集 1: ten yuan a person."""
TIERS = {1: "乡级", 2: "县级", 3: "县以上"}
BEDS = {1: "30", 2: "300", 3: "900"}
CLASSES = {1: "甲", 2: "乙", 3: "丙"}
Rows = list[dict[str, str]]


def write_lists(folder: Path, county: RealCounty) -> Iterator[tuple[str, Path]]:
    """Each list as a file; its kind as the registry calls it. A list without rows is not sent."""
    for kind, rows in lists_of(county).items():
        if not rows:
            continue
        path = folder / f"{county.county_code}-{kind}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        yield kind, path


def lists_of(county: RealCounty) -> dict[str, Rows]:
    township = f"{county.county_code}101"
    village = f"{township}201"
    from_on = FIRST_DAY.isoformat()
    rng = random.Random(county.county_code)
    used: set[str] = set()
    return {
        "places": [
            {
                "township_code": township,
                "township_name_zh": "来源镇",
                "village_code": village,
                "village_name_zh": "来源村",
            }
        ],
        "institutions": [
            {
                "institution_code": each.code,
                "name_zh": each.name,
                "name_en": each.name,
                "tier": TIERS[each.tier],
                "beds": BEDS[each.tier],
                "account_name": each.name,
                "bank_account": made_up_card_number(rng),
            }
            for each in county.institutions
        ],
        "agreements": [
            {"institution_code": each.code, "from_on": from_on, "document": f"协议 {each.code}"}
            for each in county.institutions
        ],
        "catalogue": [
            {
                "item_code": item.item_code,
                "name": item.name,
                "catalogue_class": CLASSES[item.catalogue_class],
                "kind": item.kind,
                "from_on": from_on,
            }
            for item in county.items
        ],
        "members": [_member(county, person, village, rng, used) for person in county.people],
        "enrolment": [
            {
                "card_number": person.card_number,
                "year": str(year),
                "kind": "参合",
                "premium_fen": PREMIUM,
                "paid_by": "本人",
            }
            for person in county.people
            for year in person.enrolled_years
        ],
        "deaths": [
            {
                "card_number": person.card_number,
                "died_on": person.died_on.isoformat(),
                "source": f"来源 {person.source_id}",
            }
            for person in county.people
            if person.died_on is not None
        ],
    }


def _member(county: RealCounty, person: Person, village: str, rng: random.Random, used: set[str]) -> dict[str, str]:
    """A household of one; its number is the end of the card's."""
    return {
        "household_number": person.card_number[-6:],
        "village_code": village,
        "card_number": person.card_number,
        "name": person.name,
        "identity_number": _unused(rng, county.county_code, person, used),
        "is_head": "是",
    }


def _unused(rng: random.Random, place_code: str, person: Person, used: set[str]) -> str:
    """DE-SynPUF has everybody born on the first of a month, so draws often agree: draw again."""
    while (number := made_up_identity_number(rng, place_code, person.born_on, person.sex == "male")) in used:
        pass
    used.add(number)
    return number
