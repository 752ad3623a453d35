"""A real county begins from the command line: its row, its first four people, and nobody else."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from chassis.desks import COUNTY
from chassis.identity.tables import Staff
from chassis.settings import env_name
from coopmed.__main__ import main
from oversight.registry.tables import Division

CITY = ["--city-code", "410100", "--city-name", "郑州市", "--city-english", "Zhengzhou"]
ZHONGMU = ["new-county", "--code", "410122", "--name", "中牟县", "--english", "Zhongmu", *CITY]
FOUR = [
    "administrator:wang.li:王力",
    "security_officer:chen.jie:陈洁",
    "security_officer:zhou.min:周敏",
    "log_auditor:sun.hao:孙浩",
]


@pytest.fixture()
def run(fresh_database):
    env = {env_name(COUNTY.database_setting): fresh_database.url(COUNTY.database_role)}
    return lambda *words: CliRunner().invoke(main, list(words), env=env)


def first_people(run, people, county="410122"):
    where = ("--desk", "county", "--county", county, "--address", "https://portal.example.cn/")
    return run("first-people", *where, *people)


def test_a_county_and_its_city_are_entered_once(run, fresh_database):
    assert "was entered" in run(*ZHONGMU).output
    assert "is there already" in run(*ZHONGMU).output
    database = fresh_database.desk("county")
    with database.transaction() as session:
        rows = session.execute(select(Division.county_code, Division.level).order_by(Division.county_code)).all()
    database.engine.dispose()
    assert [tuple(row) for row in rows] == [("410100", "city"), ("410122", "county")]


def test_a_code_that_another_county_has_is_refused_with_both_names(run):
    run(*ZHONGMU)
    answer = run(*[word.replace("中牟县", "新郑市") for word in ZHONGMU])
    assert answer.exit_code == 1
    assert "中牟县" in answer.output
    assert "新郑市" in answer.output


def test_the_first_four_are_invited_by_addresses_that_open_once(run, fresh_database):
    answer = first_people(run, FOUR)
    assert answer.exit_code == 0, answer.output
    assert answer.output.count("https://portal.example.cn/invitation/") == 4
    database = fresh_database.desk("county")
    with database.transaction() as session:
        assert session.scalars(select(Staff.status)).all() == ["invited"] * 4
    database.engine.dispose()


@pytest.mark.parametrize(
    "people",
    [FOUR[:3], [*FOUR, "director:li.na:李娜"], [*FOUR[:3], "director:li.na:李娜"]],
    ids=["one is missing", "a director among them", "a director instead"],
)
def test_nobody_but_the_three_administrators_begins_at_the_command_line(run, people):
    answer = first_people(run, people)
    assert answer.exit_code == 1
    assert "not_the_first_people" in answer.output


def test_a_desk_that_has_people_takes_no_first_people_again(run):
    first_people(run, FOUR)
    assert first_people(run, FOUR).exit_code == 1


def test_a_person_that_cannot_be_read_is_named(run):
    answer = first_people(run, ["administrator=wang.li"])
    assert answer.exit_code == 2
    assert "administrator=wang.li" in answer.output


def test_a_setting_that_is_missing_is_named_and_no_traceback_is_shown():
    answer = CliRunner().invoke(main, ["migrate"], env={"COOPMED_OWNER_DATABASE_URL": ""})
    assert answer.exit_code == 1
    assert "COOPMED_OWNER_DATABASE_URL is not set" in answer.output
    assert "Traceback" not in answer.output
