"""The county's portal with the demo's registrars, officers, auditors and city people at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from chassis.vault.keys import ensure_key_file, load_keys
from demo.county import demo_county, other_county, write_divisions
from oversight.app import create_app
from oversight.registry.tables import Member
from tests.conftest import Servers
from tests.demo.house import LivedIn, add_staff, lived_in, signed_in
from tests.registry.files import FILES, Clerk


@pytest.fixture(scope="module")
def home(servers: Servers, template: str) -> Iterator[LivedIn]:
    with lived_in(servers, template, environment="demo") as home:
        add_staff(home)
        yield home


@pytest.fixture(scope="module")
def portal(home: LivedIn):
    return create_app(home.house("portal"))


@pytest.fixture(scope="module")
def at_desk(portal):
    """`at_desk("registrar")`: a browser at which that person has signed in, kept for the module."""
    browsers = {}

    def browser(name: str):
        if name not in browsers:
            browsers[name] = signed_in(portal, name)
        return browsers[name]

    return browser


@pytest.fixture(scope="module")
def head(home: LivedIn) -> Member:
    """The first member of the first county: has identity number, account and telephone."""
    return member_of(home, demo_county().families[0].people[0].card_number)


@pytest.fixture(scope="module")
def stranger(home: LivedIn) -> Member:
    """A member of the other county."""
    return member_of(home, other_county().families[0].people[0].card_number)


def member_of(home: LivedIn, card_number: str) -> Member:
    with home.databases["county"].transaction() as session:
        return session.scalars(select(Member).where(Member.card_number == card_number)).one()


@pytest.fixture(scope="module")
def lasting_keys(tmp_path_factory) -> Keyring:
    path = tmp_path_factory.mktemp("registry-vault") / "keys.json"
    ensure_key_file(path)
    return load_keys(path)


@pytest.fixture(scope="module")
def bare_county(house_database, lasting_keys, tmp_path_factory) -> Iterator[Clerk]:
    """A county that has its name and nothing else, in a transaction that is never committed."""
    database = house_database.desk("county")
    with database.engine.connect() as connection:
        outer = connection.begin()
        session = Session(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        write_divisions(session)
        session.flush()
        yield Clerk(session, lasting_keys, tmp_path_factory.mktemp("files"))
        session.close()
        outer.rollback()
    database.engine.dispose()


@pytest.fixture()
def clerk(bare_county) -> Iterator[Clerk]:
    """Takes files in for the bare county; all of it is undone after the test."""
    yield from _undone(bare_county)


@pytest.fixture()
def people(bare_county) -> Iterator[Clerk]:
    """A county with villages, households and members."""
    yield from _undone(bare_county, "places", "members")


@pytest.fixture()
def entered(bare_county) -> Iterator[Clerk]:
    """A county with one good file of every kind taken in."""
    yield from _undone(bare_county, *FILES)


def _undone(clerk: Clerk, *kinds: str) -> Iterator[Clerk]:
    """What these files and the test write is rolled back to here."""
    savepoint = clerk.session.begin_nested()
    for kind in kinds:
        clerk.sends(kind)
    yield clerk
    savepoint.rollback()
    clerk.session.expire_all()
