"""A county's own thresholds, verdicts and suspensions on real PostgreSQL: each acts in its county and on its day."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from chassis.errors import NotFound
from contractor.rules import verdicts
from contractor.rules.nightly import look_over
from contractor.rules.previewing import preview
from contractor.rules.queries import Judged, cards_in_force, hits, judged
from contractor.rules.refusals import (
    HeldByLaw,
    NothingChanges,
    NotSuspended,
    SuspendedBefore,
    ThresholdInThePast,
    ThresholdOutOfRange,
)
from contractor.rules.suspending import is_imprecise, resume, suspend, suspend_imprecise
from contractor.rules.thresholds import set_threshold
from rulebook.checks import all_cards
from tests.claims.conftest import county, decide, rows, session, world  # noqa: F401 – its fixtures are ours too
from tests.claims.making import AT, COUNTY, LAW, ON, day, line, lines, take

OTHER_COUNTY = "990122"
LEAD = 901
TOMORROW = ON + dt.timedelta(days=1)


@pytest.fixture(scope="module", autouse=True)
def other_county(county, world) -> None:  # noqa: F811
    county.execute(
        "INSERT INTO registry.division (county_code, level, city_code, name_zh, name_en, name_pinyin) "
        "VALUES (%s, 'county', '990100', '邻县', 'Next County', 'lin xian')",
        [OTHER_COUNTY],
    )


@pytest.fixture()
def setting(session):  # noqa: F811
    """Set a threshold, past days included: a test may look back at a change that was made in time."""

    def set_it(rule: str, name: str, value: int, from_on: dt.date = ON, county_code: str = COUNTY) -> None:
        begun = dt.datetime.combine(min(from_on, ON), dt.time(2), dt.UTC)
        set_threshold(
            session, county_code=county_code, rule=rule, name=name, from_on=from_on, value=value, reason="试验",
            by=LEAD, at=begun,
        )  # fmt: skip

    return set_it


@pytest.fixture()
def assessed(session, world, decide, rows):  # noqa: F811
    """Take claims in, check them: state and rules of each."""

    def come_in(*claims):
        taken = take(session, world, *claims)
        decide(*taken.claim_ids)
        return [
            (
                rows("SELECT state FROM contractor.claim WHERE id = :id", id=claim_id)[0].state,
                [
                    f"{one.rule}{one.severity}"
                    for one in rows(
                        "SELECT rule, severity FROM contractor.claim_finding WHERE claim_id = :id ORDER BY finding_no",
                        id=claim_id,
                    )
                ],
            )
            for claim_id in taken.claim_ids
        ]

    return come_in


def back_after(world, place: int, days: int, discharged: str = "2026-03-07"):  # noqa: F811
    """Two stays of one member for one illness, so many days between them."""
    first_on = day(discharged) - dt.timedelta(days=5)
    stays = []
    for admitted_on in (first_on, day(discharged) + dt.timedelta(days=days)):
        left_on = admitted_on + dt.timedelta(days=5)
        stays.append(
            world.claim(
                place, admitted_on=admitted_on, discharged_on=left_on, submitted_on=left_on, receipt_signed_on=left_on,
                lines=lines(*(line(yuan="400", performed_on=admitted_on + dt.timedelta(days=n)) for n in range(5))),
            )
        )  # fmt: skip
    return stays


CASES = (
    # rule and its county, from which day, to what; gap of two stays in days; what the later one is told
    ("no change", None, 7, True),
    ("no change", None, 8, False),
    ("ten days from the first day of March on", (COUNTY, "2026-03-01", 10), 10, True),
    ("ten days from the first day of March on", (COUNTY, "2026-03-01", 10), 11, False),
    ("three days", (COUNTY, "2026-03-01", 3), 4, False),
    ("from the very day the claim turns on", (COUNTY, "2026-03-17", 10), 10, True),
    ("from the day after it", (COUNTY, "2026-03-23", 10), 10, False),
    ("in another county", (OTHER_COUNTY, "2026-01-01", 10), 10, False),
)


@pytest.mark.parametrize(("reason", "change", "gap", "is_told"), CASES, ids=lambda value: str(value))
def test_a_threshold_acts_in_its_county_and_from_its_day_on(world, setting, assessed, reason, change, gap, is_told):  # noqa: F811
    if change is not None:
        county_code, from_on, value = change
        setting("F01", "days", value, day(from_on), county_code)
    _first, (_state, told) = assessed(*back_after(world, 0, gap))
    assert ("F01H" in told) is is_told, (reason, told)


def test_of_two_rows_for_one_day_the_later_holds_and_a_later_day_goes_before(session, setting):  # noqa: F811
    asked = day("2026-11-30")
    for value, from_on in ((9, ON), (11, ON), (5, TOMORROW + dt.timedelta(days=3))):
        setting("F01", "days", value, from_on)
    card = cards_in_force(session, COUNTY, asked)["F01"]
    days = [ON - dt.timedelta(days=1), ON, ON + dt.timedelta(days=3), ON + dt.timedelta(days=4)]
    assert card.number("days", [*map(_as_day, days)]).tolist() == [7, 11, 11, 5]
    # A change set afterwards for an earlier day ends where the later one begins.
    setting("F01", "days", 8, TOMORROW)
    card = cards_in_force(session, COUNTY, asked)["F01"]
    assert card.number("days", [*map(_as_day, days)]).tolist() == [7, 11, 8, 5]


def _as_day(value: dt.date):
    import numpy as np

    return np.datetime64(value)


def test_a_change_from_tomorrow_is_on_no_card_today(session, setting):  # noqa: F811
    """Some nightly checks look at the last value on the card; it must not be tomorrow's."""
    setting("F24", "sample", 3, TOMORROW)
    assert cards_in_force(session, COUNTY, ON)["F24"] is all_cards()["F24"]
    assert cards_in_force(session, COUNTY, TOMORROW)["F24"].numbers["sample"][-1] == 3
    assert cards_in_force(session, OTHER_COUNTY, TOMORROW) is all_cards()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"from_on": ON - dt.timedelta(days=1)}, ThresholdInThePast),
        ({"value": 7}, NothingChanges),
        ({"value": -1}, ThresholdOutOfRange),
        ({"value": 10**7}, ThresholdOutOfRange),
        ({"rule": "F08", "name": "percentile", "value": 101}, ThresholdOutOfRange),
        ({"rule": "F99"}, NotFound),
        ({"name": "weeks"}, NotFound),
    ],
    ids=lambda value: str(value),
)
def test_what_cannot_be_set_is_refused_and_nothing_is_kept(session, rows, changes, refusal):  # noqa: F811
    given = {"rule": "F01", "name": "days", "from_on": ON, "value": 10} | changes
    with pytest.raises(refusal):
        set_threshold(session, county_code=COUNTY, reason="试验", by=LEAD, at=AT, **given)
    assert rows("SELECT count(*) AS n FROM contractor.rule_parameter")[0].n == 0


