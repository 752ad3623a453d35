"""A superuser changes one row, in every way a row can be wrong: the recomputation names the claim and the step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import psycopg
import pytest

from oversight.audits.county import Recomputed, recompute_county
from oversight.audits.settled import schedules_of
from tests.feed import county as made
from tests.feed.county import COUNTY, County

CLAIMS = 900


@dataclass(frozen=True)
class Fault:
    """One change, and how it must be told."""

    name: str
    sql: str
    kind: str
    step: str
    picks: Callable[[County, np.ndarray], np.ndarray] = field(default=lambda county, rows: rows)
    """Narrows the places of the settlements it may strike."""
    of: str = "settlement"
    """What `%(id)s` in the SQL is the number of: settlement, claim, entry or payment."""


def paid_by(column: str) -> Callable[[County, np.ndarray], np.ndarray]:
    return lambda county, rows: rows[county.settlements[column][rows] > 0]


def with_tier(tier: int) -> Callable[[County, np.ndarray], np.ndarray]:
    return lambda county, rows: rows[county.settlements["tier"][rows] == tier]


def is_ordinary(county: County, rows: np.ndarray) -> np.ndarray:
    s = county.settlements
    return rows[(s["status_on_discharge"][rows] == 0) & (s["status_on_admission"][rows] == 0)]


def settled(column: str, change: str) -> str:
    return f"UPDATE contractor.settlement SET {column} = {change} WHERE id = %(id)s"


def line(change: str) -> str:
    return f"UPDATE contractor.claim_line SET {change} WHERE claim_id = %(id)s AND line_no = 2"


COPIED_PAYMENT = (
    "INSERT INTO contractor.payment (county_code, id, settlement_id, account_entry_id, claim_id, fund, payee_kind, "
    "institution_code, member_id, account_name, account_sealed, account_index, amount_fen, top_up_fen, end_to_end_id, "
    "planned_at, state, version, batch_id, last_event, last_event_at, replaces_payment_id) "
    "SELECT county_code, id + 500000, {settlement}, account_entry_id, claim_id, fund, payee_kind, institution_code, "
    "member_id, account_name, account_sealed, account_index, amount_fen, top_up_fen, 'AGAIN' || id, planned_at, state, "
    "version, batch_id, last_event, last_event_at, {replaces} FROM contractor.payment WHERE id = %(id)s"
)

FAULTS = (
    # Every amount column of the settlement.
    Fault("base", settled("base_fen", "base_fen + 1"), "benefit", "base_fen", paid_by("base_fen")),
    Fault("top-up", settled("top_up_fen", "top_up_fen + 1"), "benefit", "top_up_fen", paid_by("base_fen")),
    Fault("serious", settled("serious_fen", "serious_fen + 100"), "benefit", "serious_fen"),
    Fault("supplementary", settled("supplementary_fen", "supplementary_fen + 7"), "benefit", "supplementary_fen"),
    Fault("assistance", settled("assistance_fen", "assistance_fen + 1"), "benefit", "assistance_fen"),
    Fault("eligible", settled("eligible_fen", "eligible_fen - 1"), "benefit", "eligible_fen"),
    Fault("above", settled("above_deductible_fen", "above_deductible_fen + 1"), "benefit", "above_deductible_fen"),
    Fault("sum of benefits", settled("benefits_fen", "benefits_fen + 1"), "benefit", "benefits_fen"),
    Fault("member pays", settled("member_pays_fen", "member_pays_fen - 1"), "benefit", "member_pays_fen"),
    Fault("cost", settled("cost_fen", "cost_fen + 1"), "input", "cost_fen"),
    Fault("class A", settled("class_a_fen", "class_a_fen + 1"), "input", "class_a_fen"),
    Fault("class B", settled("class_b_fen", "class_b_fen + 1"), "input", "class_b_fen"),
    Fault("class C", settled("class_c_fen", "class_c_fen + 1"), "input", "class_c_fen"),
    # What decides beside the amounts.
    Fault("tier", settled("tier", "1"), "input", "tier", with_tier(2)),
    Fault("status", settled("status_on_discharge", "1"), "input", "status_on_discharge", is_ordinary),
    Fault("status at first", settled("status_on_admission", "2"), "input", "status_on_admission", is_ordinary),
    Fault("supplement", settled("is_supplemented", "1 - is_supplemented"), "input", "is_supplemented"),
    Fault("days", settled("discharged_on", "discharged_on + 1"), "input", "discharged_on"),
    Fault("member", settled("member_id", "member_id + 100000"), "input", "member_id"),
    Fault("schedule", settled("schedule_hash", "repeat('0', 64)"), "law", "schedule_hash"),
    Fault("number", settled("settlement_no", "settlement_no + 40"), "law", "gap_in_numbers"),
    # Lines of the bill, each told with its number.
    Fault("price", line("unit_price_e4 = unit_price_e4 + 1000000"), "line", "charged_fen", of="claim"),
    Fault("quantity", line("quantity_e4 = quantity_e4 + 10000"), "line", "charged_fen", of="claim"),
    Fault("charge", line("charged_fen = charged_fen + 1"), "line", "charged_fen", of="claim"),
    Fault("class of a line", line("catalogue_class = (catalogue_class + 1) %% 4"), "line", "catalogue_class",
          of="claim"),
    Fault("limit of a line", line("price_limit_e4 = 77777"), "line", "price_limit_e4", of="claim"),
    Fault("no such price", line("unit_price_e4 = 5000000000000"), "line", "charged_fen", of="claim"),
    Fault("a line gone", "DELETE FROM contractor.claim_line WHERE claim_id = %(id)s AND line_no = 2",
          "input", "charged_fen", of="claim"),
    Fault("charged", "UPDATE contractor.claim SET charged_fen = charged_fen + 5 WHERE id = %(id)s",
          "input", "charged_fen", of="claim"),
    # Events.
    Fault("an event", "UPDATE contractor.claim_event SET event = 'reopened' WHERE claim_id = %(id)s",
          "event", "illegal_move", of="claim"),
    Fault("where it led", "UPDATE contractor.claim_event SET state_after = 'rejected' WHERE claim_id = %(id)s",
          "event", "state_after", of="claim"),
    Fault("an event gone", "DELETE FROM contractor.claim_event WHERE claim_id = %(id)s", "event", "state", of="claim"),
    # Payments.
    Fault("amount paid", "UPDATE contractor.payment SET amount_fen = amount_fen + 100 WHERE id = %(id)s",
          "payment", "paid_amount", of="payment"),
    Fault("nothing paid", "UPDATE contractor.payment SET amount_fen = 0, top_up_fen = 0 WHERE id = %(id)s",
          "payment", "paid_nothing_or_less", of="payment"),
    Fault("less than nothing", "UPDATE contractor.payment SET amount_fen = -5, top_up_fen = 0 WHERE id = %(id)s",
          "payment", "paid_nothing_or_less", of="payment"),
    Fault("twice", COPIED_PAYMENT.format(settlement="settlement_id", replaces="id"), "payment", "paid_twice",
          of="payment"),
    Fault("no decision", COPIED_PAYMENT.format(settlement="99999999", replaces="NULL"),
          "payment", "paid_without_decision", of="payment"),
    Fault("another payee", "UPDATE contractor.payment SET payee_kind = 'member', institution_code = NULL, "
          "member_id = 1 WHERE id = %(id)s", "payment", "paid_to_another", of="payment"),
    Fault("another claim", "UPDATE contractor.payment SET claim_id = claim_id + 1 WHERE id = %(id)s",
          "payment", "paid_for_another_claim", of="payment"),
    Fault("never paid", "DELETE FROM contractor.payment WHERE id = %(id)s", "payment", "not_paid", of="payment"),
    # The ledger.
    Fault("booked amount", "UPDATE contractor.leg SET amount_fen = amount_fen + 100 WHERE payment_id = %(id)s "
          "AND account_code = 'M301.1'", "payment", "booked_amount", of="payment"),
    Fault("not booked", "DELETE FROM contractor.leg WHERE payment_id = %(id)s AND account_code = 'M301.1'",
          "payment", "booked_amount", of="payment"),
    Fault("booked in another fund", "UPDATE contractor.leg SET book = 'serious', account_code = 'S301' "
          "WHERE payment_id = %(id)s AND account_code = 'M301.1'", "payment", "booked_in_another_fund", of="payment"),
    Fault("came back in the books alone", "INSERT INTO contractor.leg (county_code, posting_id, leg_no, book, "
          "account_code, amount_fen, payment_id) SELECT county_code, posting_id, 99999, book, 'M202', -amount_fen, "
          "payment_id FROM contractor.leg WHERE payment_id = %(id)s AND account_code = 'M301.1'",
          "payment", "booked_amount", of="payment"),
    Fault("came back in the payments alone", "UPDATE contractor.payment SET state = 'returned' WHERE id = %(id)s",
          "payment", "booked_amount", of="payment"),
    # Household accounts.
    Fault("account paid", "UPDATE contractor.account_entry SET paid_fen = paid_fen - 1 WHERE entry_id = %(id)s",
          "account", "paid_fen", of="entry"),
    Fault("account asked", "UPDATE contractor.account_entry SET amount_fen = amount_fen + 1 WHERE entry_id = %(id)s",
          "account", "amount_fen", of="entry"),
    Fault("account balance",
          "UPDATE contractor.account_entry SET balance_fen = balance_fen + 1 WHERE entry_id = %(id)s",
          "account", "balance_fen", of="entry"),
)  # fmt: skip


@dataclass
class Struck:
    """Where each fault was planted, and what the recomputation says."""

    target: dict[str, dict[str, int]]
    found: Recomputed


@pytest.fixture(scope="module")
def written(module_database) -> Iterator[tuple[psycopg.Connection, County]]:
    county = made.made_up(CLAIMS, seed=7)
    with psycopg.connect(module_database.owner_url) as connection:
        made.write(connection, county)
        made.remember(module_database.desk("contractor"), county)
        yield connection, county


@pytest.fixture(scope="module")
def untouched(written, module_database) -> Recomputed:
    return recomputed(module_database)


@pytest.fixture(scope="module")
def struck(untouched, written, module_database) -> Struck:
    """All faults at once, each on a member and a household of its own."""
    connection, county = written
    for table in ("claim", "claim_line", "claim_event", "settlement", "account_entry", "payment", "leg"):
        for (name,) in connection.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'",
            [f"contractor.{table}"],
        ).fetchall():
            connection.execute(f'ALTER TABLE contractor.{table} DROP CONSTRAINT "{name}"')
    targets = _targets(county)
    for fault in FAULTS:
        changed = connection.execute(fault.sql, {"id": targets[fault.name][fault.of]})
        assert changed.rowcount == 1, fault.name
    connection.commit()
    return Struck(targets, recomputed(module_database))


def recomputed(database) -> Recomputed:
    desk = database.desk("county")
    try:
        return recompute_county(desk.engine, COUNTY, made.law())
    finally:
        desk.engine.dispose()


def test_where_nothing_was_touched_both_sides_agree(untouched):
    assert untouched.differences.to_dict("records") == []
    assert untouched.claim_count == CLAIMS
    assert untouched.line_count == CLAIMS * 4
    assert untouched.trail_count > CLAIMS * 0.9
    assert untouched.published_fen == untouched.recomputed_fen > 0
    assert untouched.paid_fen > 0


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_changed_row_is_named_with_its_step(struck, fault):
    target = struck.target[fault.name]
    told = _about(struck.found.differences, fault, target)
    assert (fault.kind, fault.step) in set(zip(told["kind"], told["step"], strict=True)), told.T
    if fault.kind == "line":
        assert told[told["kind"] == "line"]["line_no"].tolist() == [2]


def test_nothing_is_named_that_was_not_touched(struck):
    """A year may follow from its changed settlement; every other difference lies on a target of its own."""
    told = struck.found.differences
    touched = {target["claim"] for target in struck.target.values()}
    years = {(target["member"], target["year"]) for target in struck.target.values()}
    households = {target["household"] for target in struck.target.values() if "entry" in target}
    strangers = [
        row
        for row in told.to_dict("records")
        if row["claim_id"] not in touched
        and (row["member_id"], row["year"]) not in years
        and not (row["kind"] == "account" and row["entry_id"] and _household(struck, row["entry_id"]) in households)
        and row["claim_id"] - 1 not in touched
        and row["payment_id"] != struck.target["never paid"]["payment"]
    ]
    assert strangers == []


def test_the_chain_names_the_row_whose_remembered_amount_was_changed(struck):
    """Whatever the chain holds of a settlement or a visit: the entry's place and the column are told."""
    told = struck.found.differences
    trail = told[told["kind"] == "trail"]
    amounts = ("base", "top-up", "serious", "supplementary", "assistance", "member pays", "cost", "number")
    terms = ("class A", "class B", "class C", "tier", "status", "status at first", "supplement", "schedule")
    for name in (*amounts, *terms):
        fault = next(fault for fault in FAULTS if fault.name == name)
        own = trail[trail["settlement_id"] == struck.target[name]["settlement"]]
        column = fault.sql.split("SET ")[1].split(" =")[0]
        assert own["step"].tolist() == [column], name
        assert (own["trail_seq"] > 0).all()
    for name, column in (("account paid", "paid_fen"), ("account asked", "amount_fen")):
        own = trail[trail["entry_id"] == struck.target[name]["entry"]]
        assert own["step"].tolist() == [column], name


