"""What a fact about a member may say: enrolment, status and referral between birth and death; deaths learned late."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, text

from chassis.errors import NotFound
from chassis.trail.tables import TrailEntry
from oversight.registry.imports.importing import enter_rows
from oversight.registry.membership.deaths import DeathRow, withdraw_death
from oversight.registry.membership.enrolling import EnrolmentRow
from oversight.registry.membership.refusals import DeathAlreadyWithdrawn
from oversight.registry.membership.tables import Death, Enrolment
from oversight.registry.tables import Member
from tests.registry.files import AT, CLERK, COUNTY, counted, with_row

DIED, BORN_2024 = "9901210002", "9901210004"  # died on 2026-03-05; was born on 2024-06-01
CASES = [
    ("enrolment", f"{DIED},2026,参合,20.00,本人,2026-03-05", None, "enrolled on the day of death"),
    ("enrolment", f"{DIED},2026,参合,20.00,本人,2026-03-06", "after_death", "the day after"),
    ("enrolment", f"{DIED},2027,参合,20.00,本人,", "after_death", "a year that the member did not see"),
    ("enrolment", f"{BORN_2024},2024,参合,20.00,本人,2024-06-01", None, "enrolled on the day of birth"),
    ("enrolment", f"{BORN_2024},2024,参合,20.00,本人,2024-05-31", "before_birth", "the day before"),
    ("enrolment", f"{BORN_2024},2023,参合,20.00,本人,", "outside_year", "a year before birth"),
    ("enrolment", f"{BORN_2024},2025,参合,20.00,本人,2024-12-31", "outside_year", "the last day of the year before"),
    ("enrolment", f"{BORN_2024},2025,参合,20.00,本人,2026-01-01", "outside_year", "the first day of the year after"),
    ("enrolment", f"{BORN_2024},2025,补充医疗,9.00,本人,", "without_scheme_enrolment", "supplementary to nothing"),
    ("enrolment", f"{BORN_2024},2002,参合,20.00,本人,", "out_of_bounds", "before there was a scheme"),
    ("statuses", f"{DIED},贫困户,2026-03-05,,证", None, "poor from the day of death"),
    ("statuses", f"{DIED},贫困户,2026-03-06,,证", "after_death", "poor from the day after"),
    ("statuses", f"{BORN_2024},贫困户,2024-05-31,,证", "before_birth", "poor before birth"),
    ("referrals", f"Z9,{DIED},990121101,990121201,原因,2026-03-05,2026-04-01", None, "referred on the day of death"),
    ("referrals", f"Z9,{DIED},990121101,990121201,原因,2026-03-06,2026-04-01", "after_death", "the day after"),
    ("deaths", f"{BORN_2024},2024-05-31,证", "before_birth", "died before birth"),
    ("deaths", f"{BORN_2024},2024-06-01,证", None, "died on the day of birth"),
    ("deaths", f"{BORN_2024},2026-11-20,证", None, "died today"),
    ("deaths", f"{BORN_2024},2026-11-21,证", "in_the_future", "dies tomorrow"),
]


@pytest.mark.parametrize(("kind", "row", "reason", "why"), CASES, ids=[case[3] for case in CASES])
def test_a_fact_lies_between_birth_and_death(entered, kind, row, reason, why):
    header = "卡号,年度,险种,个人缴费,缴费人,参合日期\n" if kind == "enrolment" else ""
    text_ = header + row + "\n" if header else with_row(kind, row)
    if reason is None:
        assert sum(counted(entered.sends(kind, text_).plan)) == 1
    else:
        assert [fault[4] for fault in entered.is_refused(kind, text_)] == [reason]


def test_a_death_learned_of_late_is_entered_and_the_later_enrolment_is_named(entered):
    """Refusing it would hide what it shows; the claim checks find what was paid after it."""
    row = "9901210001,2025-12-31,死亡证明 0009"
    taken = entered.sends("deaths", with_row("deaths", row))
    assert counted(taken.plan) == (1, 0, 0)
    assert [(n.row, n.reason, n.found) for n in taken.plan.notices.listed] == [(2, "enrolled_after_death", "2026")]
    member = entered.session.scalars(select(Member).where(Member.card_number == "9901210001")).one()
    years = select(Enrolment.year).where(Enrolment.member_id == member.id, Enrolment.kind == "scheme")
    assert sorted(entered.session.scalars(years)) == [2025, 2026]
    published = text("SELECT died_on FROM registry.published_death WHERE member_id = :id")
    assert entered.session.execute(published, {"id": member.id}).scalar_one() == dt.date(2025, 12, 31)


def test_an_enrolment_keeps_the_household_it_was_made_with(entered):
    """The household account of a year is the household's of that year, wherever the member moves afterwards."""
    session = entered.session
    mine = select(Enrolment.year, Enrolment.household_id).join(Member, Member.id == Enrolment.member_id)
    before = session.execute(mine.where(Member.card_number == "9901210003")).all()
    moved = entered.sends("members", _moved_to("H002"))
    assert moved.plan.changed == 1
    entered.sends("enrolment")
    entered.sends("enrolment", with_row("enrolment", "9901210003,2027,参合,20.00,本人"))
    after = dict(session.execute(mine.where(Member.card_number == "9901210003")).all())
    assert [(year, after[year]) for year, _household in before] == before
    assert after[2027] != after[2026]


