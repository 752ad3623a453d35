"""A whole county recomputed: what was published is read at one moment, side by side, and every list is drawn up.

Pure comparison lives in the modules beside this one; the feed brings the columns. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import psycopg
from sqlalchemy.engine import Engine

from oversight.audits import accounts, booked, lives, paid, remembered, settled
from oversight.audits.bills import bills
from oversight.audits.household_accounts import OUTPATIENT, REVERSAL
from oversight.audits.law_columns import law_columns
from oversight.audits.listing import LATE, in_order, listed
from oversight.audits.own_inputs import place_among
from oversight.feed import claims as claims_feed
from oversight.feed import late, ledger, recoveries, registry, trail
from oversight.feed import settled as settled_feed
from oversight.feed.packing import Packed, joined
from oversight.feed.snapshots import Snapshot, reading
from rulebook.lifecycles.claim import CLAIM
from rulebook.lifecycles.payment import S as PaymentState
from rulebook.registry import Timeline
from rulebook.trail_facts import schedule_number, terms_of

Column = np.ndarray
Columns = dict[str, Column]
Progress = Callable[[str, int, int], None]

Answer = TypeVar("Answer")

CLAIMS, SETTLED, ENTRIES, PAID, LEDGER, TRAIL = (
    "claims", "settlements", "account_entries", "payments", "ledger", "trail"
)  # fmt: skip
FUNDS_OF_ACCOUNTS = [[settled_feed.FUNDS.index(fund) for fund in account.funds] for account in ledger.ACCOUNTS]
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
        # Bills are the longest; what is compared first is read before them, and what is compared last after them, so
        # that comparing and reading go on side by side.
        registry_read = self.snapshot.each(
            [
                partial(registry.statuses_of, county_code=self.county_code),
                partial(registry.enrolments_of, county_code=self.county_code),
                partial(registry.deaths_of, county_code=self.county_code),
            ]
        )
        schedules, places = settled.schedules_of(self.timeline), self.places
        settled_read = self._begin(partial(settled_feed.settlements_of, schedules=schedules), spans[SETTLED])
        claims_read = self._begin(self._bills, spans[CLAIMS])
        entries_read = self._begin(settled_feed.entries_of, spans[ENTRIES])
        payments_read = self._begin(partial(settled_feed.payments_of, institutions=places), spans[PAID])
        legs_read = self._begin(ledger.legs_of, spans[LEDGER])
        trail_read = self._begin(partial(_facts, schedules=_schedule_numbers(schedules)), spans[TRAIL])

        claims, lines, strange = self._claims(claims_read, len(spans[CLAIMS]))
        statuses, enrolments, deaths = registry_read
        settlements = joined(list(settled_read), settled_feed.SETTLEMENT)
        self.progress(SETTLED, 0, len(settlements["settlement_id"]))
        # The longest comparison, which no other waits for: in a thread of its own, as NumPy lets others go on.
        settled_beside = self._beside(settled.compare, settlements, claims, statuses, enrolments, deaths, self.timeline)
        entries = joined(list(entries_read), settled_feed.ENTRY)
        by_account = accounts.compare(entries, claims, enrolments, law_columns(self.timeline))
        payments = joined(list(payments_read), settled_feed.PAID)
        self.progress(PAID, 0, len(payments["payment_id"]))
        owed_back = self.snapshot.one(partial(recoveries.owed_back_of, county_code=self.county_code))
        set_offs = self.snapshot.one(partial(recoveries.set_offs_of, county_code=self.county_code))
        repaid = self.snapshot.one(partial(recoveries.repayments_of, county_code=self.county_code))
        by_payment = paid.compare(payments, settlements, entries, claims, PAYMENT_STATES, owed_back, set_offs, repaid)
        legs = ledger.all_legs(list(legs_read))
        by_ledger = booked.compare(payments, legs, claims, paid=PAYMENT_STATES.paid, funds_of=FUNDS_OF_ACCOUNTS)
        by_trail, trail_count = self._remembered(settlements, entries, trail_read, len(spans[TRAIL]), schedules)
        by_settlement = settled_beside.result()
        lists = [self._with_late_marks(by_settlement.differences), by_account.differences, by_payment.differences]
        lists += [by_ledger, _lives_listed(strange, claims), by_trail]
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
            LEDGER: ledger.chunks_of_legs(connection, self.county_code),
            TRAIL: trail.chunks_of_trail(connection, self.county_code),
        }

    def _begin(
        self, read: Callable[[psycopg.Connection, dict[str, Any]], Answer], chunks: Sequence[dict[str, Any]]
    ) -> Iterator[Answer]:
        return self.snapshot.each([partial(_swapped, read, chunk) for chunk in chunks])

    def _beside(self, compare: Callable[..., Answer], *columns: Any) -> Future[Answer]:
        """A comparison that goes on while others do."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="compare")
        begun = thread.submit(compare, *columns)
        thread.shutdown(wait=False)
        return begun

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

    def _with_late_marks(self, told: pd.DataFrame) -> pd.DataFrame:
        """Where the registry was written after the decision, that is told as late information: no fault of theirs."""
        of_registry = told[(told["kind"] == "input") & told["step"].isin(late.STEPS)]
        if not len(of_registry):
            return told
        asked = {step: rows["settlement_id"].tolist() for step, rows in of_registry.groupby("step")}
        found = self.snapshot.one(partial(late.late_settlements, county_code=self.county_code, settlements=asked))
        is_late = [
            number in found.get(step, ())
            for step, number in zip(of_registry["step"], of_registry["settlement_id"], strict=True)
        ]
        rows = of_registry.index[np.array(is_late)]
        told.loc[rows, "step"] = LATE + told.loc[rows, "step"]
        return told

    def _remembered(
        self, settlements: Columns, entries: Columns, read: Iterator[Any], chunks: int, schedules: Mapping[str, int]
    ) -> tuple[pd.DataFrame, int]:
        of_claims = (entries["kind"] == OUTPATIENT) | (entries["kind"] == REVERSAL)
        own_visits = {name: column[of_claims] for name, column in entries.items()}
        hashes = settlements | {"schedule_hash": settlements["schedule"]}
        by_settlement = remembered.Memory(
            hashes, "settlement_id", fact="settlement", named={"schedule": "schedule_hash"}, money=SETTLED_MONEY,
            words={"schedule_hash": [*schedules, "?"]},
        )  # fmt: skip
        by_entry = remembered.Memory(own_visits, "entry_id", fact="account_entry", named=ENTRY_FACTS, money=ENTRY_MONEY)
        self.progress(TRAIL, 0, chunks)
        for number, groups in enumerate(read, 1):
            for group in groups:
                (by_settlement if "settlement" in group.columns else by_entry).take(group)
            self.progress(TRAIL, number, chunks)
        return pd.concat(
            [by_settlement.told(), by_entry.told()], ignore_index=True
        ), by_settlement.count + by_entry.count


