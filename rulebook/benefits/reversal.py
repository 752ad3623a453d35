"""What a reversal re-opens: later claims of the year that would come to another amount without the reversed one.

The system proposes, a person confirms. Confirmed claims are first all reversed, then decided again in their old order.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rulebook.benefits.order_of_law import state_after, step
from rulebook.benefits.terms import NEW_YEAR, Claim, Rules, State
from rulebook.refusals import Refused


class NothingToReverse(Refused):
    """The settlement is no decision of this year, or it is reversed already. Facts: `settlement_id`."""


class YearEntry(NamedTuple):
    """One entry of a member's year, in settlement order. A reversal names what it reverses; a decision has 0 there."""

    settlement_id: int
    reverses_settlement_id: int
    claim: Claim
    rules: Rules


class Amounts(NamedTuple):
    """What one entry comes to. A reversal has the amounts of its decision with the other sign."""

    eligible_fen: int
    above_deductible_fen: int
    base_fen: int
    top_up_fen: int
    serious_fen: int
    supplementary_fen: int
    assistance_fen: int

    @property
    def benefits_fen(self) -> int:
        return self.base_fen + self.top_up_fen + self.serious_fen + self.supplementary_fen + self.assistance_fen


class Proposal(NamedTuple):
    """A later claim that should be decided again.

    `was_cut_by_cap` tells that the cap had cut it, which the reversal re-opens; otherwise the bands or the
    serious-illness threshold are reached elsewhere.
    """

    settlement_id: int
    settled: Amounts
    proposed: Amounts
    was_cut_by_cap: bool

    @property
    def difference_fen(self) -> int:
        return self.proposed.benefits_fen - self.settled.benefits_fen


def state_of(entries: Iterable[Amounts]) -> State:
    """What a year has used up: the plain sums of its entries' amounts, reversals with their sign."""
    state = NEW_YEAR
    for amounts in entries:
        pool_fen = amounts.base_fen + amounts.top_up_fen
        state = State(
            state.covered_fen + amounts.above_deductible_fen,
            state.pool_paid_fen + pool_fen,
            state.burden_fen + amounts.eligible_fen - pool_fen,
            state.serious_paid_fen + amounts.serious_fen,
            state.supplementary_paid_fen + amounts.supplementary_fen,
            state.assistance_paid_fen + amounts.assistance_fen,
        )
    return state


def settled_year(entries: Sequence[YearEntry]) -> dict[int, Amounts]:
    """Every entry of a member's year with its amounts, computed in settlement order."""
    return {settlement_id: amounts for settlement_id, (amounts, _) in _replayed(entries).items()}


def _replayed(entries: Sequence[YearEntry]) -> dict[int, tuple[Amounts, int]]:
    done: dict[int, tuple[Amounts, int]] = {}
    state = NEW_YEAR
    for entry in entries:
        if entry.reverses_settlement_id:
            back = Amounts(*(-amount for amount in done[entry.reverses_settlement_id][0]))
            done[entry.settlement_id] = (back, 0)
            state = state_of(amounts for amounts, _ in done.values())
            continue
        outcome = step(entry.claim, state, entry.rules)
        state = state_after(state, outcome)
        pooled = outcome.pooled
        amounts = Amounts(
            pooled.eligible_fen,
            pooled.above_deductible_fen,
            pooled.base_fen,
            pooled.top_up_fen,
            outcome.serious.paid_fen,
            outcome.supplementary.paid_fen,
            outcome.assistance.paid_fen,
        )
        done[entry.settlement_id] = (amounts, pooled.cut_by_cap_fen)
    return done


def proposals_after_reversal(entries: Sequence[YearEntry], *, reversed_settlement_id: int) -> list[Proposal]:
    """The later claims of the year whose amounts change once a decision is taken back.

    Args:
        entries: the whole member-year in settlement order, without the reversal that is about to be made.

    Raises: NothingToReverse.
    """
    taken_back = {entry.reverses_settlement_id for entry in entries if entry.reverses_settlement_id}
    standing = [e for e in entries if not e.reverses_settlement_id and e.settlement_id not in taken_back]
    places = {entry.settlement_id: place for place, entry in enumerate(standing)}
    if reversed_settlement_id not in places:
        raise NothingToReverse(settlement_id=reversed_settlement_id)
    settled = _replayed(entries)
    without = _replayed([entry for entry in standing if entry.settlement_id != reversed_settlement_id])
    proposals = []
    for entry in standing[places[reversed_settlement_id] + 1 :]:
        (amounts, cut_fen), (proposed, _) = settled[entry.settlement_id], without[entry.settlement_id]
        if proposed != amounts:
            proposals.append(Proposal(entry.settlement_id, amounts, proposed, cut_fen > 0))
    return proposals
