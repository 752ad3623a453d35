"""A reviewers' desk in a real browser: a small county, its claims, and people who are signed in. No fixtures."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from playwright.sync_api import Browser, BrowserContext, Page

from chassis import clock
from contractor.claims.assessment import assess
from contractor.claims.decisions import take_up
from contractor.claims.incoming import IncomingBatch, IncomingClaim, IncomingLine
from contractor.claims.intake import take_in_file
from contractor.claims.tables import Claim
from contractor.law.loading import law_of
from contractor.rules.nightly import STAYS, look_over
from rulebook.money import line_fen
from tests.api.programs import COUNTY, Programs, approve_law, make_programs
from tests.claims.making import CITY_HOSPITAL, HEALTH_CENTRE, HOSPITAL, day
from tests.conftest import TestDatabase
from tests.corrections.paying import Paying, paying
from tests.journeys.living import DESKTOP, HOST, served, speak
from tests.sites import apps_of_the_house, house_for, settings_for_tests, sign_in

_numbers = itertools.count(1)
BILL = (
    # item, the hospital's name for it, quantity, price in yuan
    ("BED", "床位费（三人间）", 12, "35"),
    ("A2", "一级护理", 10, "24"),
    ("A3", "颅脑 CT 平扫", 1, "180"),
    ("A3", "颅脑 CT 平扫", 1, "180"),
    ("A2", "颈部血管彩超", 1, "120"),
    ("A1", "血常规、生化、凝血", 6, "85"),
    ("B1", "丁苯酞氯化钠注射液", 20, "139.50"),
    ("CAPPED", "偏瘫肢体综合训练", 8, "112"),
    ("A1", "阿托伐他汀钙片", 2, "9.80"),
    ("NEW", "肠内营养粉剂", 4, "78"),
)


@dataclass
class ReviewDesk:
    """The workspace in a browser; `person` signs somebody in, in a browser of their own."""

    programs: Programs
    address: str
    chromium: Browser
    contexts: list[BrowserContext] = field(default_factory=list)

    def person(
        self, *roles: str, name: str = "林晓岚", language: str = "zh", stepped_up: bool = False, **options
    ) -> tuple[Page, int]:
        client = self.programs.app.test_client()
        scope = HOSPITAL if "institution" in roles else None
        staff_id = sign_in(
            client, *roles, county_code=COUNTY, name=name, scope=scope, stepped_up=stepped_up, at=clock.now()
        )
        width, height = options.pop("size", DESKTOP)
        context = self.chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN", **options)
        self.contexts.append(context)
        context.add_cookies(
            [
                {"name": cookie.key, "value": cookie.value, "domain": HOST, "path": "/"}
                for cookie in client._cookies.values()
            ]
        )
        speak(context, language)
        return context.new_page(), staff_id

    def url(self, path: str) -> str:
        return self.address + path

    def send(self, *claims: IncomingClaim) -> list[int]:
        """Take claims in and check them; the numbers of those that wait for a reviewer or were decided by rule."""
        at = clock.now()
        world, settings = self.programs.world, self.programs.house.settings
        with self.programs.database.transaction() as session:
            number = next(_numbers)
            sha256 = hashlib.sha256(f"journey {number}".encode()).digest()
            taken = take_in_file(
                session, [IncomingBatch.of(claims)], county_code=COUNTY, door="cli", file_name=f"j{number}.csv",
                byte_count=1, at=at, on=clock.local_day(at), sha256=sha256, by=None, keyring=world.keyring,
            )  # fmt: skip
            law = law_of(session, COUNTY, is_production=settings.is_production)
            assess(
                session, list(taken.claim_ids), county_code=COUNTY, law=law, keyring=world.keyring, at=at,
                on=clock.local_day(at),
            )  # fmt: skip
        return list(taken.claim_ids)

    def take(self, claim_ids: Sequence[int], *, by: int) -> None:
        """Into this reviewer's hand, as the queue would."""
        with self.programs.database.transaction() as session:
            seen = {claim_id: session.get_one(Claim, (COUNTY, claim_id)).version for claim_id in claim_ids}
            take_up(session, seen, county_code=COUNTY, by=by, at=clock.now())

    def record(self, claim_id: int) -> Claim:
        with self.programs.database.transaction() as session:
            return session.get_one(Claim, (COUNTY, claim_id))

    def measure(self) -> None:
        at = clock.now()
        with self.programs.database.transaction() as session:
            law = law_of(session, COUNTY, is_production=self.programs.house.settings.is_production)
            look_over(session, STAYS, county_code=COUNTY, law=law, at=at, on=clock.local_day(at))

    def bill(self, admitted_on: dt.date) -> tuple[IncomingLine, ...]:
        return tuple(
            IncomingLine(
                number, item, name, admitted_on, quantity * 10_000, int(float(price) * 10_000),
                line_fen(quantity * 10_000, int(float(price) * 10_000)),
            )
            for number, (item, name, quantity, price) in enumerate(BILL, 1)
        )  # fmt: skip

    def stroke(self, place: int = 0, **changes) -> IncomingClaim:
        """Ten days in the county hospital with two days of bed too many and one scan twice."""
        start = changes.pop("admitted_on", dt.date(2026, 10, 26))
        values = {
            "admitted_on": start,
            "discharged_on": start + dt.timedelta(days=10),
            "diagnosis_code": "I63.9",
            "diagnosis_name": "脑梗死",
            "department": "神经内科",
            "lines": self.bill(start),
            "advanced_fen": 300_000,
            "submitted_on": start + dt.timedelta(days=11),
            "receipt_signed_on": start + dt.timedelta(days=10),
        }
        return self.programs.world.claim(place, **(values | changes))