def test_a_withdrawn_death_is_published_no_more_and_the_same_report_is_not_taken_again(entered):
    session = entered.session
    death = session.scalars(select(Death)).one()
    withdraw_death(session, COUNTY, death.member_id, reason="同名的另一个人", by=CLERK, at=AT)
    assert session.execute(text("SELECT count(*) FROM registry.published_death")).scalar_one() == 0
    entry = session.scalars(select(TrailEntry).order_by(TrailEntry.seq.desc())).first()
    assert (entry.act, entry.subject_id) == ("registry.death_withdrawn", str(death.member_id))
    assert [
        fault[4] for fault in entered.is_refused("deaths", with_row("deaths", f"{DIED},2026-03-05,死亡证明 0001"))
    ] == ["withdrawn_report"]
    with pytest.raises(DeathAlreadyWithdrawn):
        withdraw_death(session, COUNTY, death.member_id, reason="同名的另一个人", by=CLERK, at=AT)
    entered.sends("deaths", with_row("deaths", f"{DIED},2026-10-01,死亡证明 0077"))
    session.expire_all()
    death = session.scalars(select(Death)).one()
    assert (death.died_on, death.withdrawn_at, death.withdraw_reason) == (dt.date(2026, 10, 1), None, None)


def test_a_death_that_nobody_reported_cannot_be_withdrawn(entered):
    with pytest.raises(NotFound):
        withdraw_death(entered.session, COUNTY, 999_999_999, reason="没有的", by=CLERK, at=AT)


def test_rows_from_no_file_go_the_same_way(entered):
    """As the demo's generator enters its county: set-based, compared, in the trail, refused as a whole."""
    rows = [EnrolmentRow(f"990121000{n}", 2027, "scheme", 2_000, "member") for n in (1, 3, 4)]
    told = {"county_code": COUNTY, "by": None, "at": AT}
    plan = enter_rows(entered.session, entered.keyring, "enrolment", rows, **told)
    assert counted(plan) == (3, 0, 0)
    assert counted(enter_rows(entered.session, entered.keyring, "enrolment", rows, **told)) == (0, 0, 3)
    entry = entered.session.scalars(select(TrailEntry).order_by(TrailEntry.seq.desc())).first()
    assert (entry.act, entry.actor_kind, entry.facts["same"]) == ("registry.entered", "system", 3)
    with pytest.raises(Exception, match="unknown_card"):
        enter_rows(
            entered.session, entered.keyring, "deaths", [DeathRow("9901219999", dt.date(2026, 1, 1), "x")], **told
        )


def _moved_to(household: str) -> str:
    from tests.registry.files import MEMBERS, NUMBERS

    village = "990121002001"
    return MEMBERS.splitlines()[0] + f"\n{household},{village},9901210003,陈大山,{NUMBERS['3']},否,,\n"
