"""Where we send, and where never: no address of a private, loopback, link-local or otherwise special network.

A name is looked up and *every* address it has must be public; the connection then goes to an address that was checked,
so that a name which answers otherwise the second time (DNS rebinding) leads nowhere else.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from contractor.webhooks.refusals import TargetRefused

PUBLIC, ANY = "public", "any"
"""COOPMED_WEBHOOK_TARGETS. `any` is for the demo and tests: plain http and this machine's own network."""
LONGEST_URL = 490
_NAT64 = ipaddress.ip_network("64:ff9b::/32")


@dataclass(frozen=True)
class Target:
    """An address of the web in its parts; `host` in the form in which names are looked up."""

    is_https: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_https else 80) else f"{host}:{self.port}"


def read_target(url: str, *, allowed: str) -> Target:
    """Raises: TargetRefused, for what is no address that we would send to whatever its name means."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise TargetRefused(why="not_a_host")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise TargetRefused(why="not_a_host") from None
    if parts.scheme != "https" and not (allowed == ANY and parts.scheme == "http"):
        raise TargetRefused(why="not_https")
    if not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        raise TargetRefused(why="not_a_host")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    is_https = parts.scheme == "https"
    return Target(is_https, parts.hostname.rstrip("."), port or (443 if is_https else 80), path)


def addresses_of(target: Target, *, allowed: str) -> list[str]:
    """The addresses of the target, each of which may be connected to. Raises: TargetRefused."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise TargetRefused(why="unknown_host") from None
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not addresses:
        raise TargetRefused(why="unknown_host")
    if allowed != ANY and not all(map(is_public, addresses)):
        raise TargetRefused(why="not_public")
    return addresses


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet, and does not hide one of another network."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if "%" in address or ip.is_multicast:
        return False
    # These forms carry an address of the old internet inside, wherever that may lead.
    if ip.version == 6 and (ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip in _NAT64 or int(ip) < 2**32):
        return False
    return ip.is_global
