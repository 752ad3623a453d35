"""The law as a table a reader can check, and what changed between two versions or two days."""

from dataclasses import dataclass
from datetime import date

from rulebook.rule_shapes import PART_WORDS, SHAPES, UNITS, Part
from rulebook.schedule import DatedValue, Rule, Schedule


@dataclass(frozen=True)
class Row:
    """One number of the law, with the days on which it holds.

    `text` is the number as the file states it, "none" where there is no limit and "" where the rule is repealed.
    """

    group: str
    rule: str
    title: str
    title_en: str
    part: str
    part_en: str
    from_on: date
    until_on: date | None
    text: str
    unit: str
    unit_en: str
    source: str
    assumed: str
    assumed_en: str
    checked_on: date


@dataclass(frozen=True)
class Difference:
    """One number that is not the same on both sides; None where the side has no such number."""

    rule: str
    title: str
    title_en: str
    part: str
    part_en: str
    from_on: date
    before: str | None
    after: str | None
    source: str


def reader_table(schedule: Schedule, *, on: date | None = None) -> list[Row]:
    """Every number of a schedule in the order of the law; with `on`, only those in force that day."""
    rows = []
    for name, shape in SHAPES.items():
        rule = schedule.rules.get(name)
        for value in rule.dated if rule else ():
            if on is None or value.covers(on):
                rows += [_row(shape.group, rule, value, part) for part in shape.parts]
    return rows


def _row(group: str, rule: Rule | None, value: DatedValue, part: Part) -> Row:
    assert rule is not None, "a dated value belongs to a rule"
    return Row(
        group=group,
        rule=rule.name,
        title=rule.title,
        title_en=rule.title_en,
        part=words(part)[0],
        part_en=words(part)[1],
        from_on=value.from_on,
        until_on=value.until_on,
        text=value.texts.get(part, ""),
        unit=UNITS[rule.unit],
        unit_en=rule.unit,
        source=value.source,
        assumed=value.assumed,
        assumed_en=value.assumed_en,
        checked_on=rule.checked_on,
    )


def words(part: Part) -> tuple[str, str]:
    """A part in the reader's words, Chinese and English."""
    return "，".join(PART_WORDS[name][0] for name in part), ", ".join(PART_WORDS[name][1] for name in part)


def differences(a: Schedule, b: Schedule, *, since: date | None = None) -> list[Difference]:
    """Every number that version `b` states otherwise than version `a`, on any date of either.

    Args:
        since: leave out what differed before this day alone; the day itself is compared too.
    """
    found = []
    for name in SHAPES:
        before, after = a.rules.get(name), b.rules.get(name)
        days = {value.from_on for rule in (before, after) if rule for value in rule.dated}
        if since is not None and days:
            days = {since} | {day for day in days if day > since}
        for day in sorted(days):
            found += _differences_on(name, day, _stated(before, day), _stated(after, day), before, after)
    return found


def differences_between_days(schedule: Schedule, earlier: date, later: date) -> list[Difference]:
    """Every number that is not the same on two days of one schedule."""
    found = []
    for name, rule in schedule.rules.items():
        found += _differences_on(name, later, _stated(rule, earlier), _stated(rule, later), rule, rule)
    return found


def _stated(rule: Rule | None, day: date) -> DatedValue | None:
    return rule.on(day) if rule else None


def _differences_on(
    name: str,
    day: date,
    before: DatedValue | None,
    after: DatedValue | None,
    rule_before: Rule | None,
    rule_after: Rule | None,
) -> list[Difference]:
    found = []
    rule = rule_after or rule_before
    assert rule is not None, "a difference lies in at least one of the two"
    for part in SHAPES[name].parts:
        text_before = before.texts[part] if before else None
        text_after = after.texts[part] if after else None
        if text_before != text_after:
            stated_by = after or before
            found.append(
                Difference(
                    rule=name,
                    title=rule.title,
                    title_en=rule.title_en,
                    part=words(part)[0],
                    part_en=words(part)[1],
                    from_on=day,
                    before=text_before,
                    after=text_after,
                    source=stated_by.source if stated_by else rule.source,
                )
            )
    return found
