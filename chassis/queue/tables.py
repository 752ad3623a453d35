"""The table of tasks, once at every desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import DeskBase

INSTANT = DateTime(timezone=True)
HOUSE_ITSELF = "000000"
"""The county code of work that is no county's: it belongs to the house."""

WAITING, RUNNING, DONE, DEAD, GIVEN_UP = "waiting", "running", "done", "dead", "given_up"


class Task(DeskBase):
    __tablename__ = "task"

    county_code: Mapped[str] = mapped_column(
        CHAR(6), comment="County or city the work is for (GB/T 2260); 000000 is the house itself."
    )
    id: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), comment="The number Redis carries; it means nothing outside this table."
    )
    kind: Mapped[str] = mapped_column(Text, comment="What is to be done; a handler of that name does it.")
    payload: Mapped[dict[str, Any]] = mapped_column(
        JSONB, comment="Ids the handler starts from. Never a name or a number of a person."
    )
    natural_key: Mapped[str | None] = mapped_column(
        Text, comment="What makes this work the same work: posted once for its county and kind."
    )
    state: Mapped[str] = mapped_column(
        Text,
        server_default=text("'waiting'"),
        comment="waiting, running, done, dead, or given up by a person for good.",
    )
    attempts: Mapped[int] = mapped_column(
        server_default=text("0"),
        comment="How often it was taken since it was posted, retried by a person or last made progress.",
    )
    next_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="Not to be taken before this instant.")
    leased_by: Mapped[str | None] = mapped_column(Text, comment="The worker that holds it.")
    leased_until: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="Until when that worker may be silent before the task is given to another."
    )
    fence: Mapped[int] = mapped_column(
        BigInteger,
        server_default=text("0"),
        comment="Grows by one with every lease; only the holder of the newest number may finish.",
    )
    created_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was posted.")
    done_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When its effect was committed.")
    dead_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When it was given up; people may retry it.")
    last_error: Mapped[str | None] = mapped_column(
        Text,
        comment="What went wrong last: kind of error and place, never its text, which may hold personal data.",
    )
    cursor: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), comment="Where the next step of a long task begins."
    )
    progress_done: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), comment="How much of a long task is done."
    )
    progress_all: Mapped[int | None] = mapped_column(BigInteger, comment="How much there is to do, once known.")
    retried_by: Mapped[int | None] = mapped_column(
        BigInteger, comment="The person who had a dead task tried again, last time."
    )
    retried_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When they did.")
    given_up_by: Mapped[int | None] = mapped_column(
        BigInteger, comment="The person who decided that a dead task is not to be done any more."
    )
    given_up_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When they did.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "kind", "natural_key"),
        CheckConstraint("county_code ~ '^[0-9]{6}$'", name="county_code"),
        CheckConstraint("kind ~ '^[a-z][a-z0-9_.]{0,79}$'", name="kind"),
        CheckConstraint("jsonb_typeof(payload) = 'object' AND octet_length(payload::text) <= 65536", name="payload"),
        CheckConstraint("octet_length(natural_key) BETWEEN 1 AND 200", name="natural_key"),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'dead', 'given_up')", name="state"),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("fence >= attempts", name="fence"),
        CheckConstraint(
            "(state = 'running') = (leased_by IS NOT NULL) AND (state = 'running') = (leased_until IS NOT NULL)",
            name="running_is_leased",
        ),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_has_instant"),
        CheckConstraint("(state = 'dead') = (dead_at IS NOT NULL)", name="dead_has_instant"),
        CheckConstraint("state <> 'dead' OR last_error IS NOT NULL", name="dead_has_reason"),
        CheckConstraint("octet_length(last_error) <= 400", name="last_error"),
        CheckConstraint("progress_done >= 0 AND progress_all >= progress_done", name="progress"),
        CheckConstraint("(retried_by IS NULL) = (retried_at IS NULL)", name="retried"),
        CheckConstraint(
            "(state = 'given_up') = (given_up_by IS NOT NULL) AND (state = 'given_up') = (given_up_at IS NOT NULL)",
            name="given_up",
        ),
        Index(None, "next_at", "id", postgresql_where=text("state = 'waiting'")),
        Index(None, "leased_until", postgresql_where=text("state = 'running'")),
        Index(None, "county_code", "dead_at", "id", postgresql_where=text("state = 'dead'")),
        Index(None, "county_code", "kind", postgresql_where=text("state IN ('waiting', 'running')")),
        {
            "comment": "Work that waits, runs, is done or is dead. "
            "A row commits with the effect that asks for it (decision 0013)."
        },
    )
