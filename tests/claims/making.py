"""A small county with a registry, and claims of its members: one valid thing each, changed where a test cares."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg

from chassis.vault.blind_index import index
from chassis.vault.keyring import Keyring
from chassis.vault.keys import ensure_key_file, load_keys
from chassis.vault.sealing import row_id_text, seal
from contractor.claims.incoming import IncomingBatch, IncomingClaim, IncomingLine
from contractor.claims.intake import FileTaken, take_in_file
from rulebook.money import line_fen
from rulebook.registry import Timeline
from rulebook.schedule_files import schedules_on_file
from tests.conftest import TestDatabase

COUNTY = "990121"
TOWNSHIP, VILLAGE = "990121001", "990121001001"
HEALTH_CENTRE, HOSPITAL, CITY_HOSPITAL, CLINIC = "990121001", "990121900", "990900001", "990121002"
"""Township, county, above the county, and a township clinic that never had an agreement."""
TIER = {HEALTH_CENTRE: 1, HOSPITAL: 2, CITY_HOSPITAL: 3, CLINIC: 1}
AT = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)
ON = dt.date(2026, 11, 20)
LAW = Timeline.unapproved(schedules_on_file()["zhengzhou"])
YEAR = 2026
MEMBER_ACCOUNT = "6222020000000000006"
_numbers = itertools.count(1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@dataclass
class World:
    """The county as the registry knows it; members by place, two to a household."""

    keyring: Keyring
    members: list[int] = field(default_factory=list)
    households: list[int] = field(default_factory=list)

    def card(self, place: int) -> str:
        return f"{COUNTY}{place:06d}"

    def claim(self, place: int = 0, **changes) -> IncomingClaim:
        """A valid direct claim of the member at that place: five days in the county hospital, 2,000 yuan in class A."""
        number = f"T{next(_numbers):07d}"
        values = {
            "claim_number": number,
            "route": "direct",
            "institution_code": HOSPITAL,
            "card_number": self.card(place),
            "invoice_number": f"F{number}",
            "admitted_on": day("2026-03-02"),
            "discharged_on": day("2026-03-07"),
            "diagnosis_code": "J18.9",
            "submitted_on": day("2026-03-08"),
            "advanced_fen": 0,
            "receipt_signed_on": day("2026-03-07"),
            "lines": None,
        } | changes
        if values["route"] == "outpatient":
            values["discharged_on"] = values["admitted_on"]
        if values["route"] != "direct":
            values["receipt_signed_on"] = None
        values["lines"] = values["lines"] or (line(performed_on=values["admitted_on"]),)
        values.setdefault("charged_fen", sum(each.charged_fen for each in values["lines"]))
        return IncomingClaim(**values)


def line(
    line_no: int = 1,
    item: str = "A1",
    *,
    yuan: str = "2000",
    quantity: int = 1,
    performed_on: dt.date = day("2026-03-02"),
) -> IncomingLine:
    price_e4 = int(yuan) * 10_000
    return IncomingLine(
        line_no, item, f"item {item}", performed_on, quantity * 10_000, price_e4, line_fen(quantity * 10_000, price_e4)
    )


def lines(*of: IncomingLine) -> tuple[IncomingLine, ...]:
    return tuple(replace(each, line_no=number) for number, each in enumerate(of, 1))


def take(session, world: World, *claims: IncomingClaim, **changes) -> FileTaken:
    """One file of these claims, taken in by the program of the tests."""
    number = next(_numbers)
    values = {
        "county_code": COUNTY, "door": "cli", "file_name": f"{number}.csv", "byte_count": 1, "at": AT, "on": ON,
        "sha256": hashlib.sha256(str(number).encode()).digest(), "by": None, "keyring": world.keyring,
    }  # fmt: skip
    return take_in_file(session, [IncomingBatch.of(claims)], **(values | changes))


def make_world(database: TestDatabase, folder: Path, *, members: int = 12, years: range = range(2024, 2027)) -> World:
    """Writes the registry of the county as its owner would: institutions, catalogue, members, enrolment."""
    ensure_key_file(folder / "keys.json")
    world = World(load_keys(folder / "keys.json"))
    with psycopg.connect(database.owner_url) as connection:
        _places(connection)
        _institutions(connection, world.keyring)
        _catalogue(connection)
        _members(connection, world, members)
        for year in years:
            connection.execute(
                "INSERT INTO registry.enrolment (county_code, member_id, year, kind, household_id, enrolled_on, "
                "premium_fen, paid_by, recorded_at) SELECT county_code, id, %s, 'scheme', household_id, "
                "make_date(%s, 1, 1), 1000, 'member', %s FROM registry.member WHERE county_code = %s",
                [year, year, AT, COUNTY],
            )
        connection.execute("ANALYZE registry.member, registry.household, registry.enrolment, registry.catalogue_item")
    return world


def _places(connection: psycopg.Connection) -> None:
    connection.execute(
        "INSERT INTO registry.division (county_code, level, city_code, name_zh, name_en, name_pinyin) VALUES "
        "('990100', 'city', '990100', '试验市', 'Trial City', 'shiyan shi'), "
        "(%s, 'county', '990100', '试验县', 'Trial County', 'shiyan xian')",
        [COUNTY],
    )
    connection.execute(
        "INSERT INTO registry.township (county_code, code, name_zh, name_en, name_pinyin) "
        "VALUES (%s, %s, '东镇', 'East', 'dong')",
        [COUNTY, TOWNSHIP],
    )
    connection.execute(
        "INSERT INTO registry.village (county_code, code, township_code, name_zh, name_en, name_pinyin) "
        "VALUES (%s, %s, %s, '东村', 'East', 'dong')",
        [COUNTY, VILLAGE, TOWNSHIP],
    )


def _institutions(connection: psycopg.Connection, keyring: Keyring) -> None:
    for code, tier in TIER.items():
        account = f"41{code:0>14}"[:16]
        sealed = seal(
            keyring, "bank_account", account,
            table="registry.institution", column="bank_account_sealed", row_id=row_id_text(COUNTY, code),
        )  # fmt: skip
        connection.execute(
            "INSERT INTO registry.institution (county_code, institution_code, name_zh, name_en, name_pinyin, tier, "
            "beds, account_name, bank_account_sealed, bank_account_index, recorded_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, 50, %s, %s, %s, %s)",
            [COUNTY, code, code, code, code, tier, code, sealed, index(keyring, "bank_account", account), AT],
        )
        if code != CLINIC:
            connection.execute(
                "INSERT INTO registry.agreement (county_code, institution_code, from_on, document, recorded_at) "
                "VALUES (%s, %s, '2003-01-01', '协议', %s)",
                [COUNTY, code, AT],
            )


def _catalogue(connection: psycopg.Connection) -> None:
    rows = [
        ("A1", 1, "drug", None, None),
        ("A2", 1, "service", None, None),
        ("A3", 1, "examination", None, None),
        ("B1", 2, "drug", None, None),
        ("C1", 3, "drug", None, None),
        ("BED", 1, "bed", None, None),
        ("CAPPED", 1, "service", 1_000_000, None),
        ("WOMEN", 1, "service", None, "female"),
    ]
    for code, catalogue_class, kind, limit, sex in rows:
        connection.execute(
            "INSERT INTO registry.catalogue_item (county_code, item_code, name, catalogue_class, kind, from_on, "
            "limit_township_e4, limit_county_e4, limit_above_e4, reserved_sex, recorded_at) "
            "VALUES (%s, %s, %s, %s, %s, '2003-01-01', %s, %s, %s, %s, %s)",
            [COUNTY, code, code, catalogue_class, kind, limit, limit, limit, sex, AT],
        )


def _members(connection: psycopg.Connection, world: World, count: int) -> None:
    world.households = [
        row[0]
        for row in connection.execute(
            "INSERT INTO registry.household (county_code, village_code, household_number, recorded_at) "
            "SELECT %s, %s, 'H' || n, %s FROM generate_series(0, %s) AS n RETURNING id",
            [COUNTY, VILLAGE, AT, (count - 1) // 2],
        )
    ]
    world.members = [
        row[0]
        for row in connection.execute(
            "INSERT INTO registry.member (county_code, household_id, card_number, name, name_pinyin, sex, born_on, "
            "identity_number_sealed, identity_number_index, is_head, recorded_at) "
            "SELECT %s, (%s::bigint[])[n / 2 + 1], %s || lpad(n::text, 6, '0'), '张' || n, 'zhang', "
            "CASE n %% 2 WHEN 0 THEN 'male' ELSE 'female' END, '1970-01-01', "
            "sha256(n::text::bytea) || sha256(n::text::bytea), sha256(n::text::bytea), n %% 2 = 0, %s "
            "FROM generate_series(0, %s) AS n RETURNING id",
            [COUNTY, world.households, COUNTY, AT, count - 1],
        )
    ]
