"""A whole county recomputed: what was published is read at one moment, side by side, and every list is drawn up.

Pure comparison lives in the modules beside this one; the feed brings the columns. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import psycopg
from sqlalchemy.engine import Engine

from oversight.audits import accounts, lives, paid, remembered, settled
from oversight.audits.bills import bills
from oversight.audits.household_accounts import OUTPATIENT, REVERSAL
from oversight.audits.law_columns import law_columns
from oversight.audits.listing import in_order, listed
from oversight.audits.own_inputs import place_among
from oversight.feed import claims as claims_feed
from oversight.feed import registry, trail
from oversight.feed import settled as settled_feed
from oversight.feed.packing import Packed, joined
from oversight.feed.snapshots import Snapshot, reading
from rulebook.lifecycles.claim import CLAIM
from rulebook.lifecycles.payment import S as PaymentState
from rulebook.registry import Timeline

Column = np.ndarray
Columns = dict[str, Column]
Progress = Callable[[str, int, int], None]

Answer = TypeVar("Answer")

CLAIMS, SETTLED, ENTRIES, PAID, TRAIL = "claims", "settlements", "account_entries", "payments", "trail"
PAYMENT_STATES = paid.States(
    ended=tuple(settled_feed.PAYMENT_STATES.index(s) for s in (PaymentState.CANCELLED, PaymentState.REISSUED)),
    paid=settled_feed.PAYMENT_STATES.index(PaymentState.PAID),
)
ENTRY_FACTS = {"cost_fen": "amount_fen", "household_account_fen": "paid_fen"}
SETTLED_MONEY = ("cost_fen", "base_fen", "top_up_fen", "serious_fen", "supplementary_fen", "assistance_fen",
                 "member_pays_fen")  # fmt: skip
ENTRY_MONEY = ("household_account_fen",)


@dataclass(frozen=True)
class Recomputed:
    """What a recomputation came to. `institutions` gives the code of the place a difference names."""

    differences: pd.DataFrame
    institutions: list[str]
    claim_count: int
    line_count: int
    settlement_count: int
    entry_count: int
    payment_count: int
    trail_count: int
    published_fen: int
    recomputed_fen: int
    paid_fen: int
    schedule_hashes: list[str]


@dataclass(frozen=True)
class _Bills:
    """The claims of a chunk with their bills, how many lines they have, and whose events do not lead where they are."""

    claims: Columns
    lines: int
    strange_lives: pd.DataFrame


def no_progress(stage: str, done: int, of: int) -> None:
    """For whoever does not watch."""


def recompute_county(
    engine: Engine, county_code: str, timeline: Timeline, progress: Progress = no_progress
) -> Recomputed:
    """Everything the contractor has published of a county, computed again from its bills and the county's registry."""
    with reading(engine) as snapshot:
        return _Run(snapshot, county_code, timeline, progress).whole()


