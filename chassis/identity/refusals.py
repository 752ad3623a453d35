"""What sign-in and its neighbours refuse. No fact of any refusal holds a name, a password or a code."""

from __future__ import annotations

from chassis.errors import Refusal, UnreadableInput


class InvitationGone(Refusal):
    """The address was used, withdrawn, has ended, or never existed: one answer for all of them."""

    status, key = 410, "invitation_gone"


class PendingGone(Refusal):
    """The second factor came too late, too often, or without a password before it."""

    status, key = 410, "pending_gone"


class WrongSecret(UnreadableInput):
    """Password or code is not the right one; `faults` says beside which field to say so."""

    key = "wrong_secret"


class WeakPassword(UnreadableInput):
    """The password is not taken; `faults` lists why."""

    key = "weak_password"


class KeyNotAccepted(Refusal):
    """A security key's answer does not fit what it was asked, or the key is not one of the person's."""

    status, key = 422, "key_not_accepted"


class ProofMissing(Refusal):
    """No unused proof of this session for exactly what is being approved."""

    status, key = 403, "proof_missing"


class NotOneself(Refusal):
    """Nobody suspends, ends or recovers their own account."""

    status, key = 403, "not_oneself"


class NameTaken(Refusal):
    """The desk has somebody of this sign-in name, or this person's account, already."""

    key = "name_taken"


class NotInThisState(Refusal):
    """The account is not in a state that allows the change; facts: `expected`, `found`."""

    key = "not_in_this_state"
