"""Packed columns hold what the rows hold: odd words, ends of line, days without end, nothing at all; never a shift."""

from __future__ import annotations

import numpy as np
import psycopg
import pytest
from psycopg import sql

from oversight.feed.packing import (
    LAST_DAY,
    Misaligned,
    Packed,
    Sparse,
    _asked,
    joined,
    read_packed,
    together,
    word,
)
from oversight.feed.snapshots import reading


@pytest.fixture(scope="module")
def connection(house_database):
    with psycopg.connect(house_database.url("county_rw")) as connection:
        yield connection


def values(rows: list[tuple], names: str) -> sql.Composed:
    """A FROM clause of these rows."""
    said = sql.SQL(", ").join(sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row))) for row in rows)
    return sql.SQL("(VALUES {}) AS one ({})").format(said, sql.SQL(names))


def test_numbers_and_days_come_as_they_are(connection):
    source = values([(1, "2026-02-28"), (-(2**62), "1999-12-31"), (2**62, "infinity")], "amount, held_on")
    found = read_packed(
        connection, source, [Packed("amount"), Packed("held_on", "day", "held_on::date")], {}
    )  # fmt: skip
    assert found["amount"].tolist() == [1, -(2**62), 2**62]
    assert found["held_on"].tolist() == [np.datetime64("2026-02-28"), np.datetime64("1999-12-31"), LAST_DAY]


@pytest.mark.parametrize(
    "words",
    [
        ["a", "b", "a", "c"],
        ["approved", "received", "", "approved", "in_second_review"],
        ["YP000001", "YP000002", "YP000001"],
        ["a-code-of-more-than-eight-letters-1", "a-code-of-more-than-eight-letters-2"],
        ["1234567\0".replace("\0", "8"), "12345678", "1234567"],
        ["项目一", "项目二", "项目一"],
        ["two\nlines", "plain", "two lines", "\n"],
    ],
    ids=lambda words: words[0][:10],
)
def test_a_word_gets_the_number_of_its_own_and_no_other(connection, words):
    known = {one: number for number, one in enumerate(dict.fromkeys(words)) if "\n" not in one}
    found = read_packed(
        connection, values([(one,) for one in words], "said"), [Packed("said", "word", "said", known)], {}
    )
    assert found["said"].tolist() == [known.get(one.replace("\n", " "), -1) for one in words]


def test_a_word_that_is_not_known_is_minus_one(connection):
    found = read_packed(connection, values([("a",), ("z",)], "said"), [word("said", ["a", "b"])], {})
    assert found["said"].tolist() == [0, -1]


def test_a_null_is_never_taken_for_the_next_rows_value(connection):
    rows = values([(1,), (None,), (3,)], "amount")
    with pytest.raises(Misaligned):
        read_packed(connection, rows, [Packed("amount")], {})
    found = read_packed(connection, rows, [Packed("amount", "int64", "coalesce(amount, 0)")], {})
    assert found["amount"].tolist() == [1, 0, 3]


TOGETHER = (
    together(Packed("amount"), (Packed("kind", "int8"), 8), (Packed("held_on", "day", "held_on::date"), 16)),
    together(Packed("price"), (Packed("top_up"), 32)),
)
FITTING = [
    (1, 2, "2026-02-28", 3, 4),
    (-1, -2, "1999-12-31", -3, -4),
    (2**39 - 1, 127, "2089-09-17", 2**31 - 1, 2**31 - 1),
    (-(2**39) + 1, -128, "1910-04-15", -(2**31) + 1, -(2**31)),
    (0, 0, "2000-01-01", 0, 0),
]
NAMES = "amount, kind, held_on, price, top_up"


def columns_in(found: dict[str, np.ndarray]) -> list[tuple]:
    rows = zip(*(found[name].tolist() for name in ("amount", "kind", "price", "top_up")), strict=True)
    return [(*row[:2], str(day), *row[2:]) for row, day in zip(rows, found["held_on"], strict=True)]


