"""A house with two counties and a few members who have been here before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from chassis.clock import now
from chassis.identity.tokens import network_digest
from demo.county import Person, demo_county, other_county
from oversight.claimants import door
from oversight.claimants.app import create_app
from oversight.registry.slips import PrintedSlip, issue_slip
from oversight.registry.tables import Member
from tests.conftest import Servers
from tests.demo.house import LivedIn, lived_in

GOOD_PIN = "258013"
OTHER_PIN = "640927"


@dataclass(frozen=True)
class KnownMember:
    person: Person
    id: int
    county_code: str
    pin: str


@pytest.fixture(scope="module")
def home(servers: Servers, template: str) -> Iterator[LivedIn]:
    with lived_in(servers, template) as home:
        yield home


@pytest.fixture(scope="module")
def site(home: LivedIn):
    return create_app(home.house("claimants"))


@pytest.fixture()
def browser(site) -> FlaskClient:
    return site.test_client()


@pytest.fixture(scope="module")
def members(home: LivedIn) -> list[KnownMember]:
    """Three members with a PIN: two of the first county (of different households), one of the other."""
    people = [demo_county().families[0].people[0], demo_county().families[1].people[0]]
    people.append(other_county().families[0].people[0])
    return [activated(home, person, GOOD_PIN) for person in people]


def print_slip(home: LivedIn, card_number: str, *, at=None) -> tuple[Member, PrintedSlip]:

    with home.databases["county"].transaction() as session:
        member = session.scalars(select(Member).where(Member.card_number == card_number)).one()
        return member, issue_slip(session, home.keyring, member, by=1, at=at or now())


def activated(home: LivedIn, person: Person, pin: str) -> KnownMember:
    member, slip = print_slip(home, person.card_number)
    pin_hash = door.hash_pin(home.settings, home.keyring, county_code=member.county_code, member_id=member.id, pin=pin)
    with home.databases["claimant"].transaction() as session:
        door.use_slip(
            session,
            home.keyring,
            card_number=person.card_number,
            code=slip.code,
            pin_hash=pin_hash,
            network=network_digest(home.keyring, "192.0.2.1"),
        )
    return KnownMember(person, member.id, member.county_code, pin)


def token_of(home: LivedIn, member: KnownMember) -> str:
    """A live session of a member, as the browser would hold it."""
    with home.databases["claimant"].transaction() as session:
        credential = door.find_credential(session, home.keyring, card_number=member.person.card_number)
        token = door.open_session(session, credential, device="phone")
    assert token is not None
    return token


def post(browser: FlaskClient, page: str, form: dict[str, str], *, to: str | None = None, address="192.0.2.1"):
    """Fill the form on `page` and send it, from a network address."""
    found = browser.get(page, environ_base={"REMOTE_ADDR": address})
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', found.text)[1]
    return browser.post(
        to or page, data=form | {"csrf_token": csrf}, environ_base={"REMOTE_ADDR": address}, follow_redirects=False
    )
