"""Sites and signed-in clients for the tests of pages. No fixtures, only functions."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from chassis import clock
from chassis.db import Database
from chassis.desks import DESKS, desks_of
from chassis.house import House
from chassis.identity import sessions
from chassis.identity.accounts import pinyin_of
from chassis.identity.tables import RoleGrant, SecurityKey, Staff
from chassis.settings import Settings, read_settings
from chassis.vault.keys import ensure_key_file

COUNTY = "330110"
NOBODY_1, NOBODY_2 = 900_001, 900_002


def settings_for_tests(folder: Path | None = None, **changes: str) -> Settings:
    """Settings with keys of their own; `changes` by field name (`environment="demo"`)."""
    folder = folder or Path(tempfile.mkdtemp(prefix="coopmed-test-"))
    ensure_key_file(folder / "keys.json")
    secret = folder / "secret"
    if not secret.exists():
        secret.write_bytes(b"0123456789abcdef0123456789abcdef")
    env = {
        "COOPMED_ENVIRONMENT": "test",
        # A suite asks as one person more in a minute than any program should.
        "COOPMED_API_REQUESTS_A_MINUTE": "1000000000",
        "COOPMED_DATA_DIR": str(folder / "data"),
        "COOPMED_KEY_FILE": str(folder / "keys.json"),
        "COOPMED_SECRET_KEY_FILE": str(secret),
    }
    return read_settings(env | {f"COOPMED_{name.upper()}": value for name, value in changes.items()})


def house_for(site: str, databases: Mapping[str, Database], settings: Settings) -> House:
    return House(settings=settings, site=site, databases=dict(databases))


def apps_of_the_house(site: str, house: House) -> Flask:
    """One of the real sites."""
    import contractor.app
    import oversight.app
    import oversight.claimants.app

    create = {
        "workspace": contractor.app.create_app,
        "portal": oversight.app.create_app,
        "claimants": oversight.claimants.app.create_app,
    }[site]
    app = create(house)
    app.testing = True
    # In tests our own mistakes are answered as in production, so that a 500 is seen as one.
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def site_client(site: str, database, settings: Settings) -> FlaskClient:
    """A browser at a real site on a test database (`house_database` or `fresh_database`)."""
    databases = {desk.key: database.desk(desk.key) for desk in desks_of(site)}
    return apps_of_the_house(site, house_for(site, databases, settings)).test_client()


def workspace_client(database, settings: Settings) -> FlaskClient:
    return site_client("workspace", database, settings)


def portal_client(database, settings: Settings) -> FlaskClient:
    return site_client("portal", database, settings)


def sign_in(
    client: FlaskClient,
    *roles: str,
    desk: str = "contractor",
    county_code: str = COUNTY,
    name: str = "张三",
    scope: str | None = None,
    stepped_up: bool = False,
    at: dt.datetime | None = None,
) -> int:
    """Make a person with these roles and a second factor, and sign them in in this client; returns `staff.id`.

    Through the verbs, not the sign-in page: the page has its own tests.
    """
    at = at or clock.now()
    house: House = client.application.extensions["coopmed"]
    with house.databases[desk].transaction() as session:
        made = insert(Staff).values(
            county_code=county_code,
            sign_in_name=f"t{sessions.new_token()[:12].lower().replace('_', 'x').replace('-', 'y')}",
            name=name,
            name_pinyin=pinyin_of(name),
            status="active",
            password_hash="$argon2id$none",
            password_set_at=at,
            invited_at=at,
            activated_at=at,
            status_changed_at=at,
        )
        staff_id = session.execute(made.returning(Staff.id)).scalar_one()
        give_factor(session, county_code, staff_id, at=at)
        for role in roles:
            grant(session, county_code, staff_id, role, scope=scope, at=at)
        staff = session.get_one(Staff, (county_code, staff_id))
        token = sessions.open_session(
            session, staff, factor="security_key", network_digest=b"n" * 32, device_words="test", at=at
        )
        if stepped_up:
            own = sessions.session_id_of(session, token)
            until = at + sessions.STEPPED_UP
            token = sessions.renew(session, county_code, own, stepped_up_until=until, at=at)
    client.set_cookie(DESKS[desk].cookie, token)
    return staff_id


def give_factor(session, county_code: str, staff_id: int, *, at: dt.datetime) -> None:
    """A security key on record, so that the account is finished; nothing can be signed with it."""
    session.execute(
        insert(SecurityKey).values(
            county_code=county_code,
            staff_id=staff_id,
            credential_id=sessions.new_token().encode(),
            public_key=b"none",
            sign_count=0,
            label="test",
            added_at=at,
        )
    )


def grant(session, county_code: str, staff_id: int, role: str, *, scope: str | None = None, at: dt.datetime) -> None:
    """A role in force, proposed and decided by two who are nobody of the test."""
    session.execute(
        insert(RoleGrant).values(
            county_code=county_code,
            staff_id=staff_id,
            role=role,
            scope=scope,
            proposed_by=NOBODY_1,
            proposed_at=at,
            reason="test",
            decided_by=NOBODY_2,
            decided_at=at,
            decision="approved",
        )
    )


def csrf_of(client: FlaskClient, path: str) -> str:
    """The token that the form on this page carries."""
    page = client.get(path).get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, f"{path} has no form"
    return found[1]


def post(
    client: FlaskClient, path: str, fields: Mapping[str, str] | None = None, *, form_on: str | None = None, **more
):
    """Post a form as its page would: with the token that stands in it."""
    token = csrf_of(client, form_on or path)
    return client.post(path, data={"csrf_token": token, **(fields or {})}, **more)
