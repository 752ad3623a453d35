"""Filling an empty house: once, whole, through the same doors as real life."""

from __future__ import annotations

import psycopg
import pytest

from chassis.errors import Misconfigured
from chassis.settings import read_settings
from chassis.vault.keys import ensure_key_file
from contractor.app import create_app as workspace
from demo import people
from demo.county import demo_county, other_county
from demo.fill import fill_if_empty
from oversight.app import create_app as portal
from oversight.claimants import door
from tests.demo.house import AT, LivedIn, signed_in


@pytest.fixture()
def empty(fresh_database, tmp_path, servers):
    home = LivedIn(fresh_database, tmp_path, servers.redis_url, environment="demo")
    ensure_key_file(tmp_path / "keys.json")
    (tmp_path / "secret").write_bytes(b"s" * 48)
    yield home
    home.close()


def counts(home) -> dict[str, int]:
    with psycopg.connect(home.database.owner_url) as connection:
        tables = connection.execute(
            "SELECT table_schema || '.' || table_name FROM information_schema.tables "
            "WHERE table_type = 'BASE TABLE' AND table_schema IN "
            "('registry', 'claimant', 'oversight', 'contractor', 'finance') ORDER BY 1"
        ).fetchall()
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for (name,) in tables}


def test_filling_twice_is_filling_once_and_people_of_every_desk_can_sign_in(empty):
    assert fill_if_empty(empty.databases, empty.keyring, empty.settings, at=AT)
    first = counts(empty)
    assert first["registry.member"] == len(list(demo_county().people)) + len(list(other_county().people))
    assert first["claimant.member_credential"] == len(people.PINS)
    assert not fill_if_empty(empty.databases, empty.keyring, empty.settings, at=AT)
    assert counts(empty) == first
    sites = {"contractor": workspace(empty.house("workspace")), "county": portal(empty.house("portal"))}
    sites["finance"] = sites["county"]
    # The first of each desk and county: all share one passphrase, and each sign-in costs what argon2id should.
    first_of = {(person.desk, person.county_code): person for person in reversed(people.STAFF)}
    for person in first_of.values():
        signed_in(sites[person.desk], person.sign_in_name, "/finance" if person.desk == "finance" else "")
    for member, pin in people.members_with_pin():
        with empty.databases["claimant"].transaction() as session:
            credential = door.find_credential(session, empty.keyring, card_number=member.card_number)
        assert door.is_right_pin(empty.settings, empty.keyring, credential, pin)


def test_a_production_house_is_never_filled(empty):
    settings = read_settings({"COOPMED_ENVIRONMENT": "production"})
    with pytest.raises(Misconfigured):
        fill_if_empty(empty.databases, empty.keyring, settings, at=AT)
    assert counts(empty)["registry.division"] == 0
