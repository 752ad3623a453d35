"""The one place that asks what time it is. Edges call it and pass the answer down."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> dt.datetime:
    """The present instant, UTC and aware."""
    return dt.datetime.now(dt.UTC)


def local_day(instant: dt.datetime) -> dt.date:
    """The business day an instant falls on, in Asia/Shanghai."""
    assert instant.tzinfo is not None, "an instant without a zone is not an instant"
    return instant.astimezone(SHANGHAI).date()


def day_began_at(day: dt.date) -> dt.datetime:
    """The instant at which a business day began in Asia/Shanghai."""
    return dt.datetime.combine(day, dt.time(), tzinfo=SHANGHAI).astimezone(dt.UTC)
