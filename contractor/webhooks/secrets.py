"""The secrets of a subscription: the one in force, and the one before it while both are good.

A secret is changed without a gap: from that moment deliveries carry the signatures of both, until the hours are over
that the listener's people asked for to put the new one in. With no hours the old one ends at once, for when it leaked.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from chassis.vault.sealing import row_id_text, seal, unseal
from contractor.webhooks.refusals import SecretChanged
from contractor.webhooks.signing import new_secret
from contractor.webhooks.tables import WebhookSubscription

PURPOSE = "webhook_key"
TABLE = "contractor.webhook_subscription"
CURRENT, PREVIOUS = "signing_key_sealed", "previous_key_sealed"
OVERLAPS_HOURS = (0, 1, 24, 72, 168)


def sealed_as(column: str, secret: str, keyring: Keyring, county_code: str, number: int) -> bytes:
    return seal(keyring, PURPOSE, secret, table=TABLE, column=column, row_id=row_id_text(county_code, number))


def secrets_of(own: WebhookSubscription, keyring: Keyring, *, at: dt.datetime) -> tuple[str, ...]:
    """What a delivery is signed with at this moment. A secret whose time is over is destroyed on the way."""
    if own.previous_until is not None and own.previous_until <= at:
        own.previous_key_sealed, own.previous_until = None, None
    if own.previous_key_sealed is None:
        return (_opened(own, CURRENT, keyring),)
    return _opened(own, CURRENT, keyring), _opened(own, PREVIOUS, keyring)


def change_secret(
    session: Session,
    own: WebhookSubscription,
    *,
    seen_no: int,
    overlap_hours: int,
    keyring: Keyring,
    by: int,
    at: dt.datetime,
) -> str:
    """A new secret, told this once. The subscription is locked by the caller. Raises: SecretChanged.

    Args:
        seen_no: which secret the person saw in force, so that two who change it at once do not end each other's.
    """
    assert overlap_hours in OVERLAPS_HOURS, "the form offers these and no others"
    if own.secret_no != seen_no:
        raise SecretChanged(expected=seen_no, found=own.secret_no)
    secret, before = new_secret(), _opened(own, CURRENT, keyring)
    own.previous_key_sealed, own.previous_until = None, None
    if overlap_hours:
        own.previous_key_sealed = sealed_as(PREVIOUS, before, keyring, own.county_code, own.id)
        own.previous_until = at + dt.timedelta(hours=overlap_hours)
    own.signing_key_sealed = sealed_as(CURRENT, secret, keyring, own.county_code, own.id)
    own.secret_no, own.rotated_at, own.rotated_by = own.secret_no + 1, at, by
    session.flush()
    return secret


def _opened(own: WebhookSubscription, column: str, keyring: Keyring) -> str:
    row_id = row_id_text(own.county_code, own.id)
    return unseal(keyring, PURPOSE, getattr(own, column), table=TABLE, column=column, row_id=row_id)