def test_a_change_is_in_the_trail_with_what_the_preview_foresaw(session, rows):  # noqa: F811
    set_threshold(
        session, county_code=COUNTY, rule="F29", name="total_fen", from_on=ON, value=8_000_000, reason="试验", by=LEAD,
        at=AT, foreseen=(214, 96),
    )  # fmt: skip
    told = rows("SELECT act, facts, actor_id FROM contractor.trail_entry ORDER BY seq DESC LIMIT 1")[0]
    assert (told.act, told.actor_id) == ("rule.threshold_set", str(LEAD))
    assert told.facts == {
        "rule": "F29", "name": "total_fen", "from_on": "2026-11-20", "value": 8_000_000, "hits_before": 214,
        "hits_after": 96,
    }  # fmt: skip


def test_the_database_keeps_thresholds_and_verdicts_as_they_are(session, setting):  # noqa: F811
    setting("F01", "days", 10)
    for table in ("rule_parameter", "rule_verdict"):
        for act in (f"UPDATE contractor.{table} SET rule = 'F02'", f"DELETE FROM contractor.{table}"):
            with pytest.raises(Exception, match="permission denied"), session.begin_nested():
                session.execute(text(act))


# Suspension


def test_a_suspended_rule_is_computed_and_only_tells(session, world, assessed, rows):  # noqa: F811
    suspend(session, county_code=COUNTY, rule="F01", reason="误报太多", by=LEAD, at=AT)
    _first, (state, told) = assessed(*back_after(world, 0, 7))
    assert (state, told) == ("approved", ["F01L"])
    assert "F01" in all_cards() and all_cards()["F01"].effect == "waits"
    resume(session, county_code=COUNTY, rule="F01", reason="阈值改了", by=LEAD, at=AT + dt.timedelta(hours=1))
    _first, (state, told) = assessed(*back_after(world, 1, 7))
    assert (state, told) == ("received", ["F01H"])
    acts = [one.act for one in rows("SELECT act FROM contractor.trail_entry WHERE subject_kind = 'rule_suspension'")]
    assert acts == ["rule.suspended", "rule.resumed"]


def test_another_countys_suspension_suspends_nothing_here(session, world, assessed):  # noqa: F811
    suspend(session, county_code=OTHER_COUNTY, rule="F01", reason="误报太多", by=LEAD, at=AT)
    _first, (state, told) = assessed(*back_after(world, 0, 7))
    assert (state, told) == ("received", ["F01H"])