class _Run:
    def __init__(self, snapshot: Snapshot, county_code: str, timeline: Timeline, progress: Progress) -> None:
        self.snapshot, self.county_code, self.timeline, self.progress = snapshot, county_code, timeline, progress
        self.tiers = snapshot.one(partial(registry.tiers_of, county_code=county_code))
        self.places = {institution_code: place for place, institution_code in enumerate(self.tiers, 1)}
        self.items = snapshot.one(partial(registry.items_of, county_code=county_code))
        self.catalogue = snapshot.one(partial(registry.catalogue_of, county_code=county_code, items=self.items))
        # An institution the registry does not know stands last, at −1, without a tier.
        self.tier_of_place = np.array([0, *self.tiers.values(), 0], dtype=np.int8)

    def whole(self) -> Recomputed:
        """All reading is begun at once and taken as it comes; what compares waits only for what it needs."""
        spans = self.snapshot.one(self._spans)
        claims_read = self._begin(self._bills, spans[CLAIMS])
        registry_read = self.snapshot.each(
            [
                partial(registry.statuses_of, county_code=self.county_code),
                partial(registry.enrolments_of, county_code=self.county_code),
            ]
        )
        schedules, places = settled.schedules_of(self.timeline), self.places
        settled_read = self._begin(partial(settled_feed.settlements_of, schedules=schedules), spans[SETTLED])
        entries_read = self._begin(settled_feed.entries_of, spans[ENTRIES])
        payments_read = self._begin(partial(settled_feed.payments_of, institutions=places), spans[PAID])
        trail_read = self._begin(_facts, spans[TRAIL])

        claims, lines, strange = self._claims(claims_read, len(spans[CLAIMS]))
        statuses, enrolments = registry_read
        settlements = joined(list(settled_read), settled_feed.SETTLEMENT)
        self.progress(SETTLED, 0, len(settlements["settlement_id"]))
        by_settlement = settled.compare(settlements, claims, statuses, enrolments, self.timeline)
        entries = joined(list(entries_read), settled_feed.ENTRY)
        by_account = accounts.compare(entries, claims, enrolments, law_columns(self.timeline))
        payments = joined(list(payments_read), settled_feed.PAID)
        self.progress(PAID, 0, len(payments["payment_id"]))
        by_payment = paid.compare(payments, settlements, entries, claims, PAYMENT_STATES)
        by_trail, trail_count = self._remembered(settlements, entries, trail_read, len(spans[TRAIL]))
        lists = [by_settlement.differences, by_account.differences, by_payment.differences]
        lists += [_lives_listed(strange, claims), by_trail]
        return Recomputed(
            differences=self._with_line_numbers(in_order(lists)),
            institutions=["", *self.places],
            claim_count=len(claims["claim_id"]),
            line_count=lines,
            settlement_count=len(settlements["settlement_id"]),
            entry_count=len(entries["entry_id"]),
            payment_count=len(payments["payment_id"]),
            trail_count=trail_count,
            published_fen=by_settlement.published_fen + by_account.published_fen,
            recomputed_fen=by_settlement.recomputed_fen + by_account.recomputed_fen,
            paid_fen=by_payment.paid_fen,
            schedule_hashes=by_settlement.schedule_hashes,
        )

    def _spans(self, connection: psycopg.Connection) -> dict[str, list[dict[str, Any]]]:
        """What there is to read, cut into chunks."""
        chunks_of = partial(settled_feed.chunks_of, connection, self.county_code)
        return {
            CLAIMS: claims_feed.chunks_of_claims(connection, self.county_code),
            SETTLED: chunks_of("published_settlements", "settlement_id"),
            ENTRIES: chunks_of("published_account_entries", "entry_id"),
            PAID: chunks_of("published_payments", "payment_id"),
            TRAIL: trail.chunks_of_trail(connection, self.county_code),
        }

    def _begin(
        self, read: Callable[[psycopg.Connection, dict[str, Any]], Answer], chunks: Sequence[dict[str, Any]]
    ) -> Iterator[Answer]:
        return self.snapshot.each([partial(_swapped, read, chunk) for chunk in chunks])

    def _bills(self, connection: psycopg.Connection, chunk: dict[str, Any]) -> _Bills:
        claims = claims_feed.claims_of(connection, chunk, self.places)
        claims["tier"] = self.tier_of_place[claims["institution"]]
        lines = claims_feed.lines_of(connection, chunk, self.items)
        strange = lives.replayed(claims, claims_feed.events_of(connection, chunk), CLAIM)
        return _Bills(claims | bills(claims, lines, self.catalogue), len(lines["claim_id"]), strange)

    def _claims(self, read: Iterator[_Bills], chunks: int) -> tuple[Columns, int, list[pd.DataFrame]]:
        parts, strange, lines = [], [], 0
        self.progress(CLAIMS, 0, chunks)
        for number, part in enumerate(read, 1):
            parts.append(part.claims)
            strange.append(part.strange_lives)
            lines += part.lines
            self.progress(CLAIMS, number, chunks)
        return joined(parts, (*claims_feed.CLAIM, *BILL)), lines, strange

    def _with_line_numbers(self, whole: pd.DataFrame) -> pd.DataFrame:
        """A line was known by its place on the bill so far; it is told by its number."""
        rows = np.flatnonzero(whole["line_no"].to_numpy() > 0)
        if len(rows):
            told = whole.iloc[rows]
            numbers_of = partial(
                claims_feed.numbers_of_lines,
                county_code=self.county_code,
                claim_ids=told["claim_id"].tolist(),
                places=told["line_no"].tolist(),
            )
            whole.loc[rows, "line_no"] = self.snapshot.one(numbers_of)
        return whole

    def _remembered(
        self, settlements: Columns, entries: Columns, read: Iterator[Any], chunks: int
    ) -> tuple[pd.DataFrame, int]:
        of_settlements: list[remembered.Remembered] = []
        of_entries: list[remembered.Remembered] = []
        self.progress(TRAIL, 0, chunks)
        for number, (settled_facts, entry_facts) in enumerate(read, 1):
            of_settlements += settled_facts
            of_entries += entry_facts
            self.progress(TRAIL, number, chunks)
        of_claims = (entries["kind"] == OUTPATIENT) | (entries["kind"] == REVERSAL)
        own_visits = {name: column[of_claims] for name, column in entries.items()}
        told = [
            remembered.compare(settlements, "settlement_id", of_settlements, "settlement", {}, SETTLED_MONEY),
            remembered.compare(own_visits, "entry_id", of_entries, "account_entry", ENTRY_FACTS, ENTRY_MONEY),
        ]
        count = sum(len(group.seq) for group in (*of_settlements, *of_entries))
        return pd.concat(told, ignore_index=True), count


# What `_bills` adds to the columns of a claim.
OF_BILL = ("cost_fen", "class_a_fen", "class_b_fen", "class_c_fen", "billed_fen")
OF_LINE = ("line_no", "line_step", "line_published", "line_recomputed")
BILL = tuple(Packed(name) for name in ("institution", "tier", *OF_BILL, *OF_LINE))


def _swapped(
    read: Callable[[psycopg.Connection, dict[str, Any]], Answer], chunk: dict[str, Any], connection: psycopg.Connection
) -> Answer:
    return read(connection, chunk)


def _facts(
    connection: psycopg.Connection, chunk: dict[str, Any]
) -> tuple[list[remembered.Remembered], list[remembered.Remembered]]:
    def groups(named: str) -> list[remembered.Remembered]:
        found: Sequence[trail.Facts] = trail.decisions_of(connection, chunk, named)
        return [remembered.Remembered(one.seq, one.claim_id, one.columns) for one in found]

    return groups("settlement"), groups("account_entry")


def _lives_listed(strange: Sequence[pd.DataFrame], claims: Columns) -> pd.DataFrame:
    """The claims whose recorded events do not lead to the state they are in."""
    kept = [one for one in strange if len(one)]
    if not kept:
        return listed(0)
    whole = pd.concat(kept, ignore_index=True)
    ids = whole["claim_id"].to_numpy(dtype=np.int64)
    place, is_known = place_among(claims["claim_id"], ids)
    return listed(
        len(whole), kind="event", step=whole["step"].to_numpy(dtype=object), claim_id=ids,
        published_word=whole["published_word"].to_numpy(dtype=object),
        recomputed_word=whole["recomputed_word"].to_numpy(dtype=object),
        member_id=np.where(is_known, claims["member_id"][place], 0),
        institution=np.where(is_known, claims["institution"][place], 0),
    )  # fmt: skip