def test_the_chain_says_by_which_schedule_a_settlement_was_computed(struck):
    told = struck.found.differences
    own = told[(told["kind"] == "trail") & (told["settlement_id"] == struck.target["schedule"]["settlement"])].iloc[0]
    assert own["recomputed_word"] == made.law().spans[0][1].content_hash
    assert own["published_word"] == "?"


def test_both_amounts_and_the_effect_are_told_to_the_fen(struck):
    told = struck.found.differences
    base = told[(told["settlement_id"] == struck.target["base"]["settlement"]) & (told["kind"] == "benefit")].iloc[0]
    assert base["published_fen"] - base["recomputed_fen"] == 1 == base["effect_fen"]
    never = told[(told["step"] == "not_paid")].iloc[0]
    assert never["effect_fen"] == -never["recomputed_fen"] < 0


def test_the_ledger_is_told_to_the_fen_beside_the_payment_and_what_is_booked_for_nobody_is_told(struck):
    told = struck.found.differences
    own = told[told["payment_id"] == struck.target["booked amount"]["payment"]].iloc[0]
    assert (own["published_fen"] - own["recomputed_fen"], own["effect_fen"]) == (100, 0)
    assert own["claim_id"] == struck.target["booked amount"]["claim"]
    gone = told[told["payment_id"] == struck.target["not booked"]["payment"]].iloc[0]
    assert gone["published_fen"] < gone["recomputed_fen"]
    assert "booked_for_nobody" in set(told["step"]), "the payment that was deleted is still in the books"


