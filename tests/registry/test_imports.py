"""A registry file is taken in whole or not at all, says what it changed, and changes nothing the second time."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text

from chassis.trail.tables import TrailEntry
from oversight.registry.imports.tables import ImportChange, RegistryImport
from oversight.registry.institutions.tables import Agreement, Institution
from oversight.registry.membership.tables import Death, Enrolment, MemberStatus
from oversight.registry.tables import Household, Member, Township, Village
from tests.registry.files import ACCOUNT, AT, CLERK, COUNTY, FILES, NUMBERS, OTHER_ACCOUNT, changed, counted

ADDED = {
    "places": 3,
    "members": 4,
    "institutions": 3,
    "agreements": 3,
    "enrolment": 6,
    "statuses": 1,
    "deaths": 1,
    "catalogue": 3,
    "referrals": 1,
}
TABLES = (Township, Village, Household, Member, Institution, Agreement, Enrolment, MemberStatus, Death, ImportChange)


def everything(session) -> list[list[tuple]]:
    """All rows of the registry's tables."""
    return [sorted(map(tuple, session.execute(select(*t.__table__.columns)).all()), key=str) for t in TABLES]


@pytest.mark.parametrize("kind", FILES)
def test_the_same_file_again_changes_nothing_and_says_so(clerk, kind):
    for before in FILES:
        first = clerk.sends(before)
        assert counted(first.plan) == (ADDED[before], 0, 0), before
        if before == kind:
            break
    held = everything(clerk.session)
    again = clerk.sends(kind)
    assert counted(again.plan) == (0, 0, ADDED[kind])
    assert again.plan.changes == []
    assert everything(clerk.session) == held
    counts = select(RegistryImport.added_count, RegistryImport.changed_count, RegistryImport.same_count)
    assert clerk.session.execute(counts.where(RegistryImport.id == again.record.id)).one() == (0, 0, ADDED[kind])


def test_all_files_again_after_all_files_change_nothing(entered):
    held = everything(entered.session)
    for kind in FILES:
        assert counted(entered.sends(kind).plan) == (0, 0, ADDED[kind]), kind
    assert everything(entered.session) == held


CHANGES = [
    ("places", "西河村", "西沙河村", [(3, "990121001002", "name_zh", "西河村", "西沙河村")]),
    ("places", "河口镇", "大河口镇", [(2, "990121001", "name_zh", "河口镇", "大河口镇")]),
    ("members", "陈大山", "陈大川", [(4, "9901210003", "name", "陈大山", "陈大川")]),
    ("members", "990121002001", "990121001002", [(5, "H002", "village_code", "990121002001", "990121001002")]),
    (
        "members",
        "13800001234",
        "13800009876",
        [(2, "9901210001", "phone", "138****1234", "138****9876")],
    ),
    (
        "members",
        ACCOUNT,
        OTHER_ACCOUNT,
        [(2, "9901210001", "bank_account", f"****{ACCOUNT[-4:]}", f"****{OTHER_ACCOUNT[-4:]}")],
    ),
    ("institutions", "乡级,30", "乡级,45", [(2, "990121101", "beds", "30", "45")]),
    (
        "institutions",
        "33001616783050000999",
        "33001616783050000777",
        [(3, "990121201", "bank_account", "****0999", "****0777")],
    ),
    (
        "agreements",
        "2026-07-01",
        "2026-08-01",
        [(3, "990121201 2024-01-01", "until_on", "2026-07-01", "2026-08-01")],
    ),
    (
        "enrolment",
        "0.00,民政",
        "20.00,本人",
        [
            (6, "9901210003 2026 scheme", "premium_fen", "0.00", "20.00"),
            (6, "9901210003 2026 scheme", "paid_by", "civil_affairs", "member"),
        ],
    ),
    ("statuses", "贫困户", "五保户", [(2, "9901210003 2025-01-01", "status", "poor", "five_guarantee")]),
    ("deaths", "2026-03-05", "2026-03-06", [(2, "9901210002", "died_on", "2026-03-05", "2026-03-06")]),
    (
        "catalogue",
        "12.3456,12.3456,12.3456",
        "12.3456,,12.3456",
        [(3, "B001 2024-01-01", "limit_county_e4", "12.3456", None)],
    ),
    ("referrals", "本院无法手术", "需要放疗", [(2, "ZZ-0001", "reason", "本院无法手术", "需要放疗")]),
]


