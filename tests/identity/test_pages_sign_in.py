"""The sign-in pages through a browser's eyes."""

from __future__ import annotations

import datetime as dt
import logging
import re

import pytest

from chassis import clock
from chassis.desks import DESKS
from chassis.identity import accounts, passwords
from tests.authorisation.rolled_back import RolledBack
from tests.identity.people import PASSWORD, make_person
from tests.identity.software_key import SoftwareKey
from tests.sites import (
    apps_of_the_house,
    csrf_of,
    house_for,
    portal_client,
    post,
    settings_for_tests,
    workspace_client,
)

ORIGIN = "http://localhost"
HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def workspace(house_database, settings):
    """The insurer's site on a database in which every request happens and nothing stays."""
    database = RolledBack(house_database.desk("contractor"))
    yield apps_of_the_house("workspace", house_for("workspace", {"contractor": database}, settings)), database
    database.close()


@pytest.fixture()
def client(workspace):
    app, database = workspace
    yield app.test_client()
    database.forget()


@pytest.fixture()
def transaction(client):
    return client.application.extensions["coopmed"].databases["contractor"].transaction


@pytest.fixture()
def made(client, transaction):
    """Make a person of the contractor's desk."""
    house = client.application.extensions["coopmed"]

    def made(name="zhangsan", **more):
        with transaction() as session:
            return make_person(session, house.settings, house.keyring, name, at=clock.now(), **more)

    return made


@pytest.fixture()
def known(made):
    """Somebody with an authenticator."""
    return made(totp=True)


def give_password(client, name="zhangsan", password=PASSWORD, **more):
    return post(client, "/sign-in", {"sign_in_name": name, "password": password, **more})


def enter(client, known):
    """Through both pages; the code of the step to come, so that a later code of the test is later still."""
    give_password(client)
    answer = post(client, "/sign-in/second-factor", {"code": known.code(clock.now() - dt.timedelta(seconds=30))})
    assert answer.status_code == 303, answer.get_data(as_text=True)


def cookie_of(client, name="coopmed_contractor"):
    found = client.get_cookie(name)
    return found.value if found else None


def body(answer) -> str:
    """The page without what differs from one request to the next."""
    text = re.sub(r'(name="csrf_token" value|content|value)="[^"]{40,}"', "", answer.get_data(as_text=True))
    return re.sub(r'value="(zhangsan|nobody|suspended)"', "", text)


def test_name_password_and_code_lead_to_the_page_that_was_wanted(client, known):
    first = client.get("/account")
    assert first.status_code == 303
    assert first.location == "/sign-in?next=/account"
    second = give_password(client, next="/account")
    assert (second.status_code, second.location) == (303, "/sign-in/second-factor?next=/account")
    third = post(client, "/sign-in/second-factor", {"code": known.code(clock.now()), "next": "/account"})
    assert (third.status_code, third.location) == (303, "/account")
    page = client.get("/account").get_data(as_text=True)
    assert "zhangsan" in page
    assert "我的账号" in page


def test_a_password_alone_opens_no_page(client, known):
    give_password(client)
    assert client.get("/account").location == "/sign-in?next=/account"


def test_an_unknown_name_a_wrong_password_and_a_suspended_account_read_the_same(client, made, transaction):
    made()
    staff = made("suspended").staff
    with transaction() as session:
        accounts.suspend(
            session,
            county_code=staff.county_code,
            staff_id=staff.id,
            version=staff.version,
            reason="试",
            by=999,
            at=clock.now(),
        )
    answers = [give_password(client, *who) for who in (("zhangsan", "wrong"), ("nobody", "wrong"), ("suspended",))]
    assert {answer.status_code for answer in answers} == {422}
    assert len({body(answer) for answer in answers}) == 1
    assert "登录名或密码不对" in body(answers[0])


