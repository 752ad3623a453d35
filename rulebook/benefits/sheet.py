"""The sheet of steps: how one claim came to its amount, line by line, each with the article it follows.

The reviewer's screen, the member's letter and the auditor's recalculation print the same sheet.
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from rulebook.benefits.order_of_law import step
from rulebook.benefits.rules_in_force import rules_for
from rulebook.benefits.sheet_lines import FIELD_PLACES, LINES, Line
from rulebook.benefits.terms import Claim, Outcome, Rules, State
from rulebook.rule_shapes import NO_LIMIT, PART_WORDS
from rulebook.schedule import Schedule


class SheetLine(NamedTuple):
    """All of a step that does not depend on the claim.

    Args:
        operator: how the line follows from those above, "" where it is told and not computed.
        unit: "fen", or "ppm" for parts per million.
        note: how the line was rounded, where it was.
        assumed: why no document gives this number, "" where one does.
        is_total: a line to be printed bold.
    """

    operator: str
    label: str
    label_en: str
    unit: str
    article: str
    schedule_version: str
    in_force_since: date | None
    note: str
    note_en: str
    assumed: str
    assumed_en: str
    is_total: bool


class Step(NamedTuple):
    """One line of the sheet with this claim's amount, in the line's unit."""

    line: SheetLine
    amount: int


class Sheet(NamedTuple):
    """One claim's benefits with every step. `rules` are the numbers of the law they follow from."""

    steps: list[Step]
    outcome: Outcome
    rules: Rules

    @property
    def assumptions(self) -> list[str]:
        """Every number on this sheet that no document gives, once each."""
        return list(dict.fromkeys(step.line.assumed for step in self.steps if step.line.assumed))


def explain(claim: Claim, state: State, *, schedule: Schedule, day: date, status: str, tier: str) -> Sheet:
    """One claim with its sheet of steps.

    Args:
        state: what earlier settlements of the year have used up; see `reversal.state_of`.
        day: the day that decides on schedule and year.
        status: "member", "poor" or "five_guarantee" on the day that decides on status.
        tier: "township", "county" or "above_county".

    Raises: NotInForce.
    """
    rules, lines, amounts_of = _prepared(schedule, schedule.last_change(day), status, tier)
    outcome = step(claim, state, rules)
    amounts = amounts_of(
        (
            *claim,
            *state,
            *rules,
            *outcome.pooled,
            *outcome.serious,
            *outcome.supplementary,
            *outcome.assistance,
            outcome.benefits_fen,
            outcome.member_pays_fen,
        )
    )
    return Sheet(list(map(Step, lines, amounts)), outcome, rules)


@lru_cache(maxsize=4096)
def _prepared(
    schedule: Schedule, day: date, status: str, tier: str
) -> tuple[Rules, list[SheetLine], Callable[[tuple[int, ...]], tuple[int, ...]]]:
    """The law for this person, the sheet's lines, and where each line finds its amount."""
    rules = rules_for(schedule, day, status, tier)
    lines = [line for line in LINES if _applies(line, rules)]
    places = [FIELD_PLACES[line.field] for line in lines]
    return rules, [_told(line, schedule, day, tier) for line in lines], itemgetter(*places)


def _applies(line: Line, rules: Rules) -> bool:
    """A line appears where its benefit is in force for this person; limits that do not exist are not printed."""
    if line.only_with and not getattr(rules, line.only_with):
        return False
    return not (line.only_below_no_limit and getattr(rules, line.only_below_no_limit) >= NO_LIMIT)


def _told(line: Line, schedule: Schedule, day: date, tier: str) -> SheetLine:
    value = schedule.rules[line.rule].on(day) if line.rule in schedule.rules else None
    tier_word, tier_word_en = PART_WORDS[tier]
    return SheetLine(
        line.operator,
        line.label.format(tier=tier_word),
        line.label_en.format(tier=tier_word_en),
        line.unit,
        value.source if value else line.article,
        schedule.version,
        value.from_on if value else None,
        "四舍五入到分" if line.rounds else "",
        "half-up to the fen" if line.rounds else "",
        value.assumed if value else "",
        value.assumed_en if value else "",
        line.is_total,
    )