def test_the_largest_effect_comes_first_and_what_only_follows_comes_last(struck):
    told = struck.found.differences
    begins = told[~told["follows_earlier"]]["effect_fen"].abs()
    assert begins.is_monotonic_decreasing
    assert not told["follows_earlier"].iloc[: len(begins)].any()


def test_a_schedule_is_numbered_by_its_hash():
    schedules = schedules_of(made.law())
    assert schedules[""] == 0 and len(schedules) == 2


def _targets(county: County) -> dict[str, dict[str, int]]:
    """For each fault a settlement of a member with one year of one decision; for accounts a visit that paid."""
    s = county.settlements
    claims = county.claims
    whole = pd.DataFrame({name: s[name] for name in ("member_id", "year", "settlement_id", "claim_id")})
    alone = whole.groupby("member_id")["settlement_id"].transform("size").to_numpy() == 1
    paid = set(county.payments["settlement_id"].tolist())
    direct = claims["route"][s["claim_id"] - claims["claim_id"][0]] == 0
    rows = np.flatnonzero(alone & direct & np.isin(s["settlement_id"], list(paid)) & (s["base_fen"] > 0))
    targets, used_households = {}, set()
    free = rows.tolist()
    for fault in FAULTS:
        if fault.of == "entry":
            continue
        own = fault.picks(county, np.array(free))
        row = int(own[0])
        free.remove(row)
        place = int(s["claim_id"][row] - claims["claim_id"][0])
        payment = int(np.flatnonzero(county.payments["settlement_id"] == s["settlement_id"][row])[0])
        targets[fault.name] = {
            "settlement": int(s["settlement_id"][row]), "claim": int(s["claim_id"][row]),
            "member": int(s["member_id"][row]), "year": int(s["year"][row]),
            "household": int(claims["household_id"][place]),
            "payment": int(county.payments["payment_id"][payment]),
        }  # fmt: skip
    e = county.entries
    for fault in (fault for fault in FAULTS if fault.of == "entry"):
        for row in np.flatnonzero((e["kind"] == 2) & (e["paid_fen"] > 1)).tolist():
            household = int(e["household_id"][row])
            if household not in used_households:
                used_households.add(household)
                place = int(e["claim_id"][row] - claims["claim_id"][0])
                targets[fault.name] = {
                    "entry": int(e["entry_id"][row]), "claim": int(e["claim_id"][row]), "household": household,
                    "member": int(claims["member_id"][place]), "year": int(e["year"][row]),
                }  # fmt: skip
                break
    return targets


def _about(told: pd.DataFrame, fault: Fault, target: dict[str, int]) -> pd.DataFrame:
    if fault.of == "entry":
        return told[told["entry_id"] == target["entry"]]
    if fault.of == "settlement":
        return told[told["settlement_id"] == target["settlement"]]
    return told[(told["claim_id"] == target["claim"]) | (told["settlement_id"] == target["settlement"])]


_households: dict[int, int] = {}


def _household(struck: Struck, entry_id: int) -> int:
    if not _households:
        entries = made.made_up(CLAIMS, seed=7).entries
        _households.update(zip(entries["entry_id"].tolist(), entries["household_id"].tolist(), strict=True))
    return _households[entry_id]
