"""A schedule as a reader's table: a row for each rule, its numbers beside unit, dates, article and day of checking."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from chassis.i18n import language
from chassis.layout import formats
from rulebook.rule_shapes import NO_LIMIT, PART_WORDS, SHAPES, UNITS, Kind
from rulebook.schedule import DatedValue, Rule, Schedule, number
from rulebook.schedule_table import Difference, differences, differences_between_days


@dataclass(frozen=True)
class ShownRule:
    """What one rule says from a day on."""

    title: str
    unit: str
    heads: Sequence[str]
    """The second parts, such as the bands of a tier; empty where a rule's parts have one name each."""
    lines: Sequence[tuple[str, Sequence[str]]]
    """(first part, its numbers): one for each head, or one alone."""
    from_on: dt.date
    last_on: dt.date | None
    """Its last day; None where no later date is written."""
    source: str
    checked_on: dt.date
    assumed: str
    is_repealed: bool


@dataclass(frozen=True)
class ShownGroup:
    title: str
    rows: Sequence[ShownRule]


@dataclass(frozen=True)
class ShownDifference:
    title: str
    part: str
    unit: str
    from_on: dt.date
    before: str
    after: str
    source: str


def shown_law(schedule: Schedule, *, on: dt.date | None = None) -> list[ShownGroup]:
    """The whole law in its order; with `on`, what it says on that day alone."""
    groups: dict[str, list[ShownRule]] = {}
    for name, shape in SHAPES.items():
        rule = schedule.rules.get(name)
        for value in rule.dated if rule else ():
            if on is None or (value.covers(on) and value.numbers is not None):
                groups.setdefault(shape.group, []).append(_shown(rule, value))
    return [ShownGroup(group_words(group), rows) for group, rows in groups.items()]


def shown_differences(found: Sequence[Difference]) -> list[ShownDifference]:
    english = language() == "en"
    return [
        ShownDifference(
            title=one.title_en if english else one.title,
            part=one.part_en if english else one.part,
            unit=_unit_of(one.rule),
            from_on=one.from_on,
            before=shown_number(one.rule, one.before),
            after=shown_number(one.rule, one.after),
            source=one.source,
        )
        for one in found
    ]


def between_versions(before: Schedule, after: Schedule, *, since: dt.date) -> list[ShownDifference]:
    """What differs from the day on which the later of the two begins."""
    return shown_differences(differences(before, after, since=since))


def between_days(schedule: Schedule, earlier: dt.date, later: dt.date) -> list[ShownDifference]:
    return shown_differences(differences_between_days(schedule, earlier, later))


def shown_number(rule: str, text: str | None) -> str:
    """A number as it is written for a reader; the unit stands in the rule's own column."""
    if not text:
        return _("没有")
    value = number(rule, text)
    if value == NO_LIMIT:
        return _("不限")
    if SHAPES[rule].kind is Kind.MONEY:
        assert isinstance(value, int), "money is whole fen"
        return formats.yuan(value)
    if SHAPES[rule].kind is Kind.CHOICE:
        return {"admission": _("入院日"), "discharge": _("出院日"), "yes": _("是"), "no": _("不是")}[text]
    return text


def title_of(schedule: Schedule) -> str:
    return schedule.title_en if language() == "en" else schedule.title


def group_words(group: str) -> str:
    return {
        "order": _("以哪一天为准"),
        "household_account": _("家庭账户"),
        "inpatient": _("住院补偿"),
        "serious_illness": _("大病保险"),
        "supplementary": _("补充保险"),
        "medical_assistance": _("医疗救助"),
        "funding": _("筹资和基金"),
    }[group]


def day_asked(text: str, default: dt.date) -> dt.date:
    """The day written in an address; what is no day is taken for none."""
    try:
        return dt.date.fromisoformat(text) if len(text) == len("2026-01-31") else default
    except ValueError:
        return default


def _shown(rule: Rule | None, value: DatedValue) -> ShownRule:
    assert rule is not None, "a dated value belongs to a rule"
    english = language() == "en"
    return ShownRule(
        title=rule.title_en if english else rule.title,
        unit=rule.unit if english else UNITS[rule.unit],
        heads=_heads(rule.name),
        lines=_lines(rule.name, value),
        from_on=value.from_on,
        last_on=value.until_on - dt.timedelta(days=1) if value.until_on else None,
        source=value.source,
        checked_on=rule.checked_on,
        assumed=value.assumed_en if english else value.assumed,
        is_repealed=value.numbers is None,
    )


def _heads(rule: str) -> list[str]:
    seconds = dict.fromkeys(part[1] for part in SHAPES[rule].parts if len(part) == 2)
    return [_word(second) for second in seconds]


def _lines(rule: str, value: DatedValue) -> list[tuple[str, list[str]]]:
    """In the order of the form, whatever the order of the text: a tier and its bands stand on one line."""
    lines: dict[str, list[str]] = {}
    for part in SHAPES[rule].parts:
        lines.setdefault(_word(part[0]), []).append(shown_number(rule, value.texts.get(part)))
    return list(lines.items())


def _word(name: str) -> str:
    return PART_WORDS[name][1 if language() == "en" else 0]


def _unit_of(rule: str) -> str:
    unit = SHAPES[rule].units[0]
    return unit if language() == "en" else UNITS[unit]
