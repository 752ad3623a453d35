"""Everything the pages do a program does too, for the same people, or it is said why people alone do it."""

from __future__ import annotations

from chassis.authorisation import ANYONE, matrix
from contractor.api_coverage import DONE_BY, PAGE, PEOPLE_ALONE, covered, name_of, operations, page, pages


def test_every_act_and_read_of_a_page_has_its_operation_or_its_reason():
    known = {name_of(rule): rule for rule in pages()}
    said = DONE_BY.keys() | PEOPLE_ALONE.keys()
    unsaid = [name for name, rule in known.items() if name not in said and not rule.step_up]
    assert unsaid == [], "say in contractor/api_coverage.py which operation does it, or why people alone do"
    assert sorted(said - known.keys()) == [], "a page that is gone"
    assert sorted(DONE_BY.keys() & PEOPLE_ALONE.keys()) == []


def test_every_operation_stands_for_something_that_a_page_does():
    """But for nothing: what a program alone could do would be a door that nobody sees."""
    by_token = {
        rule.endpoint
        for rule in matrix().rules.values()
        if rule.desk == "contractor" and rule.by_token and ANYONE not in rule.who
    }
    assert operations().keys() == by_token
    assert {name for names in DONE_BY.values() for name in names} == by_token


def test_no_operation_is_open_to_somebody_to_whom_its_page_is_closed():
    doors = {rule.endpoint: rule for rule in matrix().rules.values() if rule.by_token}
    pages_of: dict[str, set[str]] = {}
    for one in covered():
        for name in one.operations:
            pages_of.setdefault(name, set()).update(one.page.who)
    wider = {name: sorted(doors[name].who - who) for name, who in pages_of.items() if doors[name].who - who}
    assert wider == {}


def test_an_act_on_the_page_is_an_act_for_a_program_and_a_read_is_a_read():
    known = operations()
    for one in covered():
        if one.page.method == "POST":
            assert any(known[name].method == "POST" for name in one.operations) or one.reason, name_of(one.page)


def test_every_operation_with_an_effect_asks_for_a_key():
    without = [name for name, one in operations().items() if one.method == "POST" and not one.is_once]
    assert without == ["desk_api.preview"], "a forecast alone changes nothing"


def test_money_is_moved_by_no_program():
    acts = [name for name, one in operations().items() if name.startswith(("payments_api", "ledger_api"))]
    assert acts and all(operations()[name].method == "GET" for name in acts)


def test_the_page_of_the_docs_is_the_one_the_code_draws():
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m contractor.api_coverage"