def test_columns_that_travel_together_come_as_they_are_up_to_their_widths_and_signs(connection):
    source = values(FITTING, NAMES)
    count, *parts = _asked(connection, source, TOGETHER, {}, is_plain=True)
    assert (count, [len(part) for part in parts]) == (5, [40, 40]), "they did travel together"
    assert columns_in(read_packed(connection, source, TOGETHER, {})) == FITTING


@pytest.mark.parametrize(
    "row",
    [
        (2**39, 0, "2026-02-28", 0, 0),
        (0, 128, "2026-02-28", 0, 0),
        (0, -129, "2026-02-28", 0, 0),
        (0, 0, "2089-09-18", 0, 0),
        (0, 0, "1066-10-14", 0, 0),
        (0, 0, "2026-02-28", 2**40, 0),
        (0, 0, "2026-02-28", 0, 2**31),
        (0, 0, "2026-02-28", 0, -(2**31) - 1),
        (0, 0, "2026-02-28", -(2**62), -(2**62)),
    ],
    ids=str,
)
def test_what_is_too_large_for_its_part_comes_by_itself_and_touches_nothing_beside_it(connection, row):
    rows = [*FITTING[:2], row]
    narrow = (TOGETHER[0].columns[0], Packed("kind", "int64"), TOGETHER[0].columns[2])
    columns = (together(narrow[0], (narrow[1], 8), (narrow[2], 16)), TOGETHER[1])
    assert columns_in(read_packed(connection, values(rows, NAMES), columns, {})) == rows


def test_a_null_among_columns_that_travel_together_is_never_taken_for_anothers_value(connection):
    for place in (0, 1, 3, 4):
        row = tuple(None if number == place else value for number, value in enumerate(FITTING[0]))
        with pytest.raises(Misaligned):
            read_packed(connection, values([FITTING[1], row, FITTING[2]], NAMES), TOGETHER, {})


def test_of_a_column_that_is_nearly_always_nought_every_value_comes_to_its_own_row(connection):
    rows = [(0,), (5,), (0,), (-7,), (2**62,), (0,)]
    columns = (
        together(Packed("one", "int64", "1"), (Packed("is_there", "int8", "(amount <> 0)::integer"), 8)),
        Sparse(Packed("amount"), flag="is_there"),
    )
    found = read_packed(connection, values(rows, "amount"), columns, {})
    assert found["amount"].tolist() == [amount for (amount,) in rows]


def test_no_rows_are_empty_columns_of_the_same_types(connection):
    columns = [Packed("amount"), Packed("held_on", "day", "held_on::date"), word("said", ["a"])]
    source = sql.SQL("(SELECT 1 AS amount, now() AS held_on, 'a' AS said WHERE false) AS one")
    read, none = read_packed(connection, source, columns, {}), joined([], columns)
    assert {name: column.dtype for name, column in read.items()} == {name: c.dtype for name, c in none.items()}
    assert all(len(column) == 0 for column in read.values())


def test_all_readers_see_one_moment(fresh_database):
    desk = fresh_database.desk("county")
    count = "SELECT count(*) FROM registry.division"
    with reading(desk.engine, readers=3) as snapshot:
        before = snapshot.one(lambda one: one.execute(count).fetchone()[0])
        with psycopg.connect(fresh_database.owner_url) as writer:
            writer.execute(
                "INSERT INTO registry.division (county_code, level, city_code, name_zh, name_en, name_pinyin) "
                "VALUES ('990300', 'city', '990300', '新市', 'New', 'xinshi')"
            )
        seen = list(snapshot.each([lambda one: one.execute(count).fetchone()[0]] * 12))
    assert seen == [before] * 12
    with reading(desk.engine) as later:
        assert later.one(lambda one: one.execute(count).fetchone()[0]) == before + 1
    desk.engine.dispose()


def test_a_reader_writes_nothing(fresh_database):
    desk = fresh_database.desk("county")
    with reading(desk.engine, readers=2) as snapshot:
        for answer in (snapshot.each([_write]), snapshot.each([_write])):
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                list(answer)
    desk.engine.dispose()


def _write(connection: psycopg.Connection) -> None:
    connection.execute("UPDATE oversight.recomputation SET stage = 'x'")
