"""Every page of the three sites, in both languages, wide, narrow and at 400 %: generated from the URL maps.

A new route without a record to show, and without a reason why it is no page, fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from chassis.authorisation import ANYONE, SIGNED_IN, matrix, routes_of
from chassis.desks import DESKS, SITES
from chassis.i18n import LANGUAGES
from tests.journeys.checks import faults_of_page, faults_of_skip_link
from tests.journeys.furniture import MUST_CHANGE, WITH_FACTOR, Furniture
from tests.journeys.living import LiveHouse, opened, speak, who_holds

pytestmark = pytest.mark.browser

NO_PAGES = {
    "layout.asset": "a file of the layout",
    "operations.health": "for machines",
    "operations.ready": "for machines",
    "operations.metrics": "for machines",
    "language.choose": "answers with the page it came from",
    "trail.progress": "a part of the trail's page, which shows it",
    "identity.authenticator_qr": "a picture on the authenticator's page",
    "audits.progress": "a part of the recomputation's page, which shows it",
    "uploads.progress": "a part of the upload's page, which shows it",
    "documents.sheet": "a part of the claim's page, in a frame of its own; tests/journeys/test_papers.py opens it",
}
DOWNLOADS = ".export"
"""How the endpoints of files to take along end."""
# A paper has no bar to skip, and both languages stand on it.
PAPERS = {"gallery.letter", "letters.member", "letters.reduction"}
# Pages that one is led to from the sign-in: who is.
ON_THE_WAY = {"identity.second_factor": WITH_FACTOR, "identity.unfinished": MUST_CHANGE}
# Where one of several roles sees more than the others.
SEES_MOST = {
    "trail.page": "log_auditor",
    "rules.rule": "lead",
    "people.list": "administrator",
    "people.person": "administrator",
}

# Pages that differ little from state to state, and in which states they are looked at.
FEW_STATES = {
    "claims.claim": ("received", "on_public_notice", "rejected"),
    "uploads.upload": ("taken", "refused"),
}

# The same list, asked for what nobody is or did.
ASKED_IN_VAIN = [
    ("county", "registrar", "/registry/members?name=无名氏"),
    ("county", "registrar", "/registry/members?card=00000000"),
    ("contractor", "administrator", "/people?text=nobody"),
    ("finance", "administrator", "/people?role=finance_head&status=left"),
    ("county", "log_auditor", "/trail?on=1999-12-31"),
    ("finance", "log_auditor", "/unmasking?from=1999-12-31&to=1999-12-31"),
    ("county", "auditor", "/recomputations?before=1999-12-31T00:00:00%2B00:00~1"),
]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("desk_key", DESKS)
def test_every_page_is_well_made(house, furniture, desk_key, language):
    faults, pages = [], 0
    for endpoint, state, path in _addresses(house, furniture, desk_key):
        pages += 1
        with _opened_by_its_reader(house, desk_key, endpoint, language) as (page, watch):
            answer = page.goto(house.site_url(desk_key, path))
            found = _faults_of_answer(page, answer, path) or [
                *([] if endpoint in PAPERS else faults_of_skip_link(page)),
                *faults_of_page(page, language, None if endpoint in PAPERS else furniture.chinese),
            ]
            found += [f"console: {complaint}" for complaint in watch.complaints]
        faults += [f"{desk_key} {endpoint} {state}: {fault}" for fault in found]
    print(f"\n{pages} pages of {desk_key} in {language}")
    assert faults == [], "\n".join(faults)
    assert pages > 5


def test_what_is_said_to_be_no_page_is_there_and_is_none(house):
    there = {endpoint for site in SITES for _desk, endpoint, _method, _url in routes_of(house.apps[site], site)}
    assert (NO_PAGES.keys() | PAPERS | ON_THE_WAY.keys() | SEES_MOST.keys()) - there == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("desk_key", "role", "path"), ASKED_IN_VAIN, ids=lambda value: value)
def test_a_list_without_rows_says_so_and_offers_the_way_back(house, furniture, desk_key, role, path, language):
    with opened(house.visit(desk_key, who_holds(desk_key, role))) as (page, watch):
        speak(page.context, language)
        assert page.goto(house.url(desk_key, path)).status == 200
        assert page.locator(".cm-empty, .cm-nothing").first.is_visible()
        assert faults_of_page(page, language, furniture.chinese.besides("无名氏")) == []
        assert watch.complaints == []


def _addresses(house: LiveHouse, furniture: Furniture, desk_key: str) -> Iterator[tuple[str, str, str]]:
    """(endpoint, state of the record, path) for every page of a desk."""
    site = DESKS[desk_key].site
    for desk, endpoint, method, url in routes_of(house.apps[site], site):
        if desk.key != desk_key or method != "GET" or endpoint in NO_PAGES or endpoint.endswith(DOWNLOADS):
            continue
        rule = matrix().rule(desk, endpoint, "GET")
        if rule.by_token:
            continue  # for programs
        kind = rule.object
        own = {
            "member": {"": {"county_code": house.member.county_code, "member_id": house.member.id}},
            None: {"": {"token": furniture.invitations.get(desk_key)}},
        }
        act = matrix().rule(desk, endpoint, "POST")
        # The page before an act is shown in one state that the act leads on from: in any other it says so and no more.
        open_in = [state for state, status in act.states.items() if status < 400] if act else []
        for state, values in (own.get(kind) or furniture.records[desk_key, kind]).items():
            if open_in and state != open_in[0]:
                continue
            if state not in FEW_STATES.get(endpoint, (state,)):
                continue
            yield endpoint, state, _path(url, values | {"field": "identity_number"})


def _path(url: str, values: dict) -> str:
    """The address with its record; a part that nothing here fills fails, by its name."""
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda part: str(values[part[1]]), url)


def _opened_by_its_reader(house: LiveHouse, desk_key: str, endpoint: str, language: str):
    rule = matrix().rule(DESKS[desk_key], endpoint, "GET")
    if endpoint in ON_THE_WAY:
        context = _half_signed_in(house, desk_key, ON_THE_WAY[endpoint][desk_key])
    elif ANYONE in rule.who:
        context = house.visit(desk_key, None)
    else:
        here = [role.key for role in matrix().roles_of(desk_key)]
        first = here[-1] if SIGNED_IN in rule.who else next(role for role in here if role in rule.who)
        context = house.visit(desk_key, who_holds(desk_key, SEES_MOST.get(endpoint, first)))
    speak(context, language)
    return opened(context)


def _half_signed_in(house: LiveHouse, desk_key: str, sign_in_name: str) -> BrowserContext:
    """A browser whose reader has given the password and is asked for something more."""
    key = (desk_key, f"{sign_in_name}, half")
    if key not in house.contexts:
        house.contexts[key] = house.stranger()
        house.sign_in(house.contexts[key].new_page(), desk_key, sign_in_name)
    return house.contexts[key]


def _faults_of_answer(page: Page, answer, path: str) -> list[str]:
    if answer.status != 200:
        return [f"answers {answer.status}"]
    return [] if page.url.endswith(path) else [f"leads to {page.url}"]
