"""What each institution advanced at the discharge: its own reckoning, member's year by member's year.

A hospital reckons with the law the county has published, as the engine does; so an ordinary advance is right to the
fen. It knows nothing of claims that are refused or reduced later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from demo.catalogue import class_on, limit_e4
from demo.drafts import Draft
from demo.law import APPROVED
from demo.lives import Life
from rulebook import benefits
from rulebook.benefits.bill import BillLine, bill_sums
from rulebook.benefits.rules_in_force import rules_for
from rulebook.rule_shapes import STATUSES, TIERS
from rulebook.schedule import Schedule
from rulebook.schedule_files import schedules_on_file


def reckon_advances(county_code: str, drafts: list[Draft], lives: Mapping[str, Life]) -> None:
    """Fill `advanced_fen` of the direct claims; all stays use up the year in the order in which they were sent."""
    schedule = schedules_on_file()[APPROVED[county_code][0]]
    used: dict[tuple[str, int], benefits.State] = {}
    for draft in drafts:
        if draft.route == "outpatient":
            continue
        life = lives[draft.person.card_number]
        year = (draft.person.card_number, draft.discharged_on.year)
        claim = _claim(draft, is_supplemented=draft.discharged_on.year in life.supplemented)
        state = used.get(year, benefits.NEW_YEAR)
        rules = _rules(schedule, draft.discharged_on, draft.institution.tier, life.status_on(draft.discharged_on))
        outcome = benefits.step(claim, state, rules)
        used[year] = benefits.state_after(state, outcome)
        if draft.route == "direct" and life.is_covered(draft.admitted_on):
            owed_fen = outcome.pooled.base_fen + outcome.pooled.top_up_fen + outcome.serious.paid_fen
            draft.advanced_fen = owed_fen + draft.advance_off_fen


def _rules(schedule: Schedule, day: dt.date, tier: int, status: int) -> benefits.Rules:
    return rules_for(schedule, schedule.last_change(day), STATUSES[status], TIERS[tier - 1])


def _claim(draft: Draft, *, is_supplemented: bool) -> benefits.Claim:
    """The bill by classes, as the county's catalogue has them on each line's day."""
    sums = bill_sums(
        BillLine(
            entry.quantity_e4,
            entry.unit_price_e4,
            -1 if (most := limit_e4(entry.item, draft.institution.tier)) is None else most,
            class_on(entry.item, entry.performed_on),
            0,
        )
        for entry in draft.entries
    )
    # What the institution took off itself is taken from what counts least.
    classes, left_fen = [], draft.institution_reduced_fen
    for class_fen in (sums.class_c_fen, sums.class_b_fen, sums.class_a_fen):
        taken_fen = min(left_fen, class_fen)
        classes.append(class_fen - taken_fen)
        left_fen -= taken_fen
    class_c_fen, class_b_fen, class_a_fen = classes
    cost_fen = draft.cost_fen - (sums.over_limit_fen if draft.route == "direct" else 0)
    return benefits.Claim(cost_fen, class_a_fen, class_b_fen, class_c_fen, int(is_supplemented))
