"""What the vault refuses. No fact of any refusal ever holds the number or text that was refused."""

from __future__ import annotations

from chassis.errors import Misconfigured, Refusal


class KeyFileRefused(Misconfigured):
    """The key file is missing, damaged, or readable by others; the message says which and what to do."""


class KeyMissing(Refusal):
    """A sealed value names a key this process does not hold; facts: `purpose`, `key_id` or `kind`."""

    status, key = 503, "key_missing"


class SealBroken(Refusal):
    """A sealed value is not what was sealed for this cell; facts: `table`, `column`, `row_id`, `reason`."""

    status, key = 409, "seal_broken"


class IdentityNumberRefused(Refusal):
    """Not an identity number; facts: `fault` (an `IdentityFault`), `expected`, `found`."""

    status, key = 422, "identity_number_refused"


class BankAccountRefused(Refusal):
    """Not a bank account; facts: `fault` (an `AccountFault`), `expected`, `found`."""

    status, key = 422, "bank_account_refused"
