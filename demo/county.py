"""The demo county: places, households and members, the same on every machine for the same seed and day.

The division codes 990100, 990121 and 990122 belong to no province of GB/T 2260: nobody can take these people for real.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from chassis.vault.bank_accounts import made_up_card_number
from chassis.vault.blind_index import index_many
from chassis.vault.identity_numbers import made_up_identity_number
from chassis.vault.keyring import Keyring
from chassis.vault.sealing import row_id_text, seal_many
from demo import names
from oversight.registry.tables import Division, Household, Member, Township, Village

SEED = 20261120
CITY, COUNTY, OTHER_COUNTY = "990100", "990121", "990122"
FIRST_MEMBER = "陈有福"
AS_OF = dt.date(2026, 11, 20)
"""Ages are counted on this day: the demo county does not grow older between two starts."""
SMALL, WHOLE = 200, 6700
"""Households of the first county: in tests, and at `make run`, where they are about twenty thousand people."""
VILLAGES_PER_TOWNSHIP = 4
PEOPLE_OF_A_HOUSEHOLD = (1, 2, 2, 3, 3, 3, 4, 4, 5)
"""As many parents and children as live together; the mean is three."""

TWINS_EVERY = 2
"""In every second household two young children, where there are two, have one birthday: more twins than in life."""
YOUNG = dt.timedelta(days=12 * 365)

DIVISIONS = (
    (CITY, "city", "清河市", "0000-1234500"),
    (COUNTY, "county", "青禾县", "0000-1234521"),
    (OTHER_COUNTY, "county", "柳溪县", "0000-1234522"),
)


@dataclass(frozen=True)
class Person:
    name: str
    sex: str
    born_on: dt.date
    card_number: str
    is_head: bool
    identity_number: str = field(repr=False)
    bank_account: str | None = field(repr=False)
    phone: str | None = field(repr=False)


@dataclass(frozen=True)
class Family:
    household_number: str
    village_code: str
    people: tuple[Person, ...] = field(repr=False)


@dataclass(frozen=True)
class Place:
    code: str
    name: str


@dataclass(frozen=True)
class CountyPlan:
    """A county before it is written: nothing in it depends on the machine, the keys or the clock."""

    county_code: str
    townships: tuple[Place, ...]
    villages: tuple[Place, ...]
    families: tuple[Family, ...]

    @property
    def people(self) -> Iterator[Person]:
        return (person for family in self.families for person in family.people)


def plan(county_code: str, *, households: int) -> CountyPlan:
    """The same county for the same code and size."""
    rng = random.Random(f"{SEED}/{county_code}")  # noqa: S311 – made-up people, not a secret
    places = tuple(Place(f"{county_code}{100 + n}", name) for n, name in enumerate(names.townships(county_code), 1))
    villages = tuple(
        Place(f"{place.code}{200 + n}", name)
        for place in places
        for n, name in enumerate(names.villages(rng, VILLAGES_PER_TOWNSHIP), 1)
    )
    used: set[str] = set()
    families = tuple(
        _family(rng, county_code, number, villages[(number - 1) % len(villages)], used)
        for number in range(1, households + 1)
    )
    return CountyPlan(county_code, places, villages, families)


@cache
def demo_county(households: int = SMALL) -> CountyPlan:
    """The first county. Its first member is the old man of the design's pictures.

    A larger county begins with the households of a smaller one, so whoever knows the small one finds their way.
    """
    county = plan(COUNTY, households=households)
    family, *others = county.families
    head, *rest = family.people
    assert head.sex == "male", "the seed makes the first head a man"
    first = replace(family, people=(replace(head, name=FIRST_MEMBER), *rest))
    return replace(county, families=(first, *others))


@cache
def other_county() -> CountyPlan:
    """A smaller neighbour, so that another county's records are there to be refused."""
    return plan(OTHER_COUNTY, households=14)


def is_empty(session: Session) -> bool:
    return session.scalars(select(Division.county_code).limit(1)).first() is None


def write_divisions(session: Session) -> None:
    session.execute(
        insert(Division),
        [
            {
                "county_code": code,
                "level": level,
                "city_code": CITY,
                "name_zh": name,
                "name_en": names.english(name),
                "name_pinyin": names.pinyin(name),
                "complaint_phone": phone,
            }
            for code, level, name, phone in DIVISIONS
        ],
    )


def write_county(session: Session, keyring: Keyring, county: CountyPlan, *, at: dt.datetime) -> None:
    """A whole county in a handful of statements."""
    write_places(session, county)
    write_people(session, keyring, county.county_code, county.families, at=at)


def write_places(session: Session, county: CountyPlan) -> None:
    code = county.county_code
    session.execute(
        insert(Township),
        [
            _place(code, place) | {"office_phone": f"0000-12346{number:02d}"}
            for number, place in enumerate(county.townships, 1)
        ],
    )
    session.execute(
        insert(Village), [_place(code, place) | {"township_code": place.code[:9]} for place in county.villages]
    )


