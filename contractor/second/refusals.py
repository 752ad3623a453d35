"""What second review refuses. Worded for readers in `words.py`."""

from __future__ import annotations

from chassis.errors import Refusal


class NoProposal(Refusal):
    """Nothing was proposed on this claim for another person to decide. Facts: `claim_id`."""

    key = "second_no_proposal"


class LeadDecides(Refusal):
    """The two reviewers did not agree; now the lead decides. Facts: `claim_id`."""

    key = "second_lead_decides"


class SaysWhy(Refusal):
    """A disagreement says why."""

    status, key = 422, "second_says_why"


class DeclaredBefore(Refusal):
    """This household is declared for this person already. Facts: `id`."""

    key = "household_declared_before"


class NoSuchCard(Refusal):
    """Nobody holds a card of this number. Facts: `card_number`."""

    status, key = 422, "household_no_such_card"


class NotOneself(Refusal):
    """Nobody declares or ends their own household; another administrator does."""

    key = "household_not_oneself"


class PolicyInThePast(Refusal):
    """A policy holds from today or from a day to come. Facts: `from_on`."""

    status, key = 422, "policy_in_the_past"
