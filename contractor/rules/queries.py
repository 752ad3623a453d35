"""Reads of the rules: a county's own cards, how often each hit, what reviewers said of it, what was changed when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from contractor.claims.statements import statement
from contractor.rules.tables import RuleParameter, RuleSuspension
from rulebook.checks import Card, all_cards

LEADS = "CLAIM_RULES"
"""A card with this source finds leads; the others say what the order itself asks for."""
# A suspension has no day: it stands with an empty name before the thresholds.
_OWN = """
    SELECT rule, name, from_on, value FROM (
        SELECT rule, '' AS name, DATE '0001-01-01' AS from_on, 0 AS value, 0 AS id FROM contractor.rule_suspension
        WHERE county_code = :county_code AND ended_at IS NULL
        UNION ALL
        SELECT rule, name, from_on, value, id FROM contractor.rule_parameter
        WHERE county_code = :county_code AND from_on <= :on
    ) AS own ORDER BY from_on, id, rule
"""
_HITS = "SELECT rule, count(*) FROM contractor.claim_finding WHERE county_code = :county_code GROUP BY rule"
# Of several verdicts on a finding the last stands. After a suspension was ended its rule is judged anew.
_VERDICTS = """
    SELECT own.rule, count(*) FILTER (WHERE verdict = 'confirmed'), count(*) FILTER (WHERE verdict = 'false_alarm'),
        count(*) FILTER (WHERE verdict = 'unclear'),
        count(*) FILTER (WHERE verdict = 'confirmed' AND own.at > coalesce(since.at, '-infinity')),
        count(*) FILTER (WHERE verdict = 'false_alarm' AND own.at > coalesce(since.at, '-infinity'))
    FROM (SELECT DISTINCT ON (claim_id, finding_no) rule, verdict, at FROM contractor.rule_verdict
          WHERE county_code = :county_code ORDER BY claim_id, finding_no, verdict_no DESC) AS own
    LEFT JOIN (SELECT rule, max(ended_at) AS at FROM contractor.rule_suspension
               WHERE county_code = :county_code GROUP BY rule) AS since ON since.rule = own.rule
    GROUP BY own.rule
"""

Own = tuple[tuple[str, str, dt.date, int], ...]


class Judged(NamedTuple):
    """What reviewers said of a rule's findings; the last two since its last suspension ended."""

    confirmed: int = 0
    false: int = 0
    unclear: int = 0
    confirmed_since: int = 0
    false_since: int = 0


def cards_in_force(session: Session, county_code: str, on: dt.date) -> Mapping[str, Card]:
    """The county's cards on a day: those on file with its own thresholds, those put aside only telling.

    One statement of the few rows a county has; the cards made of the same rows are made once. A threshold from a
    later day is not among them, so that no check that looks at the last value acts on it early.
    """
    rows = session.execute(statement(_OWN), {"county_code": county_code, "on": on}).all()
    return _cards_with(tuple(tuple(row) for row in rows)) if rows else all_cards()


@lru_cache(maxsize=128)
def _cards_with(own: Own) -> Mapping[str, Card]:
    cards = dict(all_cards())
    for rule, name, from_on, value in own:
        card = cards.get(rule)
        if card is None:
            continue  # a rule that this release no longer has holds nothing up
        if not name:
            cards[rule] = replace(card, effect="tells", severity="L")
        elif name in card.numbers:
            cards[rule] = card.with_numbers({name: (max(from_on, first_day(card)), value)})
    return MappingProxyType(cards)


def first_day(card: Card) -> dt.date:
    day: dt.date = card.from_on[0].item()
    return day


def may_be_suspended(card: Card) -> bool:
    """Whether the county may put it aside: a rule that finds leads. What the order asks for is not the county's."""
    return card.effect != "refuses" and card.source.startswith(LEADS)


def hits(session: Session, county_code: str) -> Mapping[str, int]:
    """How many findings of each rule there are."""
    return {row[0]: row[1] for row in session.execute(statement(_HITS), {"county_code": county_code})}


def judged(session: Session, county_code: str) -> Mapping[str, Judged]:
    """What reviewers said, by rule."""
    rows = session.execute(statement(_VERDICTS), {"county_code": county_code})
    return {row[0]: Judged(*row[1:]) for row in rows}


def changes(session: Session, county_code: str, rule: str | None = None) -> Sequence[RuleParameter]:
    """Thresholds that were set, the newest first."""
    of = select(RuleParameter).where(RuleParameter.county_code == county_code)
    if rule is not None:
        of = of.where(RuleParameter.rule == rule)
    return session.scalars(of.order_by(RuleParameter.id.desc())).all()


def suspensions(session: Session, county_code: str, rule: str | None = None) -> Sequence[RuleSuspension]:
    """Rules put aside, the newest first."""
    of = select(RuleSuspension).where(RuleSuspension.county_code == county_code)
    if rule is not None:
        of = of.where(RuleSuspension.rule == rule)
    return session.scalars(of.order_by(RuleSuspension.id.desc())).all()


def verdicts_on(session: Session, county_code: str, claim_id: int) -> Sequence[Row]:
    """The standing verdict of each finding of a claim."""
    return session.execute(
        statement(
            "SELECT DISTINCT ON (finding_no) finding_no, verdict_no, rule, verdict, at, by "
            "FROM contractor.rule_verdict WHERE county_code = :county_code AND claim_id = :claim_id "
            "ORDER BY finding_no, verdict_no DESC"
        ),
        {"county_code": county_code, "claim_id": claim_id},
    ).all()
