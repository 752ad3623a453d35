"""The views in the database are what `rulebook.published` promises, and nothing sealed crosses through them."""

from __future__ import annotations

import psycopg
import pytest

from rulebook.published import SETTLEMENTS, VIEWS

# What PostgreSQL may hold for a column of each promised type.
HELD_AS = {
    "int64": {"bigint"},
    "int32": {"integer"},
    "int8": {"smallint"},
    "bool": {"boolean"},
    "str": {"text", "character"},
    "bytes": {"bytea"},
    "datetime64[D]": {"date"},
    "datetime64[us]": {"timestamp with time zone"},
}
COUNTY_READERS = ("county_rw", "auditor_ro")


@pytest.fixture(scope="module")
def catalogue(house_database):
    with psycopg.connect(house_database.owner_url, autocommit=True) as connection:
        yield connection


def columns_of(catalogue, view: str) -> dict[str, str]:
    rows = catalogue.execute(
        "SELECT column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = 'contractor' AND table_name = %s ORDER BY ordinal_position",
        [view],
    ).fetchall()
    return dict(rows)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_has_the_promised_columns_in_order_and_type(catalogue, view):
    held = columns_of(catalogue, view.name)
    assert list(held) == ["county_code", *view.names()]
    wrong = {c.name: held[c.name] for c in view.columns if held[c.name] not in HELD_AS[c.dtype]}
    assert wrong == {}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_column_that_may_be_null_says_so(catalogue, view):
    """Asked of the tables behind: a view's own columns know nothing of NOT NULL."""
    table = {"published_batches": "payment_batch", "published_account_entries": "account_entry"}.get(
        view.name, view.name.removeprefix("published_").removesuffix("s")
    )
    renamed = {"claim": "claim_id", "settlement": "settlement_id", "payment": "payment_id"}
    renamed |= {"payment_batch": "batch_id", "posting": "posting_id"}
    nullable = {
        (renamed.get(table, name) if name == "id" else name)
        for (name,) in catalogue.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'contractor' "
            "AND table_name = %s AND is_nullable = 'YES'",
            [table],
        )
    }
    assert {c.name for c in view.columns if c.is_optional} == nullable & set(view.names())


def test_nothing_sealed_and_no_bank_account_crosses(catalogue):
    crossing = catalogue.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'contractor' "
        "AND table_name LIKE 'published\\_%%' AND (column_name ~ 'sealed|account_index|payee_account|account_name')"
    ).fetchall()
    assert crossing == []


def test_the_county_and_its_auditors_read_every_view_and_a_member_none(catalogue):
    for view in VIEWS:
        for role in COUNTY_READERS:
            assert _may_read(catalogue, role, view.name), (role, view.name)
        assert not _may_read(catalogue, "claimant_rw", view.name)


def test_the_finance_desk_reads_money_and_no_treatment(catalogue):
    readable = {view.name for view in VIEWS if _may_read(catalogue, "finance_rw", view.name)}
    assert readable == {"published_payments", "published_batches", "published_postings", "published_legs"}


def test_an_amount_is_a_whole_number_in_every_view(catalogue):
    rows = catalogue.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'contractor' "
        "AND table_name LIKE 'published\\_%%' AND column_name LIKE '%%\\_fen' AND data_type <> 'bigint'"
    ).fetchall()
    assert rows == []
    assert "cost_fen" in SETTLEMENTS.names()


def _may_read(catalogue, role: str, view: str) -> bool:
    return catalogue.execute("SELECT has_table_privilege(%s, %s, 'SELECT')", [role, f"contractor.{view}"]).fetchone()[0]
