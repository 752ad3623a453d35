"""What a reader of the law asks for in the address: a day, all dates, or two versions side by side. For both desks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Flask

from chassis.law import words as _words  # noqa: F401 – registers the words
from chassis.law.showing import ShownDifference, between_days, between_versions, day_asked
from rulebook.periods import Period
from rulebook.schedule import Schedule

ALL_DATES = "all"
ONE_DAY = dt.timedelta(days=1)
LEAST_DAY, LAST_DAY = dt.date(1949, 10, 1), dt.date(2199, 12, 31)


def lend_templates(app: Flask) -> None:
    """The table of the law, for whichever rooms of a site show it."""
    app.register_blueprint(Blueprint("law_parts", __name__, template_folder="templates"))


def day_to_show(period: Period, today: dt.date) -> dt.date:
    """Today, or the day of the period that is nearest to it."""
    if today in period:
        return today
    if today < period.start or period.end is None:
        return period.start
    return period.end - ONE_DAY


def day_or_all(args: Mapping[str, str], default: dt.date) -> dt.date | None:
    """The day to show the law of; None for all its dates."""
    asked = args.get("on", "")
    return None if asked == ALL_DATES else within_reach(day_asked(asked, default))


def within_reach(day: dt.date) -> dt.date:
    return min(max(day, LEAST_DAY), LAST_DAY)


@dataclass(frozen=True)
class Comparison:
    """Two versions, or two days of one version, and every number that differs."""

    other: int | None
    """The approval it is compared with; None where two days are."""
    earlier: dt.date
    later: dt.date
    """The two days; of two versions the day from which both could hold."""
    rows: Sequence[ShownDifference]


def comparison(
    schedule: Schedule,
    others: Mapping[int, tuple[Schedule, dt.date]],
    args: Mapping[str, str],
    *,
    from_on: dt.date,
    replaced: int | None,
) -> Comparison:
    """This version, which begins on `from_on`, beside one of `others` (schedule and first day) or beside itself.

    As the address asks; unasked, with the version it replaced, or the day before and the day of its last change.
    """
    last = schedule.dates()[-1]
    later = within_reach(day_asked(args.get("to", ""), last))
    earlier = within_reach(day_asked(args.get("from", ""), later - ONE_DAY))
    wanted = args.get("other", "")
    other = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else None
    if not wanted and "to" not in args:
        other = replaced
    if other in others:
        before, began_on = others[other]
        since = max(from_on, began_on)
        return Comparison(other, since, since, between_versions(before, schedule, since=since))
    return Comparison(None, earlier, later, between_days(schedule, earlier, later))
