"""One try: the body is posted to an address that was checked, and only the status of the answer is read.

No proxy, no cookie, no redirect is followed, and nothing of the answer's body is taken in. A listener that dawdles is
hung up on: the whole try has one deadline, whichever byte it is waiting for.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from contractor.webhooks.refusals import TargetRefused
from contractor.webhooks.targets import Target, addresses_of, read_target

CONNECT_SECONDS = 3.0
WHOLE_SECONDS = 8.0
LARGEST_BODY_BYTES = 64 * 1024


@dataclass(frozen=True)
class Tried:
    """What came of one try; `status` where the listener answered at all."""

    outcome: str
    status: int | None
    took_ms: int

    @property
    def is_taken(self) -> bool:
        return self.outcome == "answered" and self.status is not None and 200 <= self.status < 300

    @property
    def has_answered(self) -> bool:
        return self.status is not None


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allowed: str, whole_seconds: float = WHOLE_SECONDS
) -> Tried:
    """Try once. Never raises for what the other side does."""
    assert len(body) <= LARGEST_BODY_BYTES, "an event is a few hundred bytes"
    begun = time.monotonic()

    def tried(outcome: str, status: int | None = None) -> Tried:
        return Tried(outcome, status, int((time.monotonic() - begun) * 1000))

    try:
        target = read_target(url, allowed=allowed)
        address = addresses_of(target, allowed=allowed)[0]
    except TargetRefused as refusal:
        return tried("unreachable" if refusal.facts["why"] == "unknown_host" else "refused_target")
    connection = _Pinned(target, address)
    hung_up = threading.Event()

    def hang_up() -> None:
        hung_up.set()
        connection.hang_up()

    deadline = threading.Timer(whole_seconds, hang_up)
    deadline.daemon = True
    deadline.start()
    try:
        own = {"Host": target.authority, "Content-Type": "application/json", "User-Agent": "Coopmed-Webhook/1"}
        connection.request("POST", target.path, body=body, headers=own | dict(headers))
        status = connection.getresponse().status
    except (http.client.LineTooLong, OSError, http.client.HTTPException, ValueError) as error:
        if hung_up.is_set() or isinstance(error, TimeoutError):
            return tried("timeout")
        if isinstance(error, ssl.SSLCertVerificationError):
            return tried("untrusted")
        is_flood = isinstance(error, http.client.LineTooLong) or "headers" in str(error)
        return tried("too_long" if is_flood else "unreachable")
    finally:
        deadline.cancel()
        connection.close()
    if not 200 <= status <= 599:
        return tried("unreachable")
    return tried("redirected" if 300 <= status < 400 else "answered", status)


class _Pinned(http.client.HTTPConnection):
    """A connection to one address that was checked; the name is what the certificate must be for."""

    def __init__(self, target: Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS)
        self._target, self._address = target, address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self._target.port), timeout=CONNECT_SECONDS)
        self.sock = plain
        plain.settimeout(WHOLE_SECONDS)
        if self._target.is_https:
            context = ssl.create_default_context()
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            self.sock = context.wrap_socket(plain, server_hostname=self._target.host)

    def hang_up(self) -> None:
        sock = self.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
