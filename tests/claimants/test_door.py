"""Who gets in at the member's site, who is kept out, and who cannot be kept out by others."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from chassis.clock import now
from chassis.errors import TooManyTries
from demo.county import demo_county
from oversight.claimants import door
from oversight.claimants.refusals import SlipNotGood
from tests.claimants.conftest import GOOD_PIN, OTHER_PIN, activated, post, print_slip, token_of

COOKIE = "coopmed_claimant"


def sign_in(browser, card: str, pin: str, address: str = "192.0.2.1", page: str = "/sign-in"):
    return post(browser, page, {"card": card, "pin": pin}, address=address)


def superuser(home, statement: str, *values):
    """What no role of the house may do: shift a record in time."""
    with psycopg.connect(home.database.owner_url, autocommit=True) as connection:
        connection.execute(statement, values)


def person(number: int):
    """A member of the first county whom no other test uses."""
    return demo_county().families[number].people[0]


def test_card_and_pin_open_the_door_and_the_page_asked_for(home, browser, members):
    member = members[0]
    refused = browser.get("/household?a=1")
    assert refused.status_code == 303
    assert refused.location == "/sign-in?next=/household%3Fa%3D1"
    answer = sign_in(browser, member.person.card_number, member.pin, page=refused.location)
    assert (answer.status_code, answer.location) == (303, "/household?a=1")
    page = browser.get("/household")
    assert page.status_code == 200
    assert member.person.name in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_card_typed_with_blanks_and_full_width_digits_is_the_same_card(browser, members):
    card = members[0].person.card_number
    typed = "　".join(card[n : n + 4] for n in range(0, len(card), 4)).translate(
        {ord(str(d)): chr(0xFF10 + d) for d in range(10)}
    )
    assert sign_in(browser, typed, GOOD_PIN).status_code == 303


def test_a_wrong_pin_and_an_unknown_card_get_the_same_answer(home, browser, members):
    wrong = sign_in(browser, members[0].person.card_number, "831604")
    unknown = sign_in(browser, person(40).card_number, "831604")
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    words = "卡号和密码对不上"
    assert words in wrong.text
    assert words in unknown.text
    assert wrong.text.count("<p") == unknown.text.count("<p")


def test_sign_out_ends_the_session_for_every_copy_of_the_cookie(home, site, browser, members):
    sign_in(browser, members[1].person.card_number, GOOD_PIN)
    copy = site.test_client()
    copy.set_cookie(COOKIE, browser.get_cookie(COOKIE).value)
    assert copy.get("/").status_code == 200
    assert post(browser, "/", {}, to="/sign-out").location.startswith("/sign-in")
    assert browser.get_cookie(COOKIE) is None
    assert copy.get("/").status_code == 303


@pytest.mark.parametrize(
    "moved",
    [
        "idle_until = now() - interval '1 second'",
        "idle_until = now() - interval '1 second', ends_at = now() - interval '1 second'",
        "closed_at = now(), closed_because = 'signed_out'",
    ],
)
def test_a_session_that_has_ended_opens_nothing(home, site, members, moved):
    browser = site.test_client()
    browser.set_cookie(COOKIE, token_of(home, members[1]))
    assert browser.get("/").status_code == 200
    superuser(home, f"UPDATE claimant.member_session SET {moved} WHERE member_id = %s", members[1].id)
    assert browser.get("/").status_code == 303


def test_half_an_hour_starts_anew_with_every_page(home, site, members):
    browser = site.test_client()
    browser.set_cookie(COOKIE, token_of(home, members[1]))
    superuser(
        home,
        "UPDATE claimant.member_session SET idle_until = now() + interval '1 minute' "
        "WHERE closed_at IS NULL AND idle_until > now() AND member_id = %s",
        members[1].id,
    )
    assert browser.get("/").status_code == 200
    with psycopg.connect(home.database.owner_url) as connection:
        left = connection.execute(
            "SELECT max(idle_until) - now() FROM claimant.member_session WHERE member_id = %s", [members[1].id]
        ).fetchone()[0]
    assert left > dt.timedelta(minutes=29)


def test_the_sixth_guess_from_one_network_waits_and_a_new_slip_still_lets_the_member_in(home, site, browser):
    member = activated(home, person(2), GOOD_PIN)
    card = member.person.card_number
    thief = site.test_client()
    for _ in range(5):
        assert sign_in(thief, card, "831604", address="198.51.100.7").status_code == 422
    stopped = sign_in(thief, card, GOOD_PIN, address="198.51.100.7")
    assert stopped.status_code == 429, "even the right PIN waits"
    assert "15 分钟" in stopped.text
    # The member sits at home, where the slip was used, and is not held back.
    assert sign_in(browser, card, GOOD_PIN, address="192.0.2.1").status_code == 303


def test_strangers_from_everywhere_cannot_keep_out_a_member_with_a_new_slip(home, site):
    member = activated(home, person(3), GOOD_PIN)
    card = member.person.card_number
    for number in range(20):
        assert sign_in(site.test_client(), card, "831604", address=f"198.51.100.{number}").status_code == 422
    away = site.test_client()
    assert sign_in(away, card, GOOD_PIN, address="203.0.113.9").status_code == 429
    _, slip = print_slip(home, card)
    typed = {"card": card, "code": slip.code_in_groups}
    assert post(away, "/first-visit", typed, address="203.0.113.9").status_code == 200
    entered = post(
        away,
        "/first-visit",
        typed | {"new_pin": OTHER_PIN, "again": OTHER_PIN},
        to="/first-visit/pin",
        address="203.0.113.9",
    )
    assert entered.status_code == 303
    assert away.get("/").status_code == 200
    assert sign_in(site.test_client(), card, OTHER_PIN, address="203.0.113.9").status_code == 303


def test_many_guesses_at_once_are_counted_one_by_one(home):
    """Without the lock of the card, guesses that start together would all see the same count."""
    card, network = person(4).card_number, b"n" * 32

    def guess(_: int) -> bool:
        try:
            with home.databases["claimant"].transaction() as session:
                door.start_attempt(session, home.keyring, card_number=card, network=network)
        except TooManyTries:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(40))) == 5


def test_a_slip_works_once(home, site):
    card = person(5).card_number
    _, slip = print_slip(home, card)
    typed = {"card": card, "code": slip.code, "new_pin": GOOD_PIN, "again": GOOD_PIN}
    assert post(site.test_client(), "/first-visit", typed, to="/first-visit/pin").status_code == 303
    again = post(site.test_client(), "/first-visit", typed | {"new_pin": OTHER_PIN}, to="/first-visit/pin")
    assert again.status_code == 422
    assert "卡号和激活码对不上" in again.text
    assert sign_in(site.test_client(), card, GOOD_PIN).status_code == 303


def test_of_two_browsers_with_one_slip_one_gets_in(home):
    card = person(6).card_number
    _, slip = print_slip(home, card)

    def use(number: int) -> bool:
        try:
            with home.databases["claimant"].transaction() as session:
                door.use_slip(
                    session,
                    home.keyring,
                    card_number=card,
                    code=slip.code,
                    pin_hash=f"$argon2id$made-up-{number}",
                    network=b"n" * 32,
                )
        except SlipNotGood:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(16))) == 1


def test_a_newer_slip_takes_the_place_of_an_older_one(home, site):
    card = person(7).card_number
    _, older = print_slip(home, card)
    _, newer = print_slip(home, card)
    assert post(site.test_client(), "/first-visit", {"card": card, "code": older.code}).status_code == 422
    assert post(site.test_client(), "/first-visit", {"card": card, "code": newer.code}).status_code == 200


def test_a_slip_ends_after_thirty_days(home, site):
    card = person(8).card_number
    _, slip = print_slip(home, card, at=now() - dt.timedelta(days=30, seconds=1))
    assert post(site.test_client(), "/first-visit", {"card": card, "code": slip.code}).status_code == 422
    _, slip = print_slip(home, card, at=now() - dt.timedelta(days=29, hours=23))
    assert post(site.test_client(), "/first-visit", {"card": card, "code": slip.code}).status_code == 200


def test_a_slip_of_one_member_does_not_open_another_member(home, site):
    _, slip = print_slip(home, person(9).card_number)
    other = post(site.test_client(), "/first-visit", {"card": person(10).card_number, "code": slip.code})
    assert other.status_code == 422


def test_looking_at_a_slip_does_not_use_it_up(home, site):
    card = person(11).card_number
    _, slip = print_slip(home, card)
    for _ in range(3):
        assert post(site.test_client(), "/first-visit", {"card": card, "code": slip.code}).status_code == 200


def test_a_new_slip_ends_the_sessions_of_whoever_had_the_old_pin(home, site):
    member = activated(home, person(12), GOOD_PIN)
    thief = site.test_client()
    thief.set_cookie(COOKIE, token_of(home, member))
    assert thief.get("/").status_code == 200
    activated(home, person(12), OTHER_PIN)
    assert thief.get("/").status_code == 303


def test_an_easy_pin_is_refused_with_its_reason_and_the_slip_stays_good(home, site):
    member = person(13)
    _, slip = print_slip(home, member.card_number)
    birthday = f"{member.born_on:%y%m%d}"
    for pin, words in (("123456", "太好猜"), (birthday, "生日"), ("12345", "6 位"), (OTHER_PIN, "不一样")):
        typed = {"card": member.card_number, "code": slip.code, "new_pin": pin, "again": pin}
        if words == "不一样":
            typed["again"] = GOOD_PIN
        page = post(site.test_client(), "/first-visit", typed, to="/first-visit/pin")
        assert page.status_code == 422
        assert words in page.text
    typed |= {"again": OTHER_PIN}
    assert post(site.test_client(), "/first-visit", typed, to="/first-visit/pin").status_code == 303


def test_changing_the_pin_asks_for_the_old_one_and_ends_other_sessions(home, site):
    member = activated(home, person(14), GOOD_PIN)
    here, elsewhere = site.test_client(), site.test_client()
    elsewhere.set_cookie(COOKIE, token_of(home, member))
    sign_in(here, member.person.card_number, GOOD_PIN)
    wrong = post(here, "/pin", {"pin": "831604", "new_pin": OTHER_PIN, "again": OTHER_PIN})
    assert wrong.status_code == 422
    changed = post(here, "/pin", {"pin": GOOD_PIN, "new_pin": OTHER_PIN, "again": OTHER_PIN})
    assert (changed.status_code, changed.location) == (303, "/")
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 303
    assert sign_in(site.test_client(), member.person.card_number, GOOD_PIN).status_code == 422
    assert sign_in(site.test_client(), member.person.card_number, OTHER_PIN).status_code == 303


def test_neither_card_nor_pin_nor_code_is_readable_in_the_schema(home, members):
    _, slip = print_slip(home, person(15).card_number)
    secrets = [members[0].person.card_number, GOOD_PIN, slip.code, members[0].person.identity_number]
    with psycopg.connect(home.database.owner_url) as connection:
        for table in ("member_credential", "member_session", "activation", "member_sign_in_attempt"):
            dump = "\n".join(str(row) for row in connection.execute(f"SELECT t::text FROM claimant.{table} t"))
            assert dump
            assert not [secret for secret in secrets if secret in dump]
        slips = str(connection.execute("SELECT s::text FROM oversight.activation_slip s").fetchall())
    assert slip.code not in slips


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser, members):
    answer = sign_in(browser, members[0].person.card_number, GOOD_PIN)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith(COOKIE + "="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert members[0].person.card_number not in cookie
