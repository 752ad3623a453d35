"""Three kinds of error: unreadable input (422), a refused act (409 and its kin), our own mistake (500).

A refusal carries facts, not a sentence; `chassis.web.answers` words it in the reader's language.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Misconfigured(Exception):
    """The house cannot start as it is set up; the message says which setting and what it should be."""


class Refusal(Exception):
    """An act the order, the role or the state of things does not allow. Facts are keyword arguments."""

    status: ClassVar[int] = 409
    key: ClassVar[str] = "refused"

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.key, facts)
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.key}: " + ", ".join(f"{name}={value!r}" for name, value in sorted(self.facts.items()))


class NotSignedIn(Refusal):
    status, key = 401, "not_signed_in"


class NotAllowed(Refusal):
    """The visitor's roles do not include this act."""

    status, key = 403, "not_allowed"


class NotThisToken(Refusal):
    """The token was made for other rooms of the API, or for reading alone. Facts: `room`."""

    status, key = 403, "not_this_token"


class NotFound(Refusal):
    """No such record in the reader's own county; another county's record answers the same."""

    status, key = 404, "not_found"


class StepUpNeeded(Refusal):
    """The act moves money or rights: the visitor must prove anew who they are."""

    status, key = 403, "step_up_needed"


class StaleVersion(Refusal):
    """Someone else changed the record since the page was shown."""

    key = "stale_version"


class TooManyTries(Refusal):
    status, key = 429, "too_many_tries"


class UnreadableInput(Refusal):
    """All faults of a form at once: `faults` maps a field to its list of faults."""

    status, key = 422, "unreadable_input"
