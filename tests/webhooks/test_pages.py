"""The lead's page: a secret shown once, a test, what did not arrive sent again, and no inside address."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from chassis import clock
from contractor.webhooks.delivering import PAUSES
from tests.api.programs import Programs, claim_of
from tests.claims.making import CITY_HOSPITAL, COUNTY
from tests.sites import sign_in
from tests.webhooks.listening import Listener
from tests.webhooks.subscribed import Subscribed, subscribe


@pytest.fixture
def lead(programs) -> FlaskClient:
    programs.app.config["WTF_CSRF_ENABLED"] = False  # forms without a token are tried in tests/identity
    client = programs.app.test_client()
    sign_in(client, "lead", county_code=COUNTY, stepped_up=True)
    return client


def add(client: FlaskClient, url: str, **changes):
    form = {
        "label": "收费系统",
        "url": url,
        "event_kinds": ["claim.decided", "payment.settled"],
        "institution_code": "",
    }
    return client.post("/webhooks", data=form | changes)


def test_the_secret_is_shown_once_and_signs_what_is_sent(programs: Programs, lead: FlaskClient, listener: Listener):
    answer = add(lead, listener.url)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    (secret,) = set(re.findall(r"coopmed_wh_[\w-]{43}", answer.text))
    assert secret not in lead.get("/webhooks").text
    number = int(re.findall(r"/webhooks/(\d+)", answer.text)[0])
    assert lead.post(f"/webhooks/{number}/test").status_code == 303
    own = Subscribed(programs, number, secret)
    assert own.deliver()
    page = lead.get(f"/webhooks/{number}").text
    assert "试推送" in page and "已收到" in page and "对方回答 204" in page and secret not in page
    own.turn_off()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"label": " "}, "这一项要填"),
        ({"url": ""}, "这一项要填"),
        ({"url": "ftp://example.org/"}, "https://"),
        ({"url": "https://user@example.org/"}, "看不懂这个地址"),
        ({"event_kinds": ["everything"]}, "至少选一种事件"),
        ({"institution_code": "nowhere"}, "请选一项"),
    ],
)
def test_what_cannot_be_added_is_said_beside_its_field_and_nothing_typed_is_lost(lead, changes, words):
    answer = add(lead, changes.pop("url", "https://hooks.example.org/x"), **changes)
    assert answer.status_code == 422 and words in answer.text
    if "label" not in changes:
        assert "收费系统" in answer.text


def test_what_did_not_arrive_is_visible_and_sent_again_by_a_person(programs, lead, listener):
    own = subscribe(programs, listener.url)
    listener.answers = [500]
    programs.post("/api/v1/claims", claim_of(programs, 21))
    for _try in range(len(PAUSES) + 1):
        own.deliver()
        own.make_due()
    assert "没有推成" in lead.get(f"/webhooks/{own.id}?state=dead").text
    listener.answers = [200]
    assert lead.post(f"/webhooks/{own.id}/replay").status_code == 303
    own.deliver()
    assert [one.state for one in own.deliveries()] == ["delivered"]
    (delivery,) = own.deliveries()
    assert lead.post(f"/webhooks/{own.id}/replay", data={"delivery": delivery.id}).status_code == 303
    assert lead.post(f"/webhooks/{own.id}/replay", data={"delivery": "x"}).status_code == 404
    assert lead.post(f"/webhooks/{own.id}/off").status_code == 303
    assert lead.post(f"/webhooks/{own.id}/test").status_code == 409


def test_the_page_speaks_english(programs, lead, listener):
    own = subscribe(programs, listener.url, institution_code=CITY_HOSPITAL)
    lead.set_cookie("coopmed_language", "en")
    for path in ("/webhooks", f"/webhooks/{own.id}"):
        text = lead.get(path).text
        assert "Webhooks" in text and "claim decided" in text
    own.turn_off()


def test_only_a_lead_comes_here_and_adding_asks_for_a_fresh_proof(programs, listener):
    client = programs.app.test_client()
    sign_in(client, "reviewer", county_code=COUNTY, stepped_up=True)
    assert client.get("/webhooks").status_code == 403
    client = programs.app.test_client()
    sign_in(client, "lead", county_code=COUNTY, at=clock.now())
    assert client.get("/webhooks").status_code == 200
    assert "/step-up" in add(client, listener.url).headers["Location"]
