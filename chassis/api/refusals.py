"""What the doors for programs refuse, beside what every door does."""

from __future__ import annotations

from chassis.errors import Refusal


class KeyMissing(Refusal):
    """A request with an effect came without a readable Idempotency-Key."""

    status, key = 400, "key_missing"


class KeyReused(Refusal):
    """The key already names another request. Nothing is done: which of the two was meant cannot be known."""

    status, key = 422, "key_reused"


class RequestInFlight(Refusal):
    """The same request is being worked on at this moment; its answer can be had in a second."""

    status, key = 409, "request_in_flight"


class UnreadableBody(Refusal):
    """What was sent is no JSON, or not of the content type that it says. Facts: `why`."""

    status, key = 400, "unreadable_body"


class WrongContentType(Refusal):
    """Facts: `expected` (list of content types)."""

    status, key = 415, "wrong_content_type"


class TooManyTokens(Refusal):
    """The person has as many tokens in use as one may have. Facts: `most`."""

    key = "too_many_tokens"


class TooManyRequests(Refusal):
    """The token has asked more often this minute than it may. Facts: `most` a minute, `retry_after_seconds`."""

    status, key = 429, "too_many_requests"


class NoSuchRooms(Refusal):
    """The role may enter none of the rooms that were chosen for its token. Facts: `role`."""

    status, key = 422, "token_without_rooms"


class TooLongALife(Refusal):
    """A token of this role ends sooner. Facts: `most_days`."""

    status, key = 422, "token_too_long_a_life"
