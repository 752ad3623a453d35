"""Lists of households and members: numbers checked and sealed, one person one member, one head a household."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from chassis.vault.blind_index import candidates
from chassis.vault.sealing import row_id_text, unseal
from oversight.registry.tables import Household, Member
from tests.registry.files import ACCOUNT, MEMBERS, NUMBERS, SPARE_NUMBER, counted, with_row

ONE = NUMBERS["1"]
WRONG_CHECK = ONE[:-1] + ("1" if ONE[-1] != "1" else "2")


def row(
    card="9901210009", name="赵一", number=SPARE_NUMBER, household="H009", village="990121001001", head="是", more=",,"
):
    return f"{household},{village},{card},{name},{number},{head}{more}"


FAULTS = [
    (row(number=WRONG_CHECK), "identity_number", "identity_check_character"),
    (row(number="110101900307771"), "identity_number", "identity_fifteen_digits"),
    (row(number=ONE[:17]), "identity_number", "identity_length"),
    (row(number=ONE[:6] + "20240230" + ONE[14:]), "identity_number", "identity_no_such_day"),
    (row(number=ONE[:6] + "20991231" + ONE[14:]), "identity_number", "identity_future"),
    (row(number=ONE[:6] + "18800101" + ONE[14:]), "identity_number", "identity_too_long_ago"),
    (row(number="".join(chr(ord(c) + 0xFEE0) for c in ONE)), "identity_number", "identity_full_width"),
    (row(number=ONE[:5] + "A" + ONE[6:]), "identity_number", "identity_characters"),
    (row(number="5.1012E+17"), "identity_number", "identity_length"),
    (row(number=ONE), "identity_number", "same_identity_number"),
    (row(card="9901220009"), "card_number", "not_within"),
    (row(card="990121"), "card_number", "not_a_card_number"),
    (row(card="99012100A9"), "card_number", "not_a_card_number"),
    (row(card="9.9E+09"), "card_number", "exponent_notation"),
    (row(village="990121001009"), "village_code", "unknown_village"),
    (row(household="H001"), "is_head", "two_heads"),
    (row(head="也许"), "is_head", "not_a_choice"),
    (row(name="\u3000"), "name", "blank"),
    (row(name="赵\u202e一"), "name", "control_character"),
    (row(more=f",,{ACCOUNT[:-1]}{(int(ACCOUNT[-1]) + 1) % 10}"), "bank_account", "account_check_digit"),
    (row(more=",,6.22848E+18"), "bank_account", "account_characters"),
    (row(more=",12345,"), "phone", "not_a_phone"),
]


@pytest.mark.parametrize(
    ("line", "column", "reason"), FAULTS, ids=[f"{case[1]} {case[2]} {n}" for n, case in enumerate(FAULTS)]
)
def test_a_row_with_one_thing_wrong_is_refused_by_name(people, line, column, reason):
    faults = people.is_refused("members", with_row("members", line))
    assert [(fault[0], fault[1], fault[4]) for fault in faults] == [(2, column, reason)]


def test_rows_that_contradict_each_other_are_refused(people):
    text = (
        with_row("members", row())
        + row(card="9901210008", village="990121001002", head="否", number=SPARE_NUMBER)
        + "\n"
    )
    assert [(fault[0], fault[4]) for fault in people.is_refused("members", text)] == [
        (3, "contradicts_row"),
        (3, "same_identity_number"),
    ]
    assert [
        (fault[0], fault[4])
        for fault in people.is_refused("members", MEMBERS + row(card="9901210001", household="H005") + "\n")
    ] == [(6, "row_twice")]


def test_a_number_is_sealed_for_its_own_row_and_found_by_its_index(people):
    member = people.session.scalars(select(Member).where(Member.card_number == "9901210001")).one()
    opened = unseal(
        people.keyring,
        "identity_number",
        member.identity_number_sealed,
        table="registry.member",
        column="identity_number_sealed",
        row_id=row_id_text(member.county_code, member.id),
    )
    assert opened == ONE
    assert member.identity_number_index in candidates(people.keyring, "identity_number", ONE)
    assert (member.sex, str(member.born_on), member.name_pinyin) == ("male", "1960-05-04", "chen you fu")


def test_two_members_whose_numbers_were_swapped_get_their_own(people):
    swapped = MEMBERS.replace(NUMBERS["1"], "x").replace(NUMBERS["3"], NUMBERS["1"]).replace("x", NUMBERS["3"])
    assert counted(people.sends("members", swapped).plan) == (0, 2, 2)
    born = dict(people.session.execute(select(Member.card_number, Member.born_on)).all())
    assert (str(born["9901210001"]), str(born["9901210003"])) == ("1990-01-31", "1960-05-04")
    assert counted(people.sends("members", swapped).plan) == (0, 0, 4)


def test_another_head_takes_the_place_when_both_rows_say_so(people):
    other = MEMBERS.replace(f"{NUMBERS['1']},是", f"{NUMBERS['1']},否").replace(
        f"{NUMBERS['2']},否", f"{NUMBERS['2']},是"
    )
    assert counted(people.sends("members", other).plan) == (0, 2, 2)
    heads = people.session.scalars(select(Member.card_number).where(Member.is_head).order_by(Member.card_number))
    assert list(heads) == ["9901210002", "9901210004"]


def test_an_empty_phone_or_account_takes_nothing_away(people):
    bare = MEMBERS.replace("13800001234", "").replace(ACCOUNT, "")
    assert counted(people.sends("members", bare).plan) == (0, 0, 4)
    without_columns = "\n".join(",".join(line.split(",")[:6]) for line in MEMBERS.splitlines()) + "\n"
    assert counted(people.sends("members", without_columns).plan) == (0, 0, 4)


def test_a_member_moves_to_another_household_and_a_new_one_is_made_for_it(people):
    moved = MEMBERS.replace("H001,990121001001,9901210003", "H777,990121001002,9901210003")
    assert counted(people.sends("members", moved).plan) == (0, 1, 3)
    households = people.session.execute(
        select(Household.household_number, Household.village_code).order_by(Household.household_number)
    )
    assert [tuple(one) for one in households] == [
        ("H001", "990121001001"),
        ("H002", "990121002001"),
        ("H777", "990121001002"),
    ]


@pytest.mark.parametrize("spoilt", [ONE + "\u202e", ONE + "0" * 30, "\u200b" + ONE])
def test_a_number_the_reader_cannot_read_is_not_told_either(people, spoilt):
    faults = people.is_refused("members", with_row("members", row(number=spoilt)))
    assert [fault[1] for fault in faults] == ["identity_number"]
    assert ONE not in str(faults)