@pytest.mark.parametrize(("kind", "old", "new", "expected"), CHANGES)
def test_a_changed_row_names_old_and_new_and_is_kept(entered, kind, old, new, expected):
    taken = entered.sends(kind, FILES[kind].replace(old, new))
    assert changed(taken.plan) == expected
    assert taken.plan.added == 0
    assert taken.plan.changed == 1
    kept = select(
        ImportChange.row_no,
        ImportChange.subject,
        ImportChange.column_name,
        ImportChange.old_value,
        ImportChange.new_value,
    ).where(ImportChange.import_id == taken.record.id)
    assert [tuple(row) for row in entered.session.execute(kept.order_by(ImportChange.change_no))] == expected
    assert counted(entered.sends(kind, FILES[kind].replace(old, new)).plan)[:2] == (0, 0)


def test_a_fault_in_the_last_row_leaves_nothing_of_the_rows_before(entered):
    held = everything(entered.session)
    text_ = FILES["enrolment"].replace("本人", "民政") + "9901219999,2026,参合,20.00,本人\n"
    assert entered.is_refused("enrolment", text_) == [(8, "card_number", "990121…", "9901219999", "unknown_card")]
    assert everything(entered.session) == held
    assert entered.session.scalar(select(func.count()).select_from(RegistryImport)) == len(FILES)


def test_every_fault_of_a_file_is_told_at_once(entered):
    text_ = FILES["referrals"].splitlines()[0] + (
        "\nZZ-2,9901210009,990121101,990121999,原因,2026-05-01,2026-06-01"
        "\nZZ-3,9901210001,990121101,990121101,原因,2026-05-01,2026-05-01\n"
    )
    assert entered.is_refused("referrals", text_) == [
        (2, "card_number", "990121…", "9901210009", "unknown_card"),
        (2, "to_institution_code", "", "990121999", "unknown_institution"),
        (3, "valid_until_on", "> 2026-05-01", "2026-05-01", "empty_period"),
        (3, "to_institution_code", "", "990121101", "same_institution"),
    ]


def test_an_import_stands_in_the_trail_with_its_fingerprint(clerk):
    taken = clerk.sends("places")
    entry = clerk.session.scalars(select(TrailEntry).order_by(TrailEntry.seq.desc())).first()
    assert (entry.act, entry.subject_id, entry.actor_id) == ("registry.imported", str(taken.record.id), str(CLERK))
    assert entry.facts["sha256"] == taken.record.sha256.hex()
    assert (entry.facts["added"], entry.facts["changed"], entry.facts["same"]) == (3, 0, 0)


def test_every_fact_says_when_by_whom_and_from_which_file(entered):
    imports = dict(entered.session.execute(select(RegistryImport.kind, RegistryImport.id)).all())
    for mapped, kind in (
        (Member, "members"),
        (Household, "members"),
        (Enrolment, "enrolment"),
        (MemberStatus, "statuses"),
        (Institution, "institutions"),
    ):
        rows = entered.session.execute(select(mapped.recorded_at, mapped.recorded_by, mapped.import_id)).all()
        assert {tuple(row) for row in rows} == {(AT, CLERK, imports[kind])}, kind


def test_no_number_of_a_person_stands_in_the_clear_anywhere(entered):
    """Not in a row, not in a record of change, not in a fault."""
    entered.sends("members", FILES["members"].replace(ACCOUNT, OTHER_ACCOUNT))
    faults = entered.is_refused("members", FILES["members"].replace(NUMBERS["1"], NUMBERS["1"][:17]))
    written = [
        entered.session.execute(text(f"SELECT t::text FROM registry.{table} t")).scalars().all()
        for table in ("member", "import_change", "registry_import", "institution")
    ]
    whole = str(written) + str(faults) + str(changed(entered.sends("members").plan))
    for number in (*NUMBERS.values(), ACCOUNT, OTHER_ACCOUNT, "13800001234", "33001616783050000888", NUMBERS["1"][:17]):
        assert number not in whole


def test_statements_are_as_many_for_three_hundred_rows_as_for_three(entered):
    def statements(rows: int) -> int:
        seen = []
        text_ = FILES["catalogue"].splitlines()[0] + "\n"
        text_ += "".join(f"N{rows}-{n},项目{n},甲,药品,2024-01-01,,1.0000,,,\n" for n in range(rows))
        from sqlalchemy import event

        connection = entered.session.connection()
        event.listen(connection, "before_cursor_execute", lambda *told: seen.append(told[2]))
        entered.sends("catalogue", text_)
        return len(seen)

    few = statements(3)
    assert statements(300) == few
    assert few < 20


def test_another_countys_cards_and_places_are_unknown(entered):
    assert entered.session.scalar(select(func.count()).where(Member.county_code == COUNTY)) == 4
    other = FILES["places"].replace("990121", "990122")
    assert {fault[4] for fault in entered.is_refused("places", other)} == {"not_within"}
