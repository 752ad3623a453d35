"""The whole house, lived in: the demo county on a migrated database, the three sites on free ports, real sign-ins."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from weakref import WeakKeyDictionary

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from chassis import clock
from chassis.desks import DESKS, SITES
from chassis.i18n import LANGUAGE_COOKIE, compile_catalogue
from chassis.vault.keys import ensure_key_file
from demo.county import CITY, COUNTY, demo_county
from demo.fill import fill_if_empty
from demo.people import PASSPHRASE, STAFF, members_with_pin
from oversight.registry.tables import Member
from tests.browser import ConsoleWatch, console_watch
from tests.conftest import Servers, _copy
from tests.demo.house import LivedIn
from tests.sites import apps_of_the_house

# Security keys know sites by name: an address of figures is no site to them.
HOST = "localhost"
DESKTOP, PHONE, REFLOW = (1366, 850), (360, 740), (320, 640)


_watches: WeakKeyDictionary[Page, ConsoleWatch] = WeakKeyDictionary()


@dataclass
class LiveHouse:
    """Where the sites are, what they stand on, and who is in which browser."""

    home: LivedIn
    chromium: Browser
    apps: dict[str, Flask]
    addresses: dict[str, str]
    contexts: dict[tuple[str, str], BrowserContext] = field(default_factory=dict)

    def url(self, desk_key: str, path: str = "/") -> str:
        desk = DESKS[desk_key]
        return self.addresses[desk.site] + desk.path + path

    def site_url(self, desk_key: str, path: str) -> str:
        """As `url`, with the whole path on the site: a desk's beginning included."""
        return self.addresses[DESKS[desk_key].site] + path

    def site_of(self, desk_key: str) -> str:
        return DESKS[desk_key].site

    def database(self, desk_key: str) -> Session:
        """A transaction at a desk, as the desk's own role."""
        return self.home.databases[desk_key].transaction()

    def visit(self, desk_key: str, who: str | None) -> BrowserContext:
        """The browser of this person, signed in once through the real page and kept; None is a stranger."""
        key = (desk_key, who or "")
        if key not in self.contexts:
            self.contexts[key] = self.stranger()
            if who is not None:
                self.sign_in(self.contexts[key].new_page(), desk_key, who)
        return self.contexts[key]

    def stranger(self, **options) -> BrowserContext:
        """A browser that has never been here, of a reader of Chinese."""
        return self.chromium.new_context(
            viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, locale="zh-CN", **options
        )

    def sign_in(self, page: Page, desk_key: str, who: str, password: str = PASSPHRASE) -> None:
        """Through the sign-in page, as they do it. A member is named by the place in `members_with_pin`."""
        page.goto(self.url(desk_key, "/sign-in"))
        if desk_key == "claimant":
            person, pin = members_with_pin()[int(who)]
            page.fill("[name=card]", person.card_number)
            page.fill("[name=pin]", pin)
        else:
            page.fill("[name=sign_in_name]", who)
            page.fill("[name=password]", password)
        page.click("main form [type=submit]")
        page.wait_for_url(lambda url: not url.split("?")[0].endswith("/sign-in"))

    @cached_property
    def member(self) -> Member:
        """The first member of the first county."""
        return self.member_of(demo_county().families[0].people[0].card_number)

    def member_of(self, card_number: str) -> Member:
        with self.database("county") as session:
            return session.scalars(
                select(Member).where(Member.county_code == COUNTY, Member.card_number == card_number)
            ).one()

    def close(self) -> None:
        for context in self.contexts.values():
            context.close()


def who_holds(desk_key: str, role: str) -> str:
    """The sign-in name of the demo's person in this role."""
    if role == "member":
        return "0"
    return next(
        person.sign_in_name
        for person in STAFF
        if person.desk == desk_key and role in person.roles and person.county_code in (COUNTY, CITY)
    )


def speak(context: BrowserContext, language: str) -> None:
    """The language switch's own cookie; cookies ignore ports, so it is one for the three sites."""
    context.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "domain": HOST, "path": "/"}])


@contextmanager
def opened(context: BrowserContext, size: tuple[int, int] = DESKTOP) -> Iterator[tuple[Page, ConsoleWatch]]:
    """The context's one page, and what it complains of from now on: a new page would cost a process."""
    page = context.pages[0] if context.pages else context.new_page()
    if page not in _watches:
        _watches[page] = console_watch(page)
    _watches[page].complaints.clear()
    page.emulate_media(media="null")  # what the browser would do of itself
    page.set_viewport_size({"width": size[0], "height": size[1]})
    yield page, _watches[page]


@contextmanager
def live_house(servers: Servers, template: str, chromium: Browser) -> Iterator[LiveHouse]:
    """Everything, started and stopped again whatever happens."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    compile_catalogue()
    with ExitStack() as stack:
        database = stack.enter_context(contextmanager(_copy)(servers, template))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="coopmed-journeys-")))
        ensure_key_file(folder / "keys.json")
        (folder / "secret").write_bytes(b"s" * 48)
        home = LivedIn(database, folder, servers.redis_url, environment="demo")
        stack.callback(home.close)
        fill_if_empty(home.databases, home.keyring, home.settings, at=clock.now())
        apps = {site: apps_of_the_house(site, home.house(site)) for site in SITES}
        addresses = {site: stack.enter_context(served(app)) for site, app in apps.items()}
        house = LiveHouse(home, chromium, apps, addresses)
        stack.callback(house.close)
        yield house


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The app on a free port of this machine, by threads as gunicorn would."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