def test_what_was_typed_stays_but_never_the_password(client, made):
    made()
    page = give_password(client, "zhangsan", "my wrong passphrase").get_data(as_text=True)
    assert 'value="zhangsan"' in page
    assert "my wrong passphrase" not in page


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"sign_in_name": "zhangsan"},
        {"password": "x"},
        {"sign_in_name": "z" * 500, "password": "x"},
        {"sign_in_name": "z", "password": "x" * 5000},
        {"sign_in_name": "z\x00", "password": "\x00"},
        {"sign_in_name": "张", "password": "x", "code": "y" * 900},
    ],
)
def test_an_unreadable_form_is_answered_beside_its_fields(client, fields):
    answer = post(client, "/sign-in", fields)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/account", "/account"),
        ("/account?a=1&b=2", "/account?a=1&b=2"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("\t//evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("http:evil.example", "/"),
        ("evil.example", "/"),
        (" /account", "/"),
        ("", "/"),
    ],
)
def test_sign_in_leads_nowhere_outside(client, known, asked, led_to):
    give_password(client, next=asked)
    answer = post(client, "/sign-in/second-factor", {"code": known.code(clock.now()), "next": asked})
    assert answer.location == led_to


def test_a_cookie_planted_before_sign_in_is_worth_nothing_after(client, known):
    client.set_cookie("coopmed_contractor", "planted-by-somebody-else")
    client.set_cookie("coopmed_contractor_waiting", "planted")
    enter(client, known)
    assert cookie_of(client) not in (None, "planted-by-somebody-else")
    client.set_cookie("coopmed_contractor", "planted-by-somebody-else")
    assert client.get("/account").status_code == 303


def test_signing_in_again_ends_the_browsers_session_of_before(client, known):
    enter(client, known)
    before = cookie_of(client)
    token = csrf_of(client, "/account")
    client.post("/sign-in", data={"csrf_token": token, "sign_in_name": "zhangsan", "password": PASSWORD})
    client.post("/sign-in/second-factor", data={"csrf_token": token, "code": known.code(clock.now())})
    assert cookie_of(client) != before
    client.set_cookie("coopmed_contractor", before)
    assert client.get("/account").status_code == 303


def test_signing_out_ends_the_session_not_just_the_cookie(client, known):
    enter(client, known)
    before = cookie_of(client)
    assert post(client, "/sign-out", form_on="/account").location == "/sign-in"
    assert cookie_of(client) is None
    client.set_cookie("coopmed_contractor", before)
    assert client.get("/account").status_code == 303


def test_a_form_made_before_sign_in_is_not_taken_after(client, known):
    old = csrf_of(client, "/sign-in")
    enter(client, known)
    assert client.post("/sign-out", data={"csrf_token": old}).status_code == 400


def test_no_form_is_taken_without_its_token(client, known):
    enter(client, known)
    post(client, "/step-up", {"password": PASSWORD, "code": known.code(clock.now())})
    rules = [r for r in client.application.url_map.iter_rules() if r.endpoint.startswith("identity.")]
    posted = [r.rule.replace("<token>", "x") for r in rules if "POST" in r.methods]
    assert len(posted) >= 15
    assert {path: client.post(path, data={}).status_code for path in posted} == dict.fromkeys(posted, 400)


def test_after_many_wrong_tries_the_page_offers_the_code_and_takes_it(client, known):
    for _ in range(5):
        give_password(client, password="wrong")
    slowed = give_password(client)
    assert slowed.status_code == 429
    assert 'name="code"' in slowed.get_data(as_text=True)
    assert give_password(client, code=known.code(clock.now())).location == "/"


def test_a_device_signed_in_from_before_stays_open_while_strangers_guess(client, known):
    enter(client, known)
    post(client, "/sign-out", form_on="/account")
    stranger = client.application.test_client()
    for _ in range(6):
        last = give_password(stranger, password="wrong")
    assert last.status_code == 429
    assert give_password(client).status_code == 303


def test_five_wrong_codes_lead_back_to_the_beginning(client, known):
    give_password(client)
    for _ in range(4):
        assert post(client, "/sign-in/second-factor", {"code": "000000"}).status_code == 422
    assert post(client, "/sign-in/second-factor", {"code": "000000"}).location.startswith("/sign-in?")
    assert client.get("/sign-in/second-factor").location.startswith("/sign-in?")


