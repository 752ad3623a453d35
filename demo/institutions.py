"""The demo's designated institutions: village clinics and health centres, county hospitals, hospitals of the city."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from demo import names
from demo.county import CITY, COUNTY, SEED, CountyPlan

TOWNSHIP, COUNTY_TIER, ABOVE_COUNTY = 1, 2, 3
AGREED_FROM = dt.date(2024, 1, 1)
AGREEMENT_LOST_ON = dt.date(2026, 7, 1)
"""The day the agreement with the last of the city's hospitals was not renewed."""


@dataclass(frozen=True)
class Institution:
    code: str
    name: str
    english: str
    tier: int
    township_code: str | None
    beds: int
    account: str = field(repr=False)
    agreed_until_on: dt.date | None = None
    is_branch: bool = False
    """A branch of a health centre, to which nobody goes of whom nothing is planted."""

    @property
    def takes_inpatients(self) -> bool:
        return self.beds > 0


COUNTY_HOSPITALS = (
    ("001", "人民医院", "People's Hospital", 420),
    ("002", "中医院", "Hospital of Chinese Medicine", 220),
    ("003", "妇幼保健院", "Maternal and Child Hospital", 120),
    ("004", "第二人民医院", "Second People's Hospital", 180),
)
CITY_HOSPITALS = (
    (f"{CITY}001", "清河市中心医院", "Qinghe Central Hospital", 1600, None),
    (f"{CITY}002", "清河市第二医院", "Qinghe Second Hospital", 800, None),
    (f"{CITY}003", "清河市肿瘤医院", "Qinghe Cancer Hospital", 600, None),
    (f"{CITY}009", "清河市康宁医院", "Qinghe Kangning Hospital", 150, AGREEMENT_LOST_ON),
)


BRANCH_BEDS = (2, 20, 20, 20, 20, 20, 20)
"""The branches of the first townships' health centres, each with its beds."""


def institutions_of(county: CountyPlan) -> tuple[Institution, ...]:
    """County hospitals first; then the city's, the health centres and one clinic a township."""
    rng = random.Random(f"{SEED}/institutions/{county.county_code}")  # noqa: S311 – made-up accounts
    code = county.county_code
    name = {COUNTY: "青禾县"}.get(code, "柳溪县")
    hospitals = COUNTY_HOSPITALS if code == COUNTY else COUNTY_HOSPITALS[:1]
    found = [
        Institution(f"{code}{n}", f"{name}{kind}", f"{names.english(name)} {english}", 2, None, beds, _account(rng))
        for n, kind, english, beds in hospitals
    ]
    if code == COUNTY:
        found += [
            Institution(n, title, english, 3, None, beds, _account(rng), until)
            for n, title, english, beds, until in CITY_HOSPITALS
        ]
    for n, place in enumerate(county.townships, 11):
        title = f"{place.name}卫生院"
        english = f"{names.english(place.name)} Health Centre"
        found.append(Institution(f"{code}{n:03d}", title, english, 1, place.code, 24 + n % 5 * 8, _account(rng)))
    for n, township in enumerate(county.townships, 301):
        village = next(place for place in county.villages if place.code.startswith(township.code))
        title = f"{township.name}{village.name}卫生室"
        english = f"{names.english(village.name)} Clinic, {names.english(township.name)}"
        found.append(Institution(f"{code}{n}", title, english, 1, township.code, 0, _account(rng)))
    if code == COUNTY:
        for n, (place, beds) in enumerate(zip(county.townships, BRANCH_BEDS, strict=False), 501):
            english = f"{names.english(place.name)} Health Centre, Branch"
            title = f"{place.name}卫生院分院"
            found.append(Institution(f"{code}{n}", title, english, 1, place.code, beds, _account(rng), is_branch=True))
    return tuple(found)


def _account(rng: random.Random) -> str:
    """A settlement account is not a card: digits of the bank's own making."""
    return f"4100{rng.randrange(10**13):013d}"
