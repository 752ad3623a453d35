"""A county desk's session with the counties in it; and a house whose two counties have a law."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis.identity.demo import ensure_demo_staff
from demo import law
from demo.people import staff_of
from tests.conftest import Servers
from tests.demo.house import LivedIn, lived_in, signed_in
from tests.law.making import AT, counties
from tests.sites import apps_of_the_house


@pytest.fixture()
def session(session_of):
    """The county's session; what it does is rolled back."""
    session = session_of("county")
    counties(session)
    return session


@pytest.fixture(scope="module")
def home(servers: Servers, template: str) -> Iterator[LivedIn]:
    with lived_in(servers, template, environment="demo") as home:
        for desk in ("contractor", "county"):
            for county_code, staff in staff_of(desk).items():
                with home.databases[desk].transaction() as session:
                    ensure_demo_staff(session, county_code=county_code, people=staff, at=AT, settings=home.settings)
        with home.databases["county"].transaction() as session:
            for county_code in law.APPROVED:
                law.ensure_law(session, county_code, at=AT)
        yield home


@pytest.fixture(scope="module")
def at_desk(home):
    """`at_desk("portal", "director")`: a browser at which that person has signed in, kept for the module."""
    apps, browsers = {}, {}

    def browser(site: str, name: str):
        if site not in apps:
            apps[site] = apps_of_the_house(site, home.house(site))
        if (site, name) not in browsers:
            browsers[site, name] = signed_in(apps[site], name)
        return browsers[site, name]

    return browser
