"""Over real HTTPS: a listener with a good certificate is told, one with a wrong certificate is told nothing at all."""

from __future__ import annotations

import datetime as dt

import pytest

from chassis import clock
from contractor.webhooks import subscribing
from contractor.webhooks.sending import post
from contractor.webhooks.signing import SIGNATURE, is_genuine
from tests.claims.making import COUNTY
from tests.webhooks.certificates import DAY, Authority, authority
from tests.webhooks.listening import Listener
from tests.webhooks.subscribed import LEAD, subscribe


@pytest.fixture
def trusted(tmp_path, monkeypatch) -> Authority:
    """The one authority that this process trusts, as an administrator would have it trust one: by OpenSSL's setting."""
    own = authority(tmp_path, "trusted")
    monkeypatch.setenv("SSL_CERT_FILE", str(own.trusted))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    return own


def told(certificate, host: str = "localhost") -> tuple[str, int]:
    """What came of telling a listener with this certificate, and how many messages it heard."""
    listener = Listener(certificate=certificate)
    try:
        tried = post(f"https://{host}:{listener.port}/events", b"{}", {SIGNATURE: "t=1,v1=0"}, allowed="any")
        return tried.outcome, len(listener.heard)
    finally:
        listener.close()


def test_a_listener_with_a_good_certificate_is_told(trusted):
    assert told(trusted.server("localhost")) == ("answered", 1)


def test_a_certificate_for_another_host_is_refused_before_anything_is_said(trusted):
    assert told(trusted.server("hooks.example.org")) == ("untrusted", 0)


def test_a_certificate_for_a_name_is_not_one_for_its_address(trusted):
    assert told(trusted.server("localhost"), host="127.0.0.1") == ("untrusted", 0)


def test_a_certificate_that_is_over_or_not_yet_good_is_refused(trusted):
    assert told(trusted.server("localhost", from_now=-2 * DAY, until=-DAY)) == ("untrusted", 0)
    assert told(trusted.server("localhost", from_now=DAY, until=2 * DAY)) == ("untrusted", 0)


def test_a_certificate_by_an_authority_that_nobody_trusts_is_refused(trusted, tmp_path):
    assert told(authority(tmp_path, "stranger").server("localhost")) == ("untrusted", 0)


def test_who_speaks_no_https_at_an_https_address_is_told_nothing(trusted):
    assert told(None) == ("unreachable", 0)


def test_a_subscription_is_delivered_over_https_signed_and_its_wrong_certificate_is_written_down(
    programs, trusted, tmp_path
):
    listener = Listener(certificate=trusted.server("localhost"))
    stranger = Listener(certificate=authority(tmp_path, "stranger").server("localhost"))
    good = subscribe(programs, f"https://localhost:{listener.port}/events")
    wrong = subscribe(programs, f"https://localhost:{stranger.port}/events")
    try:
        for one in (good, wrong):
            with programs.database.transaction() as session:
                subscribing.send_test(session, one.id, county_code=COUNTY, by=LEAD, at=clock.now())
            assert one.deliver()
        (heard,) = listener.heard
        now = int(clock.now().timestamp())
        assert is_genuine(good.secret, heard.body, heard.headers[SIGNATURE], now=now)
        assert [(one.outcome, one.status) for one in good.attempts()] == [("answered", 204)]
        assert [(one.outcome, one.status) for one in wrong.attempts()] == [("untrusted", None)]
        (delivery,) = wrong.deliveries()
        assert delivery.state == "waiting" and delivery.next_at > clock.now() - dt.timedelta(seconds=1)
        assert stranger.heard == []
    finally:
        for one in (good, wrong):
            one.turn_off()
        listener.close()
        stranger.close()
