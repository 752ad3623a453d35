"""What a member is paid, in the order of the law. `docs/law/benefit_order.md` says the same in sentences."""

from rulebook.benefits.decisive_day import Deciding, deciding
from rulebook.benefits.order_of_law import state_after, step
from rulebook.benefits.reversal import Amounts, Proposal, YearEntry, proposals_after_reversal, settled_year, state_of
from rulebook.benefits.sheet import Sheet, Step, explain
from rulebook.benefits.terms import NEW_YEAR, Claim, Outcome, Rules, State

__all__ = [
    "NEW_YEAR",
    "Amounts",
    "Claim",
    "Deciding",
    "Outcome",
    "Proposal",
    "Rules",
    "Sheet",
    "State",
    "Step",
    "YearEntry",
    "deciding",
    "explain",
    "proposals_after_reversal",
    "settled_year",
    "state_after",
    "state_of",
    "step",
]
