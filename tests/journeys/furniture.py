"""Records in every state at every desk, and people on their way in, so that each page has something to show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select, text, update

from chassis import clock
from chassis.identity import accounts
from chassis.identity.tables import RoleGrant, Staff
from contractor.payments.bank_settings import the_bank
from demo.county import COUNTY
from demo.people import STAFF
from oversight.registry.schedules.tables import ScheduleApproval
from rulebook.checks import all_cards
from tests.authorisation.objects import MAKERS
from tests.authorisation.objects_people import STAFF_DESKS
from tests.journeys.checks import ChineseData
from tests.journeys.living import LiveHouse
from tests.sites import give_factor

for _path in sorted((Path(__file__).parents[1] / "authorisation").glob("objects_*.py")):
    import_module(f"tests.authorisation.{_path.stem}")  # each registers its makers

SCHEDULES = Path(__file__).parents[2] / "rulebook" / "schedules"
UrlValues = dict[str, Any]
# Of each desk: one asked for a second factor, and one who must choose a password before anything else.
WITH_FACTOR = {"contractor": "reviewer2", "county": "appraiser", "finance": "finance-head"}
MUST_CHANGE = {"contractor": "hospital", "county": "civil", "finance": "finance"}

# What people wrote into the registry; it stands in their own tongue on an English page.
OF_THE_REGISTRY = (
    "institution.name_zh",
    "agreement.document",
    "catalogue_item.name",
    "member_status.document",
    "death.source",
    "referral.reason",
    "registry_import.file_name",
)

# What institutions and payees sent, and the articles that findings rest on.
OF_THE_CLAIMS = (
    "claim.diagnosis_name",
    "claim.department",
    "claim.payee_name",
    "payment.account_name",
    "claim_line.hospital_item_name",
    "claim_upload.file_name",
    "claim_finding.source",
    "correction.note",
    "appeal.filer_name",
    "appeal.paper",
    "appeal.statement",
)

NOTHING = ChineseData(frozenset(), "")


@dataclass
class Furniture:
    records: dict[tuple[str, str], dict[str, UrlValues]]
    """(desk, kind) → state → what stands in the address."""
    invitations: dict[str, str]
    """desk → the token of an invitation nobody has taken yet"""
    chinese: ChineseData


def furnish(house: LiveHouse) -> Furniture:
    made, names, quoted = Furniture({}, {}, NOTHING), set(), set()
    for desk in STAFF_DESKS:
        with house.database(desk) as session:
            for (its_desk, kind), maker in MAKERS.items():
                if its_desk == desk and kind != "member":
                    made.records[desk, kind] = maker(session, clock.now(), house.home.keyring).own
            invited = accounts.invite(
                session,
                house.home.keyring,
                county_code=COUNTY,
                sign_in_name="newcomer",
                name="唐新",
                by=_id_of(session, "admin"),
                at=clock.now(),
            )
            made.invitations[desk] = invited.token
            give_factor(session, COUNTY, _id_of(session, WITH_FACTOR[desk]), at=clock.now())
            mine = (Staff.county_code == COUNTY, Staff.sign_in_name == MUST_CHANGE[desk])
            session.execute(update(Staff).where(*mine).values(password_must_change=True))
            names |= set(session.scalars(select(Staff.name)))
            names |= set(session.scalars(select(RoleGrant.reason)))
    with house.database("county") as session:
        names |= set(session.scalars(text("SELECT name FROM registry.member")))
        for column in OF_THE_REGISTRY:
            quoted |= set(session.scalars(text(f"SELECT {column.split('.')[1]} FROM registry.{column.split('.')[0]}")))
        for approval in session.scalars(select(ScheduleApproval)):
            quoted |= {approval.committee, approval.document}
    with house.database("contractor") as session:
        for column in OF_THE_CLAIMS:
            table, name = column.split(".")
            quoted |= set(session.scalars(text(f"SELECT {name} FROM contractor.{table} WHERE {name} IS NOT NULL")))
    for schedule in SCHEDULES.rglob("*.yaml"):
        # The law is quoted in its own language, wherever it is quoted.
        quoted |= set(_texts(yaml.safe_load(schedule.read_text(encoding="utf-8"))))
    for card in all_cards().values():
        quoted |= {card.source, *card.laws}
    names |= {person.name for person in STAFF} | {"试验", "试验用的理由"}
    for account in the_bank().accounts.values():
        names |= {account.name, account.agent}
    made.chinese = ChineseData(frozenset(names), "\n".join(sorted(quoted)))
    return made


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _id_of(session, sign_in_name: str) -> int:
    return session.scalars(
        select(Staff.id).where(Staff.county_code == COUNTY, Staff.sign_in_name == sign_in_name)
    ).one()