# What `_bills` adds to the columns of a claim.
OF_BILL = ("cost_fen", "class_a_fen", "class_b_fen", "class_c_fen", "billed_fen")
OF_LINE = ("line_no", "line_step", "line_published", "line_recomputed")
BILL = tuple(Packed(name) for name in ("institution", "tier", *OF_BILL, *OF_LINE))


def _swapped(
    read: Callable[[psycopg.Connection, dict[str, Any]], Answer], chunk: dict[str, Any], connection: psycopg.Connection
) -> Answer:
    return read(connection, chunk)


def _facts(
    connection: psycopg.Connection, chunk: dict[str, Any], schedules: Mapping[int, int]
) -> list[remembered.Remembered]:
    """What the chain holds of the decisions of a chunk, under the names of the columns it is compared with."""
    groups: Sequence[trail.Facts] = trail.decisions_of(connection, chunk)
    found = []
    for one in groups:
        columns = dict(one.columns)
        # Entries written before these facts were kept have neither, and are compared without.
        if "terms" in columns:
            columns |= terms_of(columns.pop("terms"))
        if "schedule" in columns:
            columns["schedule"] = _places(columns["schedule"], schedules)
        found.append(remembered.Remembered(one.seq, one.claim_id, columns))
    return found


def _places(numbers: Column, schedules: Mapping[int, int]) -> Column:
    """The place of each schedule among the county's, −1 for one it does not know."""
    found = np.full(len(numbers), -1, dtype=np.int32)
    for number, place in schedules.items():
        found[numbers == number] = place
    return found


def _schedule_numbers(schedules: Mapping[str, int]) -> dict[int, int]:
    return {schedule_number(content_hash): place for content_hash, place in schedules.items() if content_hash}


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
