"""The demo county is whole, the same every time, and obviously nobody's."""

from __future__ import annotations

from chassis import authorisation
from chassis.vault.bank_accounts import parse_card_number
from chassis.vault.identity_numbers import parse_identity_number
from demo import county, people
from demo.sign_ins import demo_sign_ins
from oversight.claimants.pins import faults_of_pin


def test_the_same_seed_makes_the_same_county():
    county.demo_county.cache_clear()
    first = county.demo_county()
    county.demo_county.cache_clear()
    assert county.demo_county() == first


def test_the_first_county_has_twelve_townships_and_about_six_hundred_members():
    first = county.demo_county()
    members = list(first.people)
    assert len(first.townships) == 12
    assert len(first.families) == 200
    assert 550 <= len(members) <= 650
    assert 30 <= len(list(county.other_county().people)) <= 50


def test_every_number_of_a_made_up_person_is_well_formed_and_theirs_alone():
    members = [*county.demo_county().people, *county.other_county().people]
    for member in members:
        number = parse_identity_number(member.identity_number, on=county.AS_OF)
        assert (number.born_on, number.is_male) == (member.born_on, member.sex == "male")
        assert number.place_code == member.card_number[:6]
        if member.bank_account is not None:
            parse_card_number(member.bank_account)
    assert len({m.identity_number for m in members}) == len(members)
    assert len({m.card_number for m in members}) == len(members)


def test_the_places_lie_in_no_real_province():
    # GB/T 2260 ends at 82 (Macao); 99 is nobody's.
    assert all(code.startswith("99") for code, *_ in county.DIVISIONS)


def test_every_household_has_one_head():
    for family in (*county.demo_county().families, *county.other_county().families):
        assert [person.is_head for person in family.people].count(True) == 1


def test_every_role_of_a_staff_desk_can_be_tried_in_the_demo():
    held = {(person.desk, role) for person in people.STAFF for role in person.roles}
    wanted = {
        (desk, key) for key, role in authorisation.matrix().roles.items() for desk in role.desks if desk != "claimant"
    }
    assert wanted - held == set()
    names = [(person.desk, person.sign_in_name) for person in people.STAFF]
    assert len(names) == len(set(names)), "a sign-in name is used once per desk"


def test_nobody_in_the_demo_holds_roles_that_exclude_each_other():
    for person in people.STAFF:
        assert not any(pair <= set(person.roles) for pair in authorisation.matrix().conflicts)


def test_the_printed_sign_ins_name_every_person_in_both_languages():
    for language in ("zh", "en"):
        rows = demo_sign_ins(language)
        assert len(rows) == len(people.STAFF) + len(people.PINS)
        assert all(row.who and row.place and row.name and row.password for row in rows)
    assert {row.site for row in rows} == {"workspace", "portal", "claimants"}


def test_no_demo_pin_is_one_the_site_would_refuse():
    for member, pin in people.members_with_pin():
        assert faults_of_pin(pin, pin, born_on=member.born_on, card_number=member.card_number) == []
