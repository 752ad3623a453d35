"""A subscription that is on and one that was turned off, and another county's."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from contractor.webhooks.secrets import CURRENT, sealed_as
from contractor.webhooks.signing import new_secret
from contractor.webhooks.tables import WebhookSubscription
from tests.authorisation.objects import OTHER, OWN, Records, UrlValues, makes

NOBODY = 999_999_999


@makes("webhook_subscription", "contractor")
def subscriptions(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    return Records(
        own={
            "listening": _subscription(session, OWN, keyring, at=at),
            "ended": _subscription(session, OWN, keyring, at=at, off_at=at, off_by=1),
        },
        other=_subscription(session, OTHER, keyring, at=at),
        nowhere={"subscription_id": NOBODY},
        fields={"seen_no": "1", "overlap_hours": "24"},
    )


def _subscription(session: Session, county_code: str, keyring: Keyring, *, at: dt.datetime, **changes) -> UrlValues:
    row = WebhookSubscription(
        county_code=county_code,
        label="试验",
        url="https://hooks.example.org/",
        event_kinds=["claim.decided"],
        signing_key_sealed=b"0" * 60,
        created_at=at,
        created_by=1,
        **changes,
    )
    session.add(row)
    session.flush()
    row.signing_key_sealed = sealed_as(CURRENT, new_secret(), keyring, county_code, row.id)
    session.flush()
    return {"subscription_id": row.id}