def test_without_a_factor_only_the_pages_that_set_one_up_open(client, made):
    person = made()
    assert give_password(client).location == "/"
    for path in ("/", "/account"):
        assert client.get(path).location == "/unfinished"
    assert client.get("/unfinished").status_code == 200
    page = client.get("/account/authenticator").get_data(as_text=True)
    person.secret = re.search(r'cm-code">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    drawn = client.get("/account/authenticator/qr.svg")
    assert drawn.mimetype == "image/svg+xml"
    assert drawn.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script|style=|on\w+=", drawn.get_data(as_text=True))
    before = cookie_of(client)
    wrong = post(client, "/account/authenticator", {"code": "000000"})
    assert wrong.status_code == 422
    right = post(client, "/account/authenticator", {"code": person.code(clock.now())})
    codes = re.findall(r'cm-code">([a-z2-9-]+)<', right.get_data(as_text=True))
    assert len(codes) == 10
    assert cookie_of(client) != before
    assert client.get("/account").status_code == 200
    assert post(client, "/sign-out", form_on="/account").status_code == 303
    give_password(client)
    assert post(client, "/sign-in/second-factor", {"code": codes[0]}).location == "/"


def test_the_form_on_the_page_of_recovery_codes_still_works(client, made):
    person = made()
    give_password(client)
    page = client.get("/account/authenticator").get_data(as_text=True)
    person.secret = re.search(r'cm-code">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    shown = post(client, "/account/authenticator", {"code": person.code(clock.now())}).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown)[1]
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303


def test_in_the_demo_the_password_is_enough(fresh_database, tmp_path):
    client = workspace_client(fresh_database, settings_for_tests(tmp_path, environment="demo"))
    house = client.application.extensions["coopmed"]
    with house.databases["contractor"].transaction() as session:
        make_person(session, house.settings, house.keyring, "zhangsan", at=clock.now())
    assert give_password(client).location == "/"
    assert client.get("/account").status_code == 200
    assert post(client, "/step-up", {"password": PASSWORD, "next": "/account"}).location == "/account"


def test_an_act_that_asks_for_proof_leads_over_the_step_up(client, known):
    enter(client, known)
    before = cookie_of(client)
    asked = post(client, "/account/recovery-codes", form_on="/account", headers={"Referer": f"{ORIGIN}/account"})
    assert asked.location == "/step-up?next=/account"
    proof = {"password": PASSWORD, "code": known.code(clock.now()), "next": "/account"}
    assert post(client, "/step-up", proof | {"code": "000000"}).status_code == 422
    assert post(client, "/step-up", proof).location == "/account"
    assert cookie_of(client) != before
    shown = post(client, "/account/recovery-codes", form_on="/account").get_data(as_text=True)
    assert len(re.findall(r'cm-code">([a-z2-9-]+)<', shown)) == 10


def test_a_new_password_ends_the_sessions_elsewhere_and_renews_this_one(client, known):
    elsewhere = client.application.test_client()
    elsewhere.set_cookie("coopmed_contractor", _session_of(client, known))
    assert elsewhere.get("/account").status_code == 200
    enter(client, known)
    before = cookie_of(client)
    new = {"new_password": "three blue lanterns glow", "repeated": "three blue lanterns glow"}
    assert post(client, "/account/password", {"password": "wrong", **new}).status_code == 422
    weak = {"password": PASSWORD, "new_password": "zhangsan", "repeated": "zhangsan"}
    refused = post(client, "/account/password", weak)
    assert refused.status_code == 422
    assert "f-new_password-error" in refused.get_data(as_text=True)
    differing = {"password": PASSWORD, **new, "repeated": "three blue lanterns"}
    assert "两次填的密码不一样" in post(client, "/account/password", differing).get_data(as_text=True)
    assert client.get("/account").status_code == elsewhere.get("/account").status_code == 200
    assert post(client, "/account/password", {"password": PASSWORD, **new}).location == "/account"
    assert cookie_of(client) != before
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303


def test_a_session_is_ended_from_the_list_and_gone_on_its_next_request(client, known):
    elsewhere = client.application.test_client()
    elsewhere.set_cookie("coopmed_contractor", _session_of(client, known))
    assert elsewhere.get("/account").status_code == 200
    enter(client, known)
    page = client.get("/account").get_data(as_text=True)
    ids = re.findall(r'name="id" value="(\d+)"', page)
    assert len(ids) == 2
    post(client, "/account/session/revoke", {"id": min(ids, key=int)}, form_on="/account")
    assert elsewhere.get("/account").status_code == 303
    assert client.get("/account").status_code == 200
    assert post(client, "/account/session/revoke", {"id": "99999"}, form_on="/account").status_code == 404
    assert post(client, "/account/session/revoke", {"id": "x"}, form_on="/account").status_code == 422
    assert post(client, "/account/sessions/revoke", form_on="/account").location == "/sign-in"
    assert client.get("/account").status_code == 303


def test_an_invitation_is_taken_over_at_its_address(client, transaction):
    house = client.application.extensions["coopmed"]
    with transaction() as session:
        token = accounts.invite(
            session, house.keyring, county_code="330110", sign_in_name="lisi", name="李四", by=None, at=clock.now()
        ).token
    page = client.get(f"/invitation/{token}").get_data(as_text=True)
    assert "李四" in page
    weak = {"new_password": "lisi2026", "repeated": "lisi2026"}
    assert post(client, f"/invitation/{token}", weak).status_code == 422
    chosen = {"new_password": PASSWORD, "repeated": PASSWORD}
    assert post(client, f"/invitation/{token}", chosen).location == "/sign-in"
    assert client.get(f"/invitation/{token}").status_code == 410
    assert client.get("/invitation/" + "x" * 43).status_code == 410
    assert client.get("/invitation/" + "x" * 4000).status_code == 410
    assert give_password(client, "lisi").location == "/"


def test_a_key_is_registered_and_signs_in_through_the_pages(client, made):
    made()
    give_password(client)
    key = SoftwareKey()
    headers = {"X-CSRFToken": csrf_of(client, "/account/security-keys"), "Accept": "application/json"}
    options = client.post("/account/security-keys/options", headers=headers).get_json()
    assert options["rp"]["id"] == "localhost"
    foreign = key.register(options, origin="https://evil.example")
    refused = client.post("/account/security-keys", json=foreign, headers=headers)
    assert (refused.status_code, set(refused.get_json())) == (422, {"message"})
    late = client.post("/account/security-keys", json=key.register(options, origin=ORIGIN), headers=headers)
    assert late.status_code == 422, "the wrong answer used the challenge up"
    options = client.post("/account/security-keys/options", headers=headers).get_json()
    kept = client.post("/account/security-keys", json=key.register(options, origin=ORIGIN), headers=headers)
    assert kept.get_json() == {"next": "/account"}
    assert client.get("/account").status_code == 200
    post(client, "/sign-out", form_on="/account")

    give_password(client)
    headers = {"X-CSRFToken": csrf_of(client, "/sign-in/second-factor"), "Accept": "application/json"}
    options = client.post("/sign-in/security-key/options", headers=headers).get_json()
    answer = key.answer(options, origin=ORIGIN)
    done = client.post("/sign-in/security-key?next=/account", json=answer, headers=headers)
    assert done.get_json() == {"next": "/account"}
    assert client.get("/account").status_code == 200

    headers = {"X-CSRFToken": csrf_of(client, "/step-up"), "Accept": "application/json"}
    options = client.post("/step-up/security-key/options", headers=headers).get_json()
    assert options["userVerification"] == "required"
    done = client.post("/step-up/security-key", json=key.answer(options, origin=ORIGIN), headers=headers)
    assert done.get_json() == {"next": "/"}
    assert len(re.findall("登记于", client.get("/account").get_data(as_text=True))) == 1


def test_each_desk_has_its_own_cookies_and_its_own_people(fresh_database, settings):
    client = portal_client(fresh_database, settings)
    house = client.application.extensions["coopmed"]
    people = {}
    for desk in ("county", "finance"):
        with house.databases[desk].transaction() as session:
            people[desk] = make_person(session, settings, house.keyring, "zhangsan", at=clock.now(), totp=True)
    assert client.get("/finance/account").location == "/finance/sign-in?next=/finance/account"
    give = {"sign_in_name": "zhangsan", "password": PASSWORD}
    assert post(client, "/finance/sign-in", give).location == "/finance/sign-in/second-factor?next=/finance/"
    done = post(client, "/finance/sign-in/second-factor", {"code": people["finance"].code(clock.now())})
    assert done.location == "/finance/"
    assert client.get("/finance/account").status_code == 200
    assert client.get("/account").status_code == 303
    names = {
        name for desk in DESKS.values() for name in (desk.cookie, f"{desk.cookie}_waiting", f"{desk.cookie}_device")
    }
    assert len(names) == 3 * len(DESKS)
    assert cookie_of(client, "coopmed_finance") and not cookie_of(client, "coopmed_county")


def test_in_production_cookies_are_bound_to_the_host_and_to_https(fresh_database, tmp_path, monkeypatch):
    monkeypatch.setattr(passwords, "MEMORY_KIB", 64)
    passwords._hasher.cache_clear()
    settings = settings_for_tests(tmp_path, environment="production", public_hosts="workspace.example")
    client = workspace_client(fresh_database, settings)
    house = client.application.extensions["coopmed"]
    with house.databases["contractor"].transaction() as session:
        known = make_person(session, settings, house.keyring, "zhangsan", at=clock.now(), totp=True)
    there = {"base_url": "https://workspace.example", "headers": {"Referer": "https://workspace.example/sign-in"}}
    first = client.get("/sign-in", **there)
    token = re.search(r'name="csrf_token" value="([^"]+)"', first.get_data(as_text=True))[1]
    give = {"sign_in_name": "zhangsan", "password": PASSWORD, "csrf_token": token}
    waiting = client.post("/sign-in", data=give, **there)
    code = {"code": known.code(clock.now()), "csrf_token": token}
    done = client.post("/sign-in/second-factor", data=code, **there)
    assert done.location == "/"
    cookies = waiting.headers.getlist("Set-Cookie") + done.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} >= {
        "__Host-coopmed_contractor",
        "__Host-coopmed_contractor_waiting",
        "__Host-coopmed_contractor_device",
    }
    for cookie in cookies:
        assert all(part in cookie for part in ("; Secure", "; HttpOnly", "; Path=/", "; SameSite=Lax")), cookie
        assert "Domain" not in cookie
    assert client.get("/sign-in", base_url="https://evil.example").status_code == 400
    passwords._hasher.cache_clear()


def test_no_secret_reaches_the_logs_on_any_way_of_failing(client, known, made, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    secrets_typed = ["Wrong-secret-one", "Wrong-secret-two", "Wrong-secret-three", "913572"]
    give_password(client, password=secrets_typed[0])
    give_password(client, "nobody-at-all", secrets_typed[1])
    post(client, "/sign-in", {"sign_in_name": "", "password": secrets_typed[2]})
    client.post("/sign-in", data={"sign_in_name": "zhangsan", "password": secrets_typed[0]})
    enter(client, known)
    used = cookie_of(client)
    post(client, "/step-up", {"password": secrets_typed[1], "code": secrets_typed[3]})
    post(client, "/account/password", {"password": secrets_typed[2], "new_password": "x", "repeated": "y"})
    post(client, "/account/security-keys", {"code": secrets_typed[3]}, form_on="/account")
    client.get("/invitation/a-token-that-is-not")
    elsewhere = client.application.test_client()
    give_password(elsewhere)
    post(elsewhere, "/sign-in/second-factor", {"code": secrets_typed[3]})
    for _ in range(6):
        give_password(elsewhere, password=secrets_typed[0])
    written = caplog.text + "".join(capfd.readouterr())
    for secret in [*secrets_typed, PASSWORD, used, known.secret, "nobody-at-all"]:
        assert secret not in written


def _session_of(client, known) -> str:
    """A session of this person in another browser."""
    from chassis.identity import sessions

    house = client.application.extensions["coopmed"]
    with house.databases["contractor"].transaction() as session:
        return sessions.open_session(
            session, known.staff, factor="totp", network_digest=b"n" * 32, device_words="x", at=clock.now()
        )
