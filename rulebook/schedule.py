"""A county's benefit schedule: rules with title, unit, article and values by date.

One folder holds one scheme, one file one rule. Before its first date a rule does not exist; a rule that is repealed
ends with an explicit null on its day. A number the documents do not give is marked `assumed`, with its reason.
Both desks load a schedule by the hash of its content.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from rulebook.money import parse_amount_due, parse_percent
from rulebook.refusals import Refused
from rulebook.rule_shapes import NO_LIMIT, SHAPES, Kind, Part

FOLDER = Path(__file__).parent / "schedules"


class NotInForce(Refused):
    """The rule does not exist on this day; it is not zero. Facts: `scheme`, `rule`, `day`."""


class UnknownSchedule(Refused):
    """No schedule with this content is on file. Facts: `content_hash`."""


class AlteredSchedule(Refused):
    """The text does not have the hash it was asked for by. Facts: `expected`, `found`."""


@dataclass(frozen=True)
class DatedValue:
    """What a rule says from a day on, until its next date.

    `numbers` holds fen, parts per million or a word for each part; None means that the rule is repealed.
    """

    from_on: date
    until_on: date | None
    source: str
    assumed: str
    assumed_en: str
    numbers: Mapping[Part, int | str] | None
    texts: Mapping[Part, str]

    def covers(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


@dataclass(frozen=True)
class Rule:
    """One rule of the scheme, as one file states it."""

    name: str
    title: str
    title_en: str
    unit: str
    source: str
    checked_on: date
    dated: tuple[DatedValue, ...]

    def on(self, day: date) -> DatedValue | None:
        """What the rule says on a day; None where it says nothing."""
        for value in self.dated:
            if value.covers(day):
                return value if value.numbers is not None else None
        return None


@dataclass(frozen=True)
class Schedule:
    """All rules of one scheme. Two schedules with the same `content_hash` say the same."""

    key: str
    county: str
    county_en: str
    title: str
    title_en: str
    documents: str
    rules: Mapping[str, Rule]
    canonical: str = field(repr=False)
    content_hash: str = ""
    change_days: tuple[date, ...] = ()

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schedule) and other.content_hash == self.content_hash

    @property
    def version(self) -> str:
        """How a sheet names this schedule."""
        return f"{self.key}@{self.content_hash[:12]}"

    def value(self, rule: str, day: date) -> DatedValue:
        """What a rule says on a day. Raises: NotInForce."""
        found = self.rules[rule].on(day) if rule in self.rules else None
        if found is None:
            source = self.rules[rule].source if rule in self.rules else ""
            raise NotInForce(article=source, scheme=self.key, rule=rule, day=day)
        return found

    def has(self, rule: str, day: date) -> bool:
        return rule in self.rules and self.rules[rule].on(day) is not None

    def number(self, rule: str, day: date, *part: str) -> int:
        """One number of a rule, in fen or parts per million. Raises: NotInForce."""
        numbers = self.value(rule, day).numbers
        assert numbers is not None, "a repealed rule is not in force"
        number = numbers[part]
        assert isinstance(number, int), f"{rule} is a choice, not a number"
        return number

    def word(self, rule: str, day: date, *part: str) -> str:
        """One choice of a rule. Raises: NotInForce."""
        numbers = self.value(rule, day).numbers
        assert numbers is not None, "a repealed rule is not in force"
        return str(numbers[part])

    def dates(self) -> list[date]:
        """Every day on which some rule begins, changes or ends."""
        return list(self.change_days)

    def last_change(self, day: date) -> date:
        """The day since which the schedule says what it says on `day`; `day` itself before the first rule."""
        place = bisect_right(self.change_days, day)
        return self.change_days[place - 1] if place else day

    def assumptions_on(self, day: date) -> Iterator[tuple[Rule, DatedValue]]:
        """The rules in force on a day whose numbers no document gives."""
        for rule in self.rules.values():
            value = rule.on(day)
            if value is not None and value.assumed:
                yield rule, value


def built_from(content: Mapping[str, Any]) -> Schedule:
    """A schedule from checked content, as `schedule_files` reads it and `canonical` keeps it."""
    scheme = content["scheme"]
    rules = {name: _rule(name, page) for name, page in sorted(content["rules"].items())}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Schedule(
        key=scheme["key"],
        county=scheme["county"],
        county_en=scheme["county_en"],
        title=scheme["title"],
        title_en=scheme["title_en"],
        documents=scheme["documents"],
        rules=rules,
        canonical=canonical,
        content_hash=hashlib.sha256(canonical.encode()).hexdigest(),
        change_days=tuple(sorted({value.from_on for rule in rules.values() for value in rule.dated})),
    )


def _rule(name: str, page: Mapping[str, Any]) -> Rule:
    days = sorted(page["values"])
    dated = []
    for day, next_day in zip(days, [*days[1:], None], strict=True):
        stated = page["values"][day]
        texts = {part: told for part, told in part_texts(stated or {}).items() if part in SHAPES[name].parts}
        dated.append(
            DatedValue(
                from_on=date.fromisoformat(day),
                until_on=date.fromisoformat(next_day) if next_day else None,
                source=(stated or {}).get("source", page["source"]),
                assumed=(stated or {}).get("assumed", page.get("assumed", "")),
                assumed_en=(stated or {}).get("assumed_en", page.get("assumed_en", "")),
                numbers=None if stated is None else {part: number(name, told) for part, told in texts.items()},
                texts=texts,
            )
        )
    return Rule(
        name=name,
        title=page["title"],
        title_en=page["title_en"],
        unit=page["unit"],
        source=page["source"],
        checked_on=date.fromisoformat(page["checked_on"]),
        dated=tuple(dated),
    )


def part_texts(stated: Mapping[str, Any], above: Part = ()) -> dict[Part, str]:
    """The written numbers with their paths: {"class_a": {"county": "100"}} gives ("class_a", "county")."""
    texts: dict[Part, str] = {}
    for name, told in stated.items():
        if isinstance(told, Mapping):
            texts |= part_texts(told, (*above, name))
        else:
            texts[(*above, name)] = told
    return texts


def number(rule: str, text: str) -> int | str:
    """The fen, the parts per million or the word a text stands for. Raises: RefusedAmount."""
    shape = SHAPES[rule]
    if shape.kind is Kind.CHOICE:
        return text
    if shape.may_be_unlimited and text == "none":
        return NO_LIMIT
    return parse_percent(text) if shape.kind is Kind.PERCENT else parse_amount_due(text)


def from_canonical(text: str, *, content_hash: str) -> Schedule:
    """The schedule a registry has kept as text. Raises: AlteredSchedule."""
    found = hashlib.sha256(text.encode()).hexdigest()
    if found != content_hash:
        raise AlteredSchedule(expected=content_hash, found=found)
    return _built_once(text)


@lru_cache(maxsize=32)
def _built_once(text: str) -> Schedule:
    """One schedule for one text: it is asked for with every claim, and never changes."""
    return built_from(json.loads(text))
