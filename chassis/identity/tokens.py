"""Tokens that open something, and pseudonyms of what may not be written down: names, network addresses."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets

from sqlalchemy.orm import Session

from chassis.vault import blind_index
from chassis.vault.keyring import Keyring

TOKEN_BYTES = 32
PSEUDONYM = "log_pseudonym"
_SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iOS"), ("Mac OS", "macOS"), ("Linux", "Linux"))
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))


def new_token() -> str:
    """256 random bits as text for a cookie or an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> bytes:
    """What is stored of a token. It has 256 random bits, so a plain SHA-256 cannot be searched back."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def name_digest(keyring: Keyring, sign_in_name: str) -> bytes:
    return blind_index.index(keyring, PSEUDONYM, f"sign-in name|{sign_in_name}")


def network_digest(keyring: Keyring, address: str | None) -> bytes:
    """Pseudonym of the caller's network: one IPv4 address, or the /64 that one IPv6 customer has."""
    return blind_index.index(keyring, PSEUDONYM, f"network|{_network(address)}")


def device_words(user_agent: str) -> str:
    """Browser and system in two words, made of our own words only: the header itself is the caller's to forge."""
    browser = next((word for mark, word in _BROWSERS if mark in user_agent), "?")
    system = next((word for mark, word in _SYSTEMS if mark in user_agent), "?")
    return f"{browser} · {system}"


def desk_schema(session: Session) -> str:
    """The schema this session's desk tables stand in; part of the address a secret is sealed for."""
    return session.connection().get_execution_options()["schema_translate_map"]["desk"]


def _network(address: str | None) -> str:
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if found.version == 6 and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)