@contextmanager
def review_desk(database: TestDatabase, folder: Path, chromium: Browser) -> Iterator[ReviewDesk]:
    programs = make_programs(database, folder, members=60)
    with at_work(programs, database, chromium) as desk:
        yield desk
    programs.close()


@contextmanager
def paying_desk(database: TestDatabase, folder: Path, chromium: Browser) -> Iterator[tuple[ReviewDesk, Paying]]:
    """A reviewers' desk in a county whose approved claims are really paid."""
    county = paying(database, folder)
    approve_law(database)
    own = database.desk("contractor")
    house = house_for("workspace", {"contractor": own}, settings_for_tests(folder, data_dir=str(folder / "data")))
    programs = Programs(house, apps_of_the_house("workspace", house), own, county.world)
    with at_work(programs, database, chromium) as desk:
        yield desk, county
    programs.close()
    county.trade.close()


@contextmanager
def at_work(programs: Programs, database: TestDatabase, chromium: Browser) -> Iterator[ReviewDesk]:
    """The site served, its institutions by their names, and whoever comes in sent home again."""
    with psycopg.connect(database.owner_url) as connection:
        for code, zh, en in (
            (HOSPITAL, "青禾县人民医院", "People's Hospital"),
            (CITY_HOSPITAL, "清河市中心医院", "Qinghe Central Hospital"),
            (HEALTH_CENTRE, "东镇卫生院", "East Health Centre"),
        ):
            connection.execute(
                "UPDATE registry.institution SET name_zh = %s, name_en = %s WHERE institution_code = %s", [zh, en, code]
            )
    with served(programs.app) as address:
        desk = ReviewDesk(programs, address, chromium)
        yield desk
        for context in desk.contexts:
            context.close()


def history(desk: ReviewDesk, place: int = 0) -> list[int]:
    """Stays of others with the same illness, and two more of this member, one of them overlapping: their numbers."""
    ordinary = [
        desk.programs.world.claim(
            other,
            admitted_on=day("2026-05-04"), discharged_on=day("2026-05-11"), diagnosis_code="I63.5",
            lines=(
                IncomingLine(1, "A1", "药费", day("2026-05-04"), 10_000, (1_800 + 90 * other) * 10_000,
                             (1_800 + 90 * other) * 100),
            ),
            submitted_on=day("2026-05-12"), receipt_signed_on=day("2026-05-11"),
        )
        for other in range(12, 52)
    ]  # fmt: skip
    desk.send(*ordinary)
    own = desk.send(
        desk.stroke(place, admitted_on=day("2026-03-04"), institution_code=HEALTH_CENTRE),
        desk.stroke(place, admitted_on=day("2026-11-03"), institution_code=CITY_HOSPITAL, advanced_fen=0),
    )
    desk.measure()
    return own
