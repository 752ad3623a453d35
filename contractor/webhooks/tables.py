"""Subscriptions to events, one delivery for each event that a subscription asks for, and every try of each."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    ARRAY,
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase

INSTANT = DateTime(timezone=True)
ZERO = text("0")
EVENT_KINDS = ("claim.decided", "claim.sent_back", "claim.reversed", "payment.settled", "payment.returned")
TEST = "test"
OUTCOMES = ("answered", "refused_target", "unreachable", "untrusted", "timeout", "redirected", "too_long")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


class WebhookSubscription(HouseBase):
    __tablename__ = "webhook_subscription"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose events are told.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the subscription.")
    label: Mapped[str] = mapped_column(Text, comment="What the lead calls it: the program that listens.")
    url: Mapped[str] = mapped_column(Text, comment="Where events are posted to.")
    event_kinds: Mapped[list[str]] = mapped_column(ARRAY(Text), comment="Kinds of event that are told.")
    institution_code: Mapped[str | None] = mapped_column(
        Text, comment="Institution whose claims alone are told, manual ones left out; null: all of the county."
    )
    signing_key_sealed: Mapped[bytes] = mapped_column(BYTEA, comment="Secret that deliveries are signed with, sealed.")
    created_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was added.")
    created_by: Mapped[int] = mapped_column(BigInteger, comment="contractor.staff.id of who added it.")
    off_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When it was turned off, for good.")
    off_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of who turned it off.")
    sending_until: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="Until when a worker has it in hand; null: none has."
    )
    resting_until: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="Until when nothing is sent, because the listener did not answer."
    )
    failed_runs: Mapped[int] = mapped_column(
        Integer, server_default=ZERO, comment="Runs in a row that ended because the listener did not answer."
    )
    test_count: Mapped[int] = mapped_column(Integer, server_default=ZERO, comment="Tests that a person had sent.")
    secret_no: Mapped[int] = mapped_column(
        Integer,
        server_default=text("1"),
        comment="Which secret it signs with, from 1; whoever changes it says which one they saw.",
    )
    previous_key_sealed: Mapped[bytes | None] = mapped_column(
        BYTEA, comment="Secret before this one, sealed, while both are good; null where there was none."
    )
    previous_until: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="Until when deliveries carry the signature of the secret before as well."
    )
    rotated_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When the secret was last changed.")
    rotated_by: Mapped[int | None] = mapped_column(
        BigInteger, comment="contractor.staff.id of who changed it, or whose token did."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        CheckConstraint("char_length(btrim(label)) BETWEEN 1 AND 60", name="label"),
        CheckConstraint("url ~ '^https?://[!-~]+$' AND char_length(url) <= 500", name="url"),
        CheckConstraint(
            f"cardinality(event_kinds) > 0 AND event_kinds <@ ARRAY[{_listed(EVENT_KINDS)}]",
            name="event_kinds",
        ),
        CheckConstraint("(off_at IS NULL) = (off_by IS NULL)", name="off"),
        CheckConstraint("failed_runs >= 0 AND test_count >= 0", name="counts"),
        CheckConstraint("secret_no >= 1", name="secret_no"),
        CheckConstraint("(previous_key_sealed IS NULL) = (previous_until IS NULL)", name="previous"),
        CheckConstraint(
            "(secret_no > 1) = (rotated_at IS NOT NULL) AND (rotated_at IS NULL) = (rotated_by IS NULL)",
            name="rotated",
        ),
        {"schema": "contractor", "comment": "Programs that are told of events. Turned off, never deleted."},
    )


class WebhookDelivery(HouseBase):
    __tablename__ = "webhook_delivery"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the event.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the delivery.")
    subscription_id: Mapped[int] = mapped_column(BigInteger, comment="Who is told.")
    event_kind: Mapped[str] = mapped_column(Text, comment="What is told; test: nothing happened.")
    subject: Mapped[str] = mapped_column(Text, comment="claim, payment, or test.")
    subject_id: Mapped[int] = mapped_column(BigInteger, comment="Claim, payment, or the subscription of a test.")
    event_no: Mapped[int] = mapped_column(Integer, comment="Its place in that record's life, or the test's number.")
    happened_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it happened.")
    state: Mapped[str] = mapped_column(
        Text, server_default=text("'waiting'"), comment="waiting, delivered, dead, or dropped with its subscription."
    )
    tries: Mapped[int] = mapped_column(SmallInteger, server_default=ZERO, comment="Tries since it was put on.")
    tries_ever: Mapped[int] = mapped_column(Integer, server_default=ZERO, comment="Tries in all, replays included.")
    next_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="Not to be tried before.")
    delivered_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When the listener last took it.")
    dead_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When no more tries were made.")
    replayed_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When a person last had it sent again.")
    replayed_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of who did.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint(
            "county_code", "subscription_id", "subject", "subject_id", "event_no", name="uq_webhook_delivery_event"
        ),
        ForeignKeyConstraint(
            ["county_code", "subscription_id"],
            ["contractor.webhook_subscription.county_code", "contractor.webhook_subscription.id"],
        ),
        CheckConstraint("subject IN ('claim', 'payment', 'test')", name="subject"),
        CheckConstraint(
            "split_part(event_kind, '.', 1) = subject AND (subject <> 'test' OR subject_id = subscription_id)",
            name="event_kind",
        ),
        CheckConstraint("state IN ('waiting', 'delivered', 'dead', 'dropped')", name="state"),
        CheckConstraint("state <> 'delivered' OR delivered_at IS NOT NULL", name="delivered"),
        CheckConstraint("(state = 'dead') = (dead_at IS NOT NULL)", name="dead"),
        CheckConstraint("tries >= 0 AND tries_ever >= tries", name="tries"),
        CheckConstraint("(replayed_at IS NULL) = (replayed_by IS NULL)", name="replayed"),
        Index(
            "ix_webhook_delivery_waiting",
            "county_code",
            "subscription_id",
            "next_at",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_webhook_delivery_newest", "county_code", "subscription_id", "id"),
        {"schema": "contractor", "comment": "Events to be told, each written in the transaction of the event itself."},
    )


class WebhookAttempt(HouseBase):
    __tablename__ = "webhook_attempt"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the delivery.")
    delivery_id: Mapped[int] = mapped_column(BigInteger, comment="The delivery.")
    attempt_no: Mapped[int] = mapped_column(Integer, comment="Its place among the tries, from 1.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was made.")
    outcome: Mapped[str] = mapped_column(
        Text,
        comment=(
            "answered, refused_target, unreachable, untrusted certificate, timeout, redirected, or too_long an answer."
        ),
    )
    status: Mapped[int | None] = mapped_column(SmallInteger, comment="HTTP status, where there was one.")
    took_ms: Mapped[int] = mapped_column(Integer, comment="How long it took, in milliseconds.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "delivery_id", "attempt_no"),
        ForeignKeyConstraint(
            ["county_code", "delivery_id"],
            ["contractor.webhook_delivery.county_code", "contractor.webhook_delivery.id"],
        ),
        CheckConstraint(f"outcome IN ({_listed(OUTCOMES)})", name="outcome"),
        CheckConstraint("attempt_no > 0 AND took_ms >= 0 AND status BETWEEN 100 AND 999", name="numbers"),
        {"schema": "contractor", "comment": "Every try of a delivery and what came back; no content."},
    )
