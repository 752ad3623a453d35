"""The rooms in real Chromium: nothing overflows, axe and the console are silent; and one journey."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import update
from werkzeug.serving import make_server

from chassis import clock
from chassis.desks import COUNTY as DESK
from chassis.identity import accounts, passwords
from chassis.identity.tables import Staff
from chassis.people import granting
from tests.browser import axe_violations, console_watch, overflowing_elements, small_targets
from tests.people.making import a_person
from tests.sites import COUNTY, sign_in, site_client

pytestmark = pytest.mark.browser
PASSWORD = "seven green tractors wait"
HOSTILE = "<img src=x onerror=alert(1)>\"'><script>alert(1)</script>"


@pytest.fixture(scope="module")
def stage(module_database, settings):
    """(address, cookies by seat, the grant that waits, an invited person, an active one)."""
    client = site_client("portal", module_database, settings)
    seats, people = {}, {}
    for seat, role in (
        ("administrator", "administrator"),
        ("first", "security_officer"),
        ("second", "security_officer"),
        ("logs", "log_auditor"),
    ):
        people[seat] = sign_in(client, role, desk="county", name=f"{seat}某", stepped_up=True)
        seats[seat] = client.get_cookie(DESK.cookie).value
    house = client.application.extensions["coopmed"]
    with house.databases["county"].transaction() as session:
        hashed = passwords.hash_password(house.settings, PASSWORD)
        session.execute(update(Staff).where(Staff.id == people["second"]).values(password_hash=hashed))
        active = a_person(session, f"丁一清{HOSTILE}")
        invited = accounts.invite(
            session,
            house.keyring,
            county_code=COUNTY,
            sign_in_name="new.one",
            name="欧阳明日香买买提",
            by=people["administrator"],
            at=clock.now(),
        ).staff_id
        waits = granting.propose(
            session,
            DESK,
            county_code=COUNTY,
            staff_id=active,
            role="registrar",
            scope=None,
            reason=f"登记窗口原来的老师退休，由他接替，长期{HOSTILE}",
            by=people["first"],
            at=clock.now(),
        ).id
    server = make_server("127.0.0.1", 0, client.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}", seats, waits, invited, active
    server.shutdown()
    thread.join()


def opened(chromium, stage, seat: str, path: str, *, width: int, language: str):
    address, seats, *_ = stage
    context = chromium.new_context(viewport={"width": width, "height": 800})
    context.add_cookies(
        [
            {"name": DESK.cookie, "value": seats[seat], "url": address},
            {"name": "coopmed_language", "value": language, "url": address},
        ]
    )
    page = context.new_page()
    watch = console_watch(page)
    answer = page.goto(address + path)
    assert answer is not None and answer.status == 200, path
    return context, page, watch


@pytest.mark.parametrize(("width", "language"), [(1366, "en"), (390, "zh")])
def test_every_page_is_whole_and_silent(chromium, stage, width, language):
    _, _, waits, invited, active = stage
    pages = (
        ("administrator", "/people"),
        ("administrator", f"/people/{active}"),
        ("administrator", f"/people/{invited}"),
        ("administrator", "/people/invite"),
        ("administrator", "/tasks"),
        ("second", "/grants"),
        ("second", f"/grants/{waits}"),
        ("second", "/grants/propose"),
        ("logs", "/trail"),
    )
    problems = []
    for seat, path in pages:
        context, page, watch = opened(chromium, stage, seat, path, width=width, language=language)
        found = [*axe_violations(page), *overflowing_elements(page), *small_targets(page), *watch.complaints]
        problems += [f"{path} {width} {language}: {problem}" for problem in found]
        context.close()
    assert problems == []


def test_the_second_officer_reads_copies_four_signs_and_grants(chromium, stage):
    _, _, waits, _invited, active = stage
    context, page, watch = opened(chromium, stage, "second", f"/grants/{waits}", width=1366, language="zh")
    assert page.locator(".cm-count").inner_text() == "1"
    shown = page.locator(".cm-hash").inner_text()
    page.get_by_label("抄写指纹最后四位").fill(shown[-4:].lower())
    page.get_by_label("您的登录密码").fill("not this one at all")
    page.get_by_role("button", name="授予这个岗位").click()
    page.locator(".cm-error").first.wait_for()
    page.get_by_label("抄写指纹最后四位").fill(shown[-4:])
    page.get_by_label("您的登录密码").fill(PASSWORD)
    page.get_by_role("button", name="授予这个岗位").click()
    page.get_by_text("已授予。").wait_for()
    assert page.locator(".cm-count").count() == 0
    page.goto(page.url.replace("/grants", f"/people/{active}"))
    assert "在岗" in page.locator("table").inner_text()
    # The answer to the wrong password is a 422, which the console reports as a failed load.
    watch.ignore(lambda complaint: "422" in complaint)
    assert watch.complaints == []
    context.close()