def write_people(
    session: Session, keyring: Keyring, county_code: str, families: Sequence[Family], *, at: dt.datetime
) -> None:
    """Households with their members; every number is sealed for its own row first."""
    code = county_code
    household_ids = _drawn_ids(session, "household", len(families))
    session.execute(
        insert(Household),
        [
            {
                "county_code": code,
                "id": household_id,
                "village_code": family.village_code,
                "household_number": family.household_number,
                "recorded_at": at,
            }
            for household_id, family in zip(household_ids, families, strict=True)
        ],
    )
    owners = [
        (household_id, person)
        for household_id, family in zip(household_ids, families, strict=True)
        for person in family.people
    ]
    member_ids = _drawn_ids(session, "member", len(owners))
    rows = [
        {
            "county_code": code,
            "id": member_id,
            "household_id": household_id,
            "card_number": person.card_number,
            "name": person.name,
            "name_pinyin": names.pinyin(person.name),
            "sex": person.sex,
            "born_on": person.born_on,
            "is_head": person.is_head,
            "recorded_at": at,
        }
        for member_id, (household_id, person) in zip(member_ids, owners, strict=True)
    ]
    people = [person for _, person in owners]
    sealed = {
        "identity_number_sealed": _sealed(keyring, rows, "identity_number", [p.identity_number for p in people]),
        "identity_number_index": index_many(keyring, "identity_number", [p.identity_number for p in people]),
        "bank_account_sealed": _sealed(keyring, rows, "bank_account", [p.bank_account for p in people]),
        "bank_account_index": _indexed(keyring, "bank_account", [p.bank_account for p in people]),
        "phone_sealed": _sealed(keyring, rows, "phone", [p.phone for p in people]),
    }
    session.execute(
        insert(Member),
        [row | {column: cells[n] for column, cells in sealed.items()} for n, row in enumerate(rows)],
    )


def _family(rng: random.Random, county_code: str, number: int, village: Place, used: set[str]) -> Family:
    """Two of one generation, then children, with the fifth a grandparent; the first is the head."""
    family_name, head_age = names.surname(rng), rng.randint(28, 78)
    people: list[Person] = []
    for place in range(rng.choice(PEOPLE_OF_A_HOUSEHOLD)):
        age, is_male, surname = head_age, rng.random() < 0.75, family_name
        if place == 1:
            age, is_male, surname = max(22, head_age + rng.randint(-5, 3)), people[0].sex != "male", names.surname(rng)
        elif place == 4:
            age, is_male = min(head_age + rng.randint(22, 28), 97), rng.random() < 0.4
        elif place > 1:
            age, is_male = max(head_age - rng.randint(22, 32), 0), rng.random() < 0.5
        born_on = dt.date(AS_OF.year - age, 1, 1) - dt.timedelta(days=rng.randint(1, 365))
        if place == 3 and number % TWINS_EVERY == 0 and dt.timedelta(365) < AS_OF - people[2].born_on < YOUNG:
            born_on = people[2].born_on
        people.append(
            Person(
                name=surname + names.given_name(rng, is_male),
                sex="male" if is_male else "female",
                born_on=born_on,
                card_number=f"{village.code[:9]}{number:05d}{place + 1:02d}",
                is_head=place == 0,
                identity_number=_unused(rng, county_code, born_on, is_male, used),
                bank_account=made_up_card_number(rng) if age >= 18 and rng.random() < 0.8 else None,
                phone=f"1{rng.choice('3578')}{rng.randrange(10**9):09d}" if age >= 14 else None,
            )
        )
    return Family(f"{number:06d}", village.code, tuple(people))


def _unused(rng: random.Random, county_code: str, born_on: dt.date, is_male: bool, used: set[str]) -> str:
    """Two draws may agree: the number is unique in a county, so draw again."""
    while (number := made_up_identity_number(rng, county_code, born_on, is_male)) in used:
        pass
    used.add(number)
    return number


def _place(county_code: str, place: Place) -> dict[str, str]:
    return {
        "county_code": county_code,
        "code": place.code,
        "name_zh": place.name,
        "name_en": names.english(place.name),
        "name_pinyin": names.pinyin(place.name),
    }


def _drawn_ids(session: Session, table: str, count: int) -> list[int]:
    """Numbers drawn ahead, because a cell is sealed for its row's number."""
    sequence = {"household": "registry.household_id_seq", "member": "registry.member_id_seq"}[table]
    drawn = session.execute(
        text("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :count)"),
        {"sequence": sequence, "count": count},
    )
    return list(drawn.scalars())


def _sealed(
    keyring: Keyring, rows: list[dict], purpose: str, texts: list[str] | list[str | None]
) -> list[bytes | None]:
    present = [n for n, value in enumerate(texts) if value is not None]
    blobs = seal_many(
        keyring,
        purpose,
        [texts[n] for n in present],
        table="registry.member",
        column=f"{purpose}_sealed",
        row_ids=[row_id_text(rows[n]["county_code"], rows[n]["id"]) for n in present],
    )
    return _spread(len(texts), dict(zip(present, blobs, strict=True)))


def _indexed(keyring: Keyring, purpose: str, texts: list[str | None]) -> list[bytes | None]:
    present = {n: value for n, value in enumerate(texts) if value is not None}
    digests = index_many(keyring, purpose, present.values())
    return _spread(len(texts), dict(zip(present, digests, strict=True)))


def _spread(count: int, present: Mapping[int, bytes]) -> list[bytes | None]:
    return [present.get(n) for n in range(count)]
