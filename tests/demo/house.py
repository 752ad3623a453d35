"""A house that people live in: a migrated database with the demo county, its keys, and its sites as apps."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis.db import Database
from chassis.desks import DESKS, desks_of
from chassis.house import House
from chassis.identity.demo import ensure_demo_staff
from chassis.settings import Settings, read_settings
from chassis.vault.keyring import Keyring
from chassis.vault.keys import ensure_key_file, load_keys
from demo import county
from demo.people import PASSPHRASE, staff_of
from tests.conftest import Servers, TestDatabase, _copy

AT = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)


@dataclass
class LivedIn:
    database: TestDatabase
    folder: Path
    redis_url: str
    environment: str = "test"

    @cached_property
    def settings(self) -> Settings:
        return read_settings(
            {
                "COOPMED_ENVIRONMENT": self.environment,
                "COOPMED_KEY_FILE": str(self.folder / "keys.json"),
                "COOPMED_SECRET_KEY_FILE": str(self.folder / "secret"),
                "COOPMED_REDIS_URL": self.redis_url,
                "COOPMED_DATA_DIR": str(self.folder / "data"),
            }
        )

    @cached_property
    def keyring(self) -> Keyring:
        return load_keys(self.folder / "keys.json")

    @cached_property
    def databases(self) -> dict[str, Database]:
        return {key: self.database.desk(key) for key in DESKS}

    def house(self, site: str) -> House:
        return House(self.settings, site, {desk.key: self.databases[desk.key] for desk in desks_of(site)})

    def url(self, role: str) -> str:
        return self.database.url(role)

    def close(self) -> None:
        for database in self.databases.values():
            database.engine.dispose()


@contextmanager
def lived_in(servers: Servers, template: str, *, environment: str = "test") -> Iterator[LivedIn]:
    """A fresh database with the places and members of both demo counties, and nobody's sign-in yet."""
    for database in _copy(servers, template):
        with TemporaryDirectory(prefix="coopmed-test-") as folder:
            home = LivedIn(database, Path(folder), servers.redis_url, environment)
            ensure_key_file(home.folder / "keys.json")
            (home.folder / "secret").write_bytes(b"s" * 48)
            with home.databases["county"].transaction() as session:
                county.write_divisions(session)
                for one in (county.demo_county(), county.other_county()):
                    county.write_county(session, home.keyring, one, at=AT)
            yield home
            home.close()


def signed_in(app: Flask, name: str, path: str = "") -> FlaskClient:
    """A browser at which this person of the demo has signed in."""
    browser = app.test_client()
    answer = send(browser, f"{path}/sign-in", {"sign_in_name": name, "password": PASSPHRASE, "code": ""})
    assert answer.status_code == 303, answer.text
    return browser


def send(browser: FlaskClient, page: str, form: dict[str, str], *, to: str | None = None) -> TestResponse:
    """Fill the form on `page` and send it."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert token, f"{page} has no form"
    return browser.post(to or page, data=form | {"csrf_token": token[1]})


def add_staff(home: LivedIn, at: dt.datetime = AT) -> None:
    """The demo's people of the county desk: its sign-ins work in a house whose environment is `demo`."""
    for county_code, staff in staff_of("county").items():
        with home.databases["county"].transaction() as session:
            ensure_demo_staff(session, county_code=county_code, people=staff, at=at, settings=home.settings)
