"""A made-up county as two parties know it: bills and registry, and what the contractor's engine made of them.

The amounts come from the engine (`rulebook.benefits`), which the county's recomputation may not touch: where the two
agree, two texts of one law agree. Rows are written by COPY as superuser, so that a test can have a county of any size
and any fault; the verbs that write them in earnest are tried where they live.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import psycopg

from chassis.db import Database
from chassis.trail.appending import append
from chassis.trail.chain import Entry
from contractor.claims.approving import RULE, money_facts
from contractor.claims.settling import Settled, Terms
from rulebook.benefits.assessment import assess
from rulebook.benefits.bill import bills_sums, line_fen_of
from rulebook.registry import Timeline
from rulebook.schedule_files import schedules_on_file
from tests.feed.copying import copy_columns

COUNTY = "990121"
SCHEME = "balin_zuoqi"
FIRST, LAST = date(2016, 1, 1), date(2018, 12, 31)
AT = np.datetime64("2019-01-15T02:00:00")
TABLES = (
    "registry.household", "registry.member", "registry.enrolment", "registry.member_status", "registry.institution",
    "registry.catalogue_item", "contractor.claim", "contractor.claim_line", "contractor.claim_event",
    "contractor.settlement", "contractor.account_entry", "contractor.payment", "contractor.posting", "contractor.leg",
)  # fmt: skip
INSTITUTIONS, ITEMS = 40, 1_500
ENTRIES_A_CHUNK = 5_000
PAYMENTS_A_POSTING = 10_000
BOOKS = {"pooled": ("entrusted", "M", "M301.1"), "serious": ("serious", "S", "S301"),
         "supplementary": ("supplementary", "U", "U301"),
         "household_account": ("entrusted", "M", "M301.3")}  # fmt: skip
Columns = dict[str, np.ndarray]


def law() -> Timeline:
    return Timeline.unapproved(schedules_on_file()[SCHEME])


@dataclass
class County:
    """Columns by table. A test changes them before they are written, or the rows afterwards."""

    claims: Columns
    lines: Columns
    settlements: Columns
    entries: Columns
    payments: Columns
    statuses: Columns
    enrolments: Columns
    catalogue: Columns
    tiers: np.ndarray
    timeline: Timeline = field(default_factory=law)


def made_up(claims: int, *, seed: int, lines_a_claim: int = 4) -> County:
    rng = np.random.default_rng(seed)
    members = max(claims // 3, 4)
    claim = _claims(rng, claims, members)
    tiers = rng.choice(3, INSTITUTIONS, p=[0.5, 0.3, 0.2]) + 1
    catalogue = _catalogue(rng)
    line = _lines(rng, claim, catalogue, tiers, lines_a_claim)
    claim["charged_fen"] = _per_claim(line["claim_id"], line["charged_fen"], claim)
    claim["institution_reduced_fen"] = np.where(rng.random(claims) < 0.1, claim["charged_fen"] // 20, 0)
    claim["paid_elsewhere_fen"] = np.where(rng.random(claims) < 0.05, claim["charged_fen"] // 7, 0)
    statuses = _statuses(rng, members)
    enrolments = _enrolments(rng, members)
    cost, classes = _bill(claim, line)
    is_visit = claim["route"] == 2
    timeline = law()
    settlements = _settlements(rng, claim, cost, classes, tiers, statuses, enrolments, timeline, ~is_visit)
    entries = _entries(claim, cost, enrolments, timeline, is_visit)
    return County(claim, line, settlements, entries, _payments(claim, settlements, entries), statuses, enrolments,
                  catalogue, tiers, timeline)  # fmt: skip


def _claims(rng, claims: int, members: int) -> Columns:
    member = rng.integers(1, members + 1, claims)
    days = (np.datetime64(LAST) - np.datetime64(FIRST)).astype(int) + 1
    discharged = np.datetime64(FIRST) + np.sort(rng.integers(0, days, claims))
    route = rng.choice(3, claims, p=[0.7, 0.15, 0.15])
    stay = np.where(route == 2, 0, rng.integers(0, 20, claims))
    return {
        "claim_id": np.arange(1_000_000, 1_000_000 + claims),
        "member_id": member,
        "household_id": member // 3,
        "route": route,
        "institution": rng.integers(0, INSTITUTIONS, claims),
        "admitted_on": discharged - stay,
        "discharged_on": discharged,
    }


def _catalogue(rng) -> Columns:
    """Each item from 2010 on, some with another entry from 2017 on; some with limits."""
    second = np.arange(0, ITEMS, 4)
    item = np.concatenate([np.arange(ITEMS), second])
    is_second = np.arange(len(item)) >= ITEMS
    has_second = np.isin(item, second) & ~is_second
    limited = rng.random(len(item)) < 0.3
    return {
        "id": np.arange(1, len(item) + 1),
        "item": item,
        "catalogue_class": rng.choice(3, len(item), p=[0.6, 0.25, 0.15]) + 1,
        "from_on": np.where(is_second, np.datetime64("2017-01-01"), np.datetime64("2010-01-01")),
        "until_on": np.where(has_second, np.datetime64("2017-01-01"), np.datetime64("2100-01-01")),
        **{
            f"limit_{name}_e4": np.where(limited, rng.integers(5_000, 3_000_000, len(item)), 10**8)
            for name in ("township", "county", "above")
        },
    }


def _lines(rng, claim: Columns, catalogue: Columns, tiers: np.ndarray, a_claim: int) -> Columns:
    claims = len(claim["claim_id"])
    of = np.repeat(np.arange(claims), a_claim)
    item = rng.integers(0, ITEMS + 10, len(of))  # a few the catalogue does not have
    day = claim["admitted_on"][of] + rng.integers(0, 20, len(of)) % (
        (claim["discharged_on"][of] - claim["admitted_on"][of]).astype(int) + 1
    )
    entry = np.minimum(item, ITEMS - 1)
    second = (item < ITEMS) & (item % 4 == 0) & (day >= np.datetime64("2017-01-01"))
    entry = np.where(second, ITEMS + item // 4, entry)
    is_listed = item < ITEMS
    limits = np.stack([catalogue[f"limit_{name}_e4"] for name in ("township", "county", "above")])
    quantity = rng.integers(1, 90_000, len(of))
    price = rng.integers(100, 4_000_000, len(of))
    return {
        "claim_id": claim["claim_id"][of],
        "line_no": np.tile(np.arange(1, a_claim + 1), claims),
        "item": item,
        "performed_on": day,
        "quantity_e4": quantity,
        "unit_price_e4": price,
        "charged_fen": line_fen_of(quantity, price),
        "catalogue_class": np.where(is_listed, catalogue["catalogue_class"][entry], 0),
        "price_limit_e4": np.where(is_listed, limits[tiers[claim["institution"][of]] - 1, entry], -1),
        # Some reductions are more than the price limit has left of the line.
        "reduced_fen": np.where(
            rng.random(len(of)) < 0.02,
            np.minimum(rng.integers(1, 5_000, len(of)), line_fen_of(quantity, price)),
            0,
        ),
    }


def _per_claim(ids: np.ndarray, amounts: np.ndarray, claim: Columns) -> np.ndarray:
    sums = np.zeros(len(claim["claim_id"]), dtype=np.int64)
    np.add.at(sums, ids - claim["claim_id"][0], amounts)
    return sums


def _bill(claim: Columns, line: Columns) -> tuple[np.ndarray, list[np.ndarray]]:
    """As decision 0037 states the bill, from the engine's own sums."""
    sums = bills_sums(line["claim_id"] - claim["claim_id"][0], line, claims=len(claim["claim_id"]))
    cost = claim["charged_fen"] - claim["institution_reduced_fen"] - claim["paid_elsewhere_fen"]
    cost = np.where(claim["route"] == 1, cost, cost - sums["over_limit_fen"] - sums["reduced_fen"])
    left, kept = claim["institution_reduced_fen"].copy(), []
    for name in ("not_listed_fen", "class_c_fen", "class_b_fen", "class_a_fen"):
        taken = np.minimum(left, sums[name])
        left, kept = left - taken, [*kept, sums[name] - taken]
    return np.maximum(cost, 0), kept[:0:-1]


