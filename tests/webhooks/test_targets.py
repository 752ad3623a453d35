"""Where we send: never into a private network, by whatever spelling, name or redirect."""

from __future__ import annotations

import socket

import pytest

from chassis.errors import Misconfigured
from chassis.settings import read_settings
from contractor.webhooks import sending, targets
from contractor.webhooks.refusals import TargetRefused
from contractor.webhooks.sending import post
from contractor.webhooks.targets import ANY, PUBLIC, addresses_of, is_public, read_target

NOT_PUBLIC = (
    "127.0.0.1", "127.8.9.10", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::8.8.8.8",
    "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "::7f00:1", "2001:db8::1", "not an address",
)  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_of_no_public_network_is_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_an_address_of_the_public_internet_is_not(address):
    assert is_public(address)


REFUSED = {
    "http://example.org/": "not_https",
    "ftp://example.org/": "not_https",
    "file:///etc/passwd": "not_https",
    "https://": "not_a_host",
    "https://user@example.org/": "not_a_host",
    "https://user:secret@example.org/": "not_a_host",
    "https://example.org/#part": "not_a_host",
    "https://example.org:99999/": "not_a_host",
    "https://exam ple.org/": "not_a_host",
    "https://example.org\\@127.0.0.1/": "not_a_host",
    "https://例子.org/": "not_a_host",
    "https://example.org/\r\nX: y": "not_a_host",
    "https://[::1": "not_a_host",
    "https://" + "a" * 500: "not_a_host",
}


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_no_plain_https_address_is_refused_before_any_name_is_looked_up(url, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: pytest.fail("a name was looked up"))
    with pytest.raises(TargetRefused) as refused:
        read_target(url, allowed=PUBLIC)
    assert refused.value.facts["why"] == REFUSED[url]


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/", "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/",
        "https://017700000001/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest/",
        "https://10.1.2.3:8443/", "https://localhost./",
    ],
)  # fmt: skip
def test_every_spelling_of_this_machine_or_its_network_is_refused(url):
    with pytest.raises(TargetRefused):
        addresses_of(read_target(url, allowed=PUBLIC), allowed=PUBLIC)


def _answering(*addresses: str):
    """A resolver that gives these addresses; DNS is the one thing outside that a test must stand in for."""

    def look_up(host, port, **_kinds):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    return look_up


def test_a_harmless_name_that_points_into_a_private_network_is_refused(monkeypatch):
    monkeypatch.setattr(targets.socket, "getaddrinfo", _answering("10.0.0.7"))
    with pytest.raises(TargetRefused) as refused:
        addresses_of(read_target("https://hooks.example.org/", allowed=PUBLIC), allowed=PUBLIC)
    assert refused.value.facts["why"] == "not_public"


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    monkeypatch.setattr(targets.socket, "getaddrinfo", _answering("8.8.8.8", "127.0.0.1"))
    with pytest.raises(TargetRefused):
        addresses_of(read_target("https://hooks.example.org/", allowed=PUBLIC), allowed=PUBLIC)


def test_the_connection_goes_to_the_address_that_was_checked_and_no_name_is_looked_up_again(monkeypatch):
    """A name that is public when it is checked and loopback a moment later reaches nothing of ours."""
    looked_up, connected = [], []

    def look_up(host, port, **kinds):
        looked_up.append(host)
        return _answering("8.8.8.8" if len(looked_up) == 1 else "127.0.0.1")(host, port)

    def connect(address, timeout=None):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(targets.socket, "getaddrinfo", look_up)
    monkeypatch.setattr(sending.socket, "create_connection", connect)
    tried = post("https://hooks.example.org/x", b"{}", {}, allowed=PUBLIC)
    assert tried.outcome == "unreachable"
    assert connected == [("8.8.8.8", 443)] and looked_up == ["hooks.example.org"]


def test_a_target_is_checked_again_when_it_is_sent_to(listener):
    assert post(listener.url, b"{}", {}, allowed=ANY).outcome == "answered"
    tried = post(listener.url.replace("http:", "https:"), b"{}", {}, allowed=PUBLIC)
    assert tried.outcome == "refused_target" and len(listener.heard) == 1


def test_a_production_house_cannot_be_told_to_send_anywhere():
    with pytest.raises(Misconfigured, match="COOPMED_WEBHOOK_TARGETS"):
        read_settings({"COOPMED_ENVIRONMENT": "production", "COOPMED_WEBHOOK_TARGETS": "any"})
    assert read_settings({"COOPMED_ENVIRONMENT": "production"}).webhook_targets == PUBLIC