@pytest.mark.parametrize("rule", ["not_enrolled", "no_law", "no_account", "not_designated"])
def test_what_the_order_asks_for_is_not_put_aside(session, rule):  # noqa: F811
    with pytest.raises(HeldByLaw):
        suspend(session, county_code=COUNTY, rule=rule, reason="试验", by=LEAD, at=AT)


def test_a_rule_is_put_aside_once_and_taken_up_once(session):  # noqa: F811
    given = {"county_code": COUNTY, "rule": "F01", "reason": "试验", "by": LEAD, "at": AT}
    with pytest.raises(NotSuspended):
        resume(session, **given)
    suspend(session, **given)
    with pytest.raises(SuspendedBefore):
        suspend(session, **given)


@pytest.mark.parametrize(
    ("confirmed", "false", "unclear", "is_put_aside"),
    [
        (9, 91, 0, True),  # nine of a hundred
        (10, 90, 0, False),  # ten of a hundred
        (0, 99, 0, False),  # not yet a hundred
        (0, 99, 50, False),  # what nobody could tell is not reviewed
        (0, 100, 0, True),
        (19, 181, 0, True),
        (20, 180, 0, False),
    ],
)
def test_a_rule_nearly_always_wrong_is_put_aside(confirmed, false, unclear, is_put_aside):
    assert is_imprecise(Judged(confirmed, false, unclear, confirmed, false)) is is_put_aside


def test_low_precision_puts_a_rule_aside_at_night_and_counts_anew_after_it_was_taken_up(session, world, rows, decide):  # noqa: F811
    """A hundred lines outside the stay and one reviewer who calls them false, all but nine."""
    admitted_on = day("2026-03-02")
    billed = lines(*(line(yuan="20", item="A1", performed_on=admitted_on) for _ in range(100)))
    taken = take(session, world, world.claim(0, lines=billed))
    decide(*taken.claim_ids)
    (claim_id,) = taken.claim_ids
    numbers = rows("SELECT finding_no FROM contractor.claim_finding WHERE rule = 'F16' ORDER BY 1")
    numbers = [one.finding_no for one in numbers]
    assert len(numbers) >= 99, "each line after the first repeats it"
    said = {number: "confirmed" if place < 9 else "false_alarm" for place, number in enumerate(numbers[:99])}
    assert verdicts.record(session, COUNTY, claim_id, said, by=7, at=AT) == 99
    assert judged(session, COUNTY)["F16"] == (9, 90, 0, 9, 90) and hits(session, COUNTY)["F16"] == len(numbers)
    assert suspend_imprecise(session, county_code=COUNTY, at=AT) == []
    more = take(session, world, world.claim(1, lines=billed[:2]))
    decide(*more.claim_ids)
    verdicts.record(session, COUNTY, more.claim_ids[0], {1: "false_alarm"}, by=7, at=AT)
    assert suspend_imprecise(session, county_code=COUNTY, at=AT) == ["F16"]
    assert suspend_imprecise(session, county_code=COUNTY, at=AT) == []
    assert suspend_imprecise(session, county_code=OTHER_COUNTY, at=AT) == []
    kept = rows("SELECT confirmed_count, false_count, suspended_by FROM contractor.rule_suspension")[0]
    assert tuple(kept) == (9, 91, None)
    resume(session, county_code=COUNTY, rule="F16", reason="改了", by=LEAD, at=AT + dt.timedelta(hours=1))
    assert judged(session, COUNTY)["F16"] == (9, 91, 0, 0, 0)
    assert suspend_imprecise(session, county_code=COUNTY, at=AT + dt.timedelta(hours=2)) == []


# Verdicts


def test_of_several_verdicts_on_a_finding_the_last_stands_and_all_are_kept(session, world, decide, rows):  # noqa: F811
    taken = take(session, world, world.claim(0, receipt_signed_on=None))
    decide(*taken.claim_ids)
    (claim_id,) = taken.claim_ids
    for verdict, new in (("confirmed", 1), ("confirmed", 0), ("false_alarm", 1), ("unclear", 1)):
        assert verdicts.record(session, COUNTY, claim_id, {1: verdict}, by=7, at=AT) == new
    assert judged(session, COUNTY) == {"no_receipt": (0, 0, 1, 0, 0)}
    kept = rows("SELECT verdict_no, verdict FROM contractor.rule_verdict ORDER BY 1")
    assert [tuple(one) for one in kept] == [(1, "confirmed"), (2, "false_alarm"), (3, "unclear")]
    told = rows("SELECT facts FROM contractor.trail_entry WHERE act = 'claim.findings_judged' ORDER BY seq")
    assert [one.facts["verdicts"] for one in told] == [{"1": "confirmed"}, {"1": "false_alarm"}, {"1": "unclear"}]