def _statuses(rng, members: int) -> Columns:
    member = np.flatnonzero(rng.random(members + 1) < 0.25)
    member = member[member > 0]
    begins = np.datetime64("2015-06-01") + rng.integers(0, 900, len(member))
    return {
        "member_id": member,
        "status": rng.choice(2, len(member), p=[0.8, 0.2]),
        "from_on": begins,
        "until_on": np.where(rng.random(len(member)) < 0.5, begins + 400, np.datetime64("2100-01-01")),
    }


def _enrolments(rng, members: int) -> Columns:
    member = np.arange(1, members + 1)
    years = range(FIRST.year, LAST.year + 1)
    supplemented = member[rng.random(members) < 0.4]
    parts = [(member, year, 0) for year in years] + [(supplemented, year, 1) for year in years]
    return {
        "member_id": np.concatenate([who for who, _, _ in parts]),
        "year": np.concatenate([np.full(len(who), year) for who, year, _ in parts]),
        "kind": np.concatenate([np.full(len(who), kind) for who, _, kind in parts]),
    }


def _settlements(
    rng, claim: Columns, cost: np.ndarray, classes: list[np.ndarray], tiers: np.ndarray, statuses: Columns,
    enrolments: Columns, timeline: Timeline, rows: np.ndarray,
) -> Columns:  # fmt: skip
    own = np.flatnonzero(rows)
    year = claim["discharged_on"].astype("datetime64[Y]").astype(int) + 1970
    supplemented = np.unique(enrolments["member_id"][enrolments["kind"] == 1])
    status = {name: _status_on(statuses, claim["member_id"], claim[name]) for name in ("admitted_on", "discharged_on")}
    decided = {
        "settlement_id": 5_000_000 + own,
        "reverses_settlement_id": np.zeros(len(own), dtype=np.int64),
        "claim_id": claim["claim_id"][own],
        "member_id": claim["member_id"][own],
        "year": year[own],
        "admitted_on": claim["admitted_on"][own],
        "discharged_on": claim["discharged_on"][own],
        "tier": tiers[claim["institution"][own]],
        "status_on_admission": status["admitted_on"][own],
        "status_on_discharge": status["discharged_on"][own],
        "is_supplemented": np.isin(claim["member_id"][own], supplemented).astype(np.int8),
        "cost_fen": cost[own],
        **{f"class_{name}_fen": column[own] for name, column in zip("abc", classes, strict=True)},
    }
    back = np.sort(rng.choice(len(own), max(len(own) // 100, 1), replace=False))
    reversals = {name: column[back] for name, column in decided.items()}
    reversals["reverses_settlement_id"] = decided["settlement_id"][back]
    reversals["settlement_id"] = 5_000_000 + len(rows) + np.arange(len(back))
    whole = {name: np.concatenate([decided[name], reversals[name]]) for name in decided}
    # Numbers are given in the order of decision, reversals last, one after another within each member's year.
    order = np.lexsort((whole["settlement_id"], whole["year"], whole["member_id"]))
    opens = np.ones(len(order), dtype=bool)
    opens[1:] = (np.diff(whole["member_id"][order]) != 0) | (np.diff(whole["year"][order]) != 0)
    number = np.arange(len(order)) - np.maximum.accumulate(np.where(opens, np.arange(len(order)), 0)) + 1
    whole["settlement_no"] = np.empty(len(order), dtype=np.int64)
    whole["settlement_no"][order] = number
    results = assess(whole, timeline)
    paid = results["base_fen"] + results["top_up_fen"] + results["serious_fen"] + results["supplementary_fen"]
    whole |= results
    whole["benefits_fen"] = paid + results["assistance_fen"]
    sign = np.where(whole["reverses_settlement_id"] == 0, 1, -1)
    whole["member_pays_fen"] = sign * whole["cost_fen"] - whole["benefits_fen"]
    return whole


def _status_on(statuses: Columns, members: np.ndarray, days: np.ndarray) -> np.ndarray:
    of = {int(m): place for place, m in enumerate(statuses["member_id"])}
    place = np.array([of.get(int(m), -1) for m in members])
    holds = (place >= 0) & (statuses["from_on"][place] <= days) & (days < statuses["until_on"][place])
    return np.where(holds, statuses["status"][place] + 1, 0)


def _entries(claim: Columns, cost: np.ndarray, enrolments: Columns, timeline: Timeline, visits: np.ndarray) -> Columns:
    """A credit a household in 2016, then its visits in order; an account pays as far as it reaches."""
    schedule = timeline.spans[0][1]
    each = int(schedule.number("household_account_credit", date(2016, 1, 1), "per_person"))
    own = enrolments["member_id"][(enrolments["kind"] == 0) & (enrolments["year"] == 2016)]
    households, persons = np.unique(own // 3, return_counts=True)
    balance = dict.fromkeys(households.tolist(), 0)
    number = dict.fromkeys(households.tolist(), 0)
    rows = []
    for household, count in zip(households.tolist(), persons.tolist(), strict=True):
        balance[household], number[household] = each * count, 1
        rows.append((household, 1, 1, each * count, 0, each * count, 0, 2016, 0))
    for row in np.flatnonzero(visits).tolist():
        household = int(claim["household_id"][row])
        paid = min(int(cost[row]), balance[household])
        balance[household] -= paid
        number[household] += 1
        year = int(claim["discharged_on"][row].astype("datetime64[Y]").astype(int)) + 1970
        rows.append((household, number[household], 2, int(cost[row]), paid, balance[household],
                     int(claim["claim_id"][row]), year, 0))  # fmt: skip
    taken_back = [(place, row) for place, row in enumerate(rows) if row[2] == 2 and row[4] > 0][::25]
    for place, (household, _no, _kind, asked, paid, _balance, claim_id, year, _none) in taken_back:
        balance[household] += paid
        number[household] += 1
        rows.append((household, number[household], 4, asked, -paid, balance[household], claim_id, year,
                     8_000_000 + place))  # fmt: skip
    names = ("household_id", "account_no", "kind", "amount_fen", "paid_fen", "balance_fen", "claim_id", "year",
             "reverses_entry_id")  # fmt: skip
    columns = {name: np.array([row[place] for row in rows], dtype=np.int64) for place, name in enumerate(names)}
    return {"entry_id": 8_000_000 + np.arange(len(rows)), **columns}


def _payments(claim: Columns, settlements: Columns, entries: Columns) -> Columns:
    undone = np.isin(settlements["settlement_id"], settlements["reverses_settlement_id"])
    decided = np.flatnonzero((settlements["reverses_settlement_id"] == 0) & ~undone)
    owed = (
        settlements["base_fen"] + settlements["top_up_fen"], settlements["serious_fen"],
        settlements["supplementary_fen"],
    )  # fmt: skip
    parts = []
    for fund, amount in enumerate(owed):
        rows = decided[amount[decided] > 0]
        none = np.zeros(len(rows), dtype=np.int64)
        top_up = settlements["top_up_fen"][rows] if fund == 0 else none
        parts.append((settlements["settlement_id"][rows], none, settlements["claim_id"][rows], none + fund,
                      amount[rows], top_up))  # fmt: skip
    rows = np.flatnonzero((entries["paid_fen"] > 0) & ~np.isin(entries["entry_id"], entries["reverses_entry_id"]))
    none = np.zeros(len(rows), dtype=np.int64)
    parts.append(
        (none, entries["entry_id"][rows], entries["claim_id"][rows], none + 3, entries["paid_fen"][rows], none)
    )
    names = ("settlement_id", "entry_id", "claim_id", "fund", "amount_fen", "top_up_fen")
    columns = {name: np.concatenate([part[place] for part in parts]) for place, name in enumerate(names)}
    place = columns["claim_id"] - claim["claim_id"][0]
    return {
        "payment_id": 20_000_000 + np.arange(len(place)),
        **columns,
        "to_member": claim["route"][place] == 1,
        "member_id": claim["member_id"][place],
        "institution": claim["institution"][place],
    }


def words(values: list[str], places: np.ndarray) -> np.ndarray:
    return np.array(values)[places]


def institution_codes(places: np.ndarray) -> np.ndarray:
    return np.char.add("9901210", np.char.zfill(places.astype(str), 2))


def item_codes(places: np.ndarray) -> np.ndarray:
    return np.char.add("YP", np.char.zfill(places.astype(str), 6))


def by_word(values: list[str], places: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Texts of one length at a time: for each word the rows that carry it."""
    return [(value, np.flatnonzero(places == place)) for place, value in enumerate(values)]


def write(connection: psycopg.Connection, county: County) -> None:
    """Write the county as superuser; nothing is asked of triggers and foreign keys."""
    _found(connection)
    _write_registry(connection, county)
    _write_claims(connection, county)
    _write_money(connection, county)
    connection.commit()


def _found(connection: psycopg.Connection) -> None:
    for table in TABLES:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    connection.execute(
        "INSERT INTO registry.division (county_code, level, city_code, name_zh, name_en, name_pinyin) VALUES "
        "('990100', 'city', '990100', '青山市', 'Qingshan', 'qingshan'), "
        "('990121', 'county', '990100', '青禾县', 'Qinghe', 'qinghe') ON CONFLICT DO NOTHING"
    )


def _write_registry(connection: psycopg.Connection, county: County) -> None:
    recorded = {"recorded_at": AT}
    tiers = county.tiers
    places = np.arange(len(tiers))
    copy_columns(connection, "registry.institution", recorded | {
        "county_code": COUNTY, "institution_code": institution_codes(places), "name_zh": "县医院",
        "name_en": "Hospital",
        "name_pinyin": "xianyiyuan", "tier": tiers, "beds": 100,
    })  # fmt: skip
    item = county.catalogue
    copy_columns(connection, "registry.catalogue_item", recorded | {
        "county_code": COUNTY, "item_code": item_codes(item["item"]), "name": "项目", "kind": "drug",
        **{name: item[name] for name in item if name != "item"},
    })  # fmt: skip
    for word, rows in by_word(["poor", "five_guarantee"], county.statuses["status"]):
        copy_columns(connection, "registry.member_status", recorded | {
            "county_code": COUNTY, "status": word, "document": "D1",
            **{name: county.statuses[name][rows] for name in ("member_id", "from_on", "until_on")},
        })  # fmt: skip
    for word, rows in by_word(["scheme", "supplementary"], county.enrolments["kind"]):
        years = county.enrolments["year"][rows]
        copy_columns(connection, "registry.enrolment", recorded | {
            "county_code": COUNTY, "kind": word, "member_id": county.enrolments["member_id"][rows], "year": years,
            "household_id": county.enrolments["member_id"][rows] // 3, "premium_fen": 1_000, "paid_by": "member",
            "enrolled_on": (years - 1970).astype("datetime64[Y]").astype("datetime64[D]"),
        })  # fmt: skip


def _write_claims(connection: psycopg.Connection, county: County) -> None:
    claim = county.claims
    for word, rows in by_word(["direct", "manual", "outpatient"], claim["route"]):
        copy_columns(connection, "contractor.claim", {
            "county_code": COUNTY, "id": claim["claim_id"][rows], "claim_number": claim["claim_id"][rows].astype(str),
            "file_id": 1, "route": word, "institution_code": institution_codes(claim["institution"][rows]),
            "card_number": "9901210000001", "invoice_number": claim["claim_id"][rows].astype(str),
            "diagnosis_code": "J18.9", "diagnosis_name": "肺炎", "department": "内科", "doctor": "D001",
            "advanced_fen": 0, "received_at": AT, "received_on": AT, "submitted_on": AT, "state": "approved",
            "version": 1, "alert_ppm": 0,
            **{name: claim[name][rows] for name in (
                "member_id", "household_id", "admitted_on", "discharged_on", "charged_fen", "institution_reduced_fen",
                "paid_elsewhere_fen")},
        })  # fmt: skip
    settled, entries = county.settlements, county.entries
    undone = np.unique(
        np.concatenate(
            [settled["claim_id"][settled["reverses_settlement_id"] > 0], entries["claim_id"][entries["kind"] == 4]]
        )
    )
    connection.execute(
        "UPDATE contractor.claim SET state = 'reversed', version = 2 WHERE id = ANY(%s)", [undone.tolist()]
    )
    common = {"county_code": COUNTY, "at": AT}
    copy_columns(connection, "contractor.claim_event", common | {
        "claim_id": claim["claim_id"], "event_no": 1, "event": "approved_by_rule", "state_after": "approved",
    })  # fmt: skip
    copy_columns(connection, "contractor.claim_event", common | {
        "claim_id": undone, "event_no": 2, "event": "reversed", "state_after": "reversed", "acted_by": 7,
    })  # fmt: skip
    line = county.lines
    for reason, rows in ((None, line["reduced_fen"] == 0), ("over_priced", line["reduced_fen"] > 0)):
        why = {"reduce_reason": reason} if reason else {}
        copy_columns(connection, "contractor.claim_line", why | {
            "county_code": COUNTY, "item_code": item_codes(line["item"][rows]), "hospital_item_name": "阿莫西林胶囊",
            **{name: column[rows] for name, column in line.items() if name != "item"},
        })  # fmt: skip


def _write_money(connection: psycopg.Connection, county: County) -> None:
    settled = county.settlements
    copy_columns(connection, "contractor.settlement", {
        "county_code": COUNTY, "id": settled["settlement_id"], "decided_at": AT,
        "schedule_hash": county.timeline.spans[0][1].content_hash,
        **{f"before_{name}_fen": 0 for name in (
            "covered", "pool_paid", "burden", "serious_paid", "supplementary_paid", "assistance_paid")},
        **{name: settled[name] for name in settled if name != "settlement_id"},
    })  # fmt: skip
    entry = county.entries
    for is_visit in (False, True):
        rows = np.flatnonzero((entry["claim_id"] > 0) == is_visit)
        columns: dict[str, Any] = {name: entry[name][rows] for name in entry if is_visit or name != "claim_id"}
        copy_columns(connection, "contractor.account_entry", columns | {"county_code": COUNTY, "at": AT})
    paid = county.payments
    for fund, funded in by_word(list(BOOKS), paid["fund"]):
        _write_books(connection, fund, {name: column[funded] for name, column in paid.items()})
        for to_member in (False, True):
            rows = funded[paid["to_member"][funded] == to_member]
            if not len(rows):
                continue
            subject = "account_entry_id" if fund == "household_account" else "settlement_id"
            payee: dict[str, Any] = (
                {"payee_kind": "member", "member_id": paid["member_id"][rows]}
                if to_member
                else {"payee_kind": "institution", "institution_code": institution_codes(paid["institution"][rows])}
            )
            copy_columns(connection, "contractor.payment", payee | {
                "county_code": COUNTY, "id": paid["payment_id"][rows], "claim_id": paid["claim_id"][rows], "fund": fund,
                subject: paid["entry_id" if fund == "household_account" else "settlement_id"][rows],
                "amount_fen": paid["amount_fen"][rows], "top_up_fen": paid["top_up_fen"][rows], "state": "paid",
                "end_to_end_id": np.char.add("E", paid["payment_id"][rows].astype(str)), "planned_at": AT, "version": 3,
                "batch_id": 1, "last_event": "confirmed", "last_event_at": AT, "account_name": "县医院",
                "account_sealed": "x" * 40, "account_index": "y" * 32,
            })  # fmt: skip


def _write_books(connection: psycopg.Connection, fund: str, paid: Columns) -> None:
    """As `contractor.ledger.entries` books batches that left and were confirmed, so many payments a posting."""
    book, letter, account = BOOKS[fund]
    postings = connection.execute("SELECT coalesce(max(id), 0) FROM contractor.posting").fetchone()[0]
    each = np.arange(len(paid["payment_id"])) // PAYMENTS_A_POSTING * 2 + postings + 1
    numbers = np.arange(postings + 1, int(each.max(initial=postings)) + 2)
    copy_columns(connection, "contractor.posting", {
        "county_code": COUNTY, "id": numbers, "book": book,
        "idempotency_key": np.char.add("made/", np.char.zfill(numbers.astype(str), 12)),
        "kind": "batch_released", "posted_on": AT, "posted_at": AT,
    })  # fmt: skip
    own = paid["amount_fen"] - paid["top_up_fen"]
    parts = (
        (f"{letter}101.9", each, paid["amount_fen"], 1), (f"{letter}101", each, -paid["amount_fen"], 2),
        (account, each + 1, own, 1), (f"{letter}301.2", each + 1, paid["top_up_fen"], 2),
        (f"{letter}101.9", each + 1, -paid["amount_fen"], 3),
    )  # fmt: skip
    for code, of, amounts, no in parts:
        rows = np.flatnonzero(amounts)
        copy_columns(connection, "contractor.leg", {
            "county_code": COUNTY, "posting_id": of[rows], "book": book, "account_code": code,
            "leg_no": rows % PAYMENTS_A_POSTING * 3 + no, "amount_fen": amounts[rows],
            "payment_id": paid["payment_id"][rows],
        })  # fmt: skip


def remember(database: Database, county: County) -> None:
    """What the contractor's chain holds of every decision, by the contractor's own words and writer."""
    at = dt.datetime(2019, 1, 15, 2, tzinfo=dt.UTC)
    schedule_hash = county.timeline.spans[0][1].content_hash
    entries = [*_settlement_entries(county.settlements, schedule_hash), *_visit_entries(county.entries)]
    for start in range(0, len(entries), ENTRIES_A_CHUNK):
        with database.transaction() as session:
            append(
                session, county_code=COUNTY, stream="claims", entries=entries[start : start + ENTRIES_A_CHUNK], at=at
            )


def _settlement_entries(settled: Columns, schedule_hash: str) -> Iterator[Entry]:
    names = ("settlement_no", "year", "cost_fen", "base_fen", "top_up_fen", "serious_fen", "supplementary_fen",
             "assistance_fen")  # fmt: skip
    given = ("claim_id", "settlement_id", "reverses_settlement_id", *names, "member_pays_fen")
    terms = zip(*(settled[n].tolist() for n in Terms._fields[:-1]), strict=True)
    rows = zip(*(settled[n].tolist() for n in given), strict=True)
    for (claim_id, settlement_id, reverses, *amounts, left), own in zip(rows, terms, strict=True):
        told = money_facts(Settled(0, settlement_id, None, *amounts, 0, left, Terms(*own, schedule_hash)))
        yield _entry(claim_id, told, is_reversal=reverses > 0)


def _visit_entries(entries: Columns) -> Iterator[Entry]:
    given = ("claim_id", "entry_id", "kind", "account_no", "year", "amount_fen", "paid_fen")
    for claim_id, entry_id, kind, number, year, cost, paid in zip(*(entries[n].tolist() for n in given), strict=True):
        if kind == 2:
            told = money_facts(Settled(0, None, entry_id, number, year, cost, 0, 0, 0, 0, 0, paid, cost - paid))
            yield _entry(claim_id, told, is_reversal=False)
        elif kind == 4:
            told = {"account_entry": entry_id, "account_no": number, "household_account_fen": paid}
            yield _entry(claim_id, told, is_reversal=True)


def _entry(claim_id: int, told: dict[str, int], *, is_reversal: bool) -> Entry:
    """As `contractor.claims` writes them: a reversal says why beside what it takes back."""
    if is_reversal:
        facts = {"reason": "institution_error", "version": 2, "owed_back_fen": 0} | told
        return Entry("claim.reversed", "claim", str(claim_id), RULE, facts)
    return Entry("claim.approved_by_rule", "claim", str(claim_id), RULE, told)
