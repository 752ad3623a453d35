"""What webhooks refuse. Worded for readers in `wording.py`."""

from __future__ import annotations

from chassis.errors import Refusal


class TargetRefused(Refusal):
    """We do not send there. Facts: `why`: not_https, not_a_host, not_public, unknown_host."""

    status, key = 422, "webhook_target_refused"


class SubscriptionOff(Refusal):
    """The subscription was turned off; nothing is sent to it any more."""

    key = "webhook_subscription_off"


class TooManySubscriptions(Refusal):
    """A county tells as many programs as it may. Facts: `most`."""

    key = "too_many_webhooks"


class NothingToReplay(Refusal):
    """The delivery still waits, or was dropped with its subscription."""

    key = "webhook_nothing_to_replay"


class SecretChanged(Refusal):
    """Another has changed the secret since. Facts: `expected`, `found` (numbers of the secret)."""

    key = "webhook_secret_changed"