def test_a_verdict_is_on_a_finding_of_that_claim_and_county(session, world, decide):  # noqa: F811
    taken = take(session, world, world.claim(0, receipt_signed_on=None))
    decide(*taken.claim_ids)
    (claim_id,) = taken.claim_ids
    for county_code, claim, finding_no in ((COUNTY, claim_id, 2), (COUNTY, 10**9, 1), (OTHER_COUNTY, claim_id, 1)):
        with pytest.raises(NotFound):
            verdicts.record(session, county_code, claim, {finding_no: "confirmed"}, by=7, at=AT)
    assert judged(session, COUNTY) == {}


# Preview


def previewed(session, rule: str, name: str, value: int, **more):  # noqa: F811
    return preview(session, county_code=COUNTY, rule=rule, name=name, value=value, law=LAW, on=ON, **more)


def test_a_preview_says_what_another_threshold_would_have_found(session, world, decide):  # noqa: F811
    for place, gap in enumerate((1, 3, 5, 7, 9)):
        decide(*take(session, world, *back_after(world, place, gap)).claim_ids)
    now = previewed(session, "F01", "days", 7)
    assert (now.claim_count, now.seen_count, now.before, now.after, now.no_longer, now.newly) == (10, 10, 4, 4, (), ())
    fewer = previewed(session, "F01", "days", 4)
    assert (fewer.before, fewer.after, fewer.no_longer_count, fewer.newly_count) == (4, 2, 2, 0)
    more = previewed(session, "F01", "days", 9)
    assert (more.before, more.after) == (4, 5) and [hit.found[-5:] for hit in more.newly] == ["gap 9"]
    assert fewer.is_whole and (fewer.from_on, fewer.until_on) == (day("2026-08-22"), TOMORROW)


def test_a_preview_starts_from_the_countys_own_threshold(session, world, decide, setting):  # noqa: F811
    setting("F01", "days", 4, day("2026-01-01"))
    setting("F01", "days", 30, day("2026-01-01"), OTHER_COUNTY)
    for place, gap in enumerate((3, 5)):
        decide(*take(session, world, *back_after(world, place, gap)).claim_ids)
    found = previewed(session, "F01", "days", 5)
    assert (found.before, found.after) == (1, 2)


def test_a_preview_of_a_nightly_rule_reads_the_year(session, world, decide):  # noqa: F811
    stays = [world.claim(place, diagnosis_code="A01") for place in (0, 1, 2, 3)]
    decide(*take(session, world, *stays).claim_ids)
    found = previewed(session, "F14", "people", 1)
    assert (found.before, found.after, found.newly_count) == (0, 4, 4)
    found = previewed(session, "F36", "percent", 50)
    assert found.after >= found.before


def test_a_preview_ends_when_its_time_is_over_and_says_so(session, world, decide, monkeypatch):  # noqa: F811
    monkeypatch.setattr("contractor.rules.previewing.CLAIMS_AT_ONCE", 2)
    for place, gap in enumerate((1, 3, 5)):
        decide(*take(session, world, *back_after(world, place, gap)).claim_ids)
    found = previewed(session, "F01", "days", 0, goes_on=lambda: False)
    assert (found.claim_count, found.seen_count, found.is_whole) == (6, 2, False)


TABLES = (
    "SELECT table_schema || '.' || table_name FROM information_schema.tables "
    "WHERE table_schema IN ('contractor', 'registry') AND table_type = 'BASE TABLE' "
    "AND has_table_privilege(table_schema || '.' || table_name, 'SELECT') ORDER BY 1"
)


@pytest.mark.parametrize(("rule", "name", "value"), [("F01", "days", 3), ("F14", "people", 1), ("F24", "sample", 5)])
def test_a_preview_writes_nothing(session, world, decide, rows, rule, name, value):  # noqa: F811
    decide(*take(session, world, *back_after(world, 0, 5)).claim_ids)

    def all_rows():
        return {
            table: rows(
                f"SELECT count(*), md5(string_agg(CAST(t AS text), '|' ORDER BY CAST(t AS text))) FROM {table} t"
            )
            for (table,) in rows(TABLES)
        }

    before = all_rows()
    previewed(session, rule, name, value)
    assert all_rows() == before
    # And what comes after it in the same transaction may write again.
    look_over(session, "stays", county_code=COUNTY, law=LAW, at=AT, on=ON)
