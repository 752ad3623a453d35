"""Signing what is sent, and checking it as a listener should: HMAC-SHA256 over the instant, a full stop and the body.

The instant is signed with the body, so that a message that was caught on its way cannot be sent again later: a
listener refuses what is older than five minutes, and remembers the event's id for that long. While a secret is being
changed a message carries two signatures, and whoever holds either secret finds theirs.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

SIGNATURE, EVENT_ID = "Coopmed-Signature", "Coopmed-Event-Id"
WINDOW_SECONDS = 300
SECRET_PREFIX = "coopmed_wh_"  # noqa: S105 – so that a secret found somewhere is known for what it is
_FORM = re.compile(r"t=(\d{1,12})((?:,v1=[0-9a-f]{64}){1,4})", re.ASCII)


def new_secret() -> str:
    return SECRET_PREFIX + secrets.token_urlsafe(32)


def signed(*secrets: str, body: bytes, timestamp: int) -> str:
    """The header's value: `t=1793318400,v1=…`, with one `v1` for each secret."""
    assert secrets, "a message is signed"
    return ",".join([f"t={timestamp}", *(f"v1={_digest(secret, body, timestamp)}" for secret in secrets)])


def is_genuine(secret: str, body: bytes, header: str, *, now: int, window_seconds: int = WINDOW_SECONDS) -> bool:
    """What a listener asks before it believes a message: one of the signatures is of its own secret."""
    found = _FORM.fullmatch(header)
    if found is None or abs(now - int(found[1])) > window_seconds:
        return False
    own = _digest(secret, body, int(found[1]))
    return any(hmac.compare_digest(one, own) for one in found[2].split(",v1=")[1:])


def _digest(secret: str, body: bytes, timestamp: int) -> str:
    return hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()
