"""A secret is changed without a gap: two are good for the hours that were asked for, and then the old one is gone."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import update

from chassis import clock
from contractor.webhooks import subscribing
from contractor.webhooks.refusals import SecretChanged, SubscriptionOff
from contractor.webhooks.signing import SIGNATURE, is_genuine
from contractor.webhooks.tables import WebhookSubscription
from tests.claims.making import COUNTY
from tests.sites import sign_in
from tests.webhooks.subscribed import LEAD, Subscribed, subscribe


@pytest.fixture
def subscribed(programs, listener):
    made = subscribe(programs, listener.url)
    yield made
    if made.row().off_at is None:
        made.turn_off()


def rotated(own: Subscribed, *, hours: int, seen_no: int | None = None, at: dt.datetime | None = None) -> str:
    with own.programs.database.transaction() as session:
        return subscribing.rotate(
            session,
            own.id,
            seen_no=seen_no or own.row().secret_no,
            overlap_hours=hours,
            county_code=COUNTY,
            keyring=own.programs.house.keyring,
            by=LEAD,
            at=at or clock.now(),
        )


def who_believes(own: Subscribed, listener, *secrets: str, at: dt.datetime | None = None) -> list[bool]:
    """Which of these secrets find a signature of theirs on a message sent now."""
    with own.programs.database.transaction() as session:
        subscribing.send_test(session, own.id, county_code=COUNTY, by=LEAD, at=at or clock.now())
    assert own.deliver(at=at)
    heard, now = listener.heard[-1], int(clock.now().timestamp())
    return [is_genuine(secret, heard.body, heard.headers[SIGNATURE], now=now) for secret in secrets]


def test_both_secrets_sign_until_the_hours_are_over_and_then_the_new_one_alone(subscribed, listener):
    assert who_believes(subscribed, listener, subscribed.secret) == [True]
    new = rotated(subscribed, hours=24)
    assert new != subscribed.secret
    assert who_believes(subscribed, listener, new, subscribed.secret) == [True, True]
    later = clock.now() + dt.timedelta(hours=24, seconds=1)
    assert who_believes(subscribed, listener, new, subscribed.secret, at=later) == [True, False]
    assert subscribed.row().previous_key_sealed is None, "a secret whose time is over is destroyed"


def test_a_secret_that_leaked_ends_at_once(subscribed, listener):
    new = rotated(subscribed, hours=0)
    assert who_believes(subscribed, listener, new, subscribed.secret) == [True, False]
    assert listener.heard[-1].headers[SIGNATURE].count("v1=") == 1


def test_no_more_than_two_secrets_are_ever_good(subscribed, listener):
    second = rotated(subscribed, hours=24)
    third = rotated(subscribed, hours=24)
    assert who_believes(subscribed, listener, third, second, subscribed.secret) == [True, True, False]


def test_two_who_change_it_at_once_do_not_end_each_others(subscribed, listener):
    new = rotated(subscribed, hours=24, seen_no=1)
    with pytest.raises(SecretChanged):
        rotated(subscribed, hours=24, seen_no=1)
    assert who_believes(subscribed, listener, new, subscribed.secret) == [True, True]


def test_both_secrets_lie_sealed_and_neither_opens_in_the_others_place(subscribed):
    new = rotated(subscribed, hours=24)
    row = subscribed.row()
    for sealed in (bytes(row.signing_key_sealed), bytes(row.previous_key_sealed)):
        assert new.encode() not in sealed and subscribed.secret.encode() not in sealed
    s = WebhookSubscription
    with subscribed.programs.database.transaction() as session:
        session.execute(update(s).where(s.id == subscribed.id).values(signing_key_sealed=row.previous_key_sealed))
    with pytest.raises(Exception, match="seal_broken"):
        rotated(subscribed, hours=1)
    with subscribed.programs.database.transaction() as session:
        session.execute(update(s).where(s.id == subscribed.id).values(signing_key_sealed=row.signing_key_sealed))


def test_what_is_off_gets_no_new_secret_and_a_number_is_never_taken_back(subscribed):
    rotated(subscribed, hours=1)
    s = WebhookSubscription
    with pytest.raises(Exception, match="keeps what it holds"), subscribed.programs.database.transaction() as session:
        session.execute(update(s).where(s.id == subscribed.id).values(secret_no=1, rotated_at=None, rotated_by=None))
    subscribed.turn_off()
    with pytest.raises(SubscriptionOff):
        rotated(subscribed, hours=1)


def test_the_page_shows_the_new_secret_once_and_until_when_the_old_one_is_good(programs, subscribed, listener):
    programs.app.config["WTF_CSRF_ENABLED"] = False  # forms without a token are tried in tests/identity
    client = programs.app.test_client()
    sign_in(client, "lead", county_code=COUNTY, stepped_up=True)
    here = f"/webhooks/{subscribed.id}"
    answer = client.post(f"{here}/rotate", data={"seen_no": "1", "overlap_hours": "72"})
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    (secret,) = set(re.findall(r"coopmed_wh_[\w-]{43}", answer.text))
    page = client.get(here).text
    assert secret not in page and "第 2 把" in page and "两个签名一起发" in page
    assert who_believes(subscribed, listener, secret, subscribed.secret) == [True, True]
    again = client.post(f"{here}/rotate", data={"seen_no": "1", "overlap_hours": "72"})
    assert again.status_code == 409 and "密钥刚刚换过" in again.text
    assert client.post(f"{here}/rotate", data={"seen_no": "2", "overlap_hours": "7"}).status_code == 422
