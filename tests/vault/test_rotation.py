"""Over SQLite in memory, and over PostgreSQL, where locks, bytea and row counts are the real ones."""

import random

import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, create_engine, event, select, update
from sqlalchemy.pool import StaticPool

from chassis.db import make_engine
from chassis.vault import keys
from chassis.vault.blind_index import index, index_many
from chassis.vault.rotation import count_not_newest, reindex, reseal
from chassis.vault.sealing import key_id_of, row_id_text, seal_many, unseal_many

ROWS, CHUNK = 53, 10
PURPOSE = "bank_account"
METADATA = MetaData()
PAYEES = Table(
    "payee",
    METADATA,
    Column("county_code", String, primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("account", LargeBinary),
    Column("spare_account", LargeBinary),
    Column("account_index", LargeBinary),
)
WHERE = {"table": PAYEES, "id_columns": ("county_code", "id")}
KEYS = [("330110" if n % 3 else "330111", n) for n in range(ROWS)]
TEXTS = {key: f"62284804025648{key[1]:05d}" for key in KEYS}


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request):
    if request.param == "sqlite":
        engine = create_engine("sqlite://", poolclass=StaticPool)
    else:
        database = request.getfixturevalue("fresh_database")
        engine = make_engine(database.owner_url, schema="public")
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture()
def filled(engine, keyring):
    """Every payee has an account, every fourth none, every second a spare one."""
    ids = [row_id_text(*key) for key in KEYS]
    texts = [TEXTS[key] for key in KEYS]
    accounts = seal_many(keyring, PURPOSE, texts, table="payee", column="account", row_ids=ids)
    spares = seal_many(keyring, PURPOSE, texts, table="payee", column="spare_account", row_ids=ids)
    digests = index_many(keyring, PURPOSE, texts)
    rows = [
        {
            "county_code": key[0],
            "id": key[1],
            "account": None if n % 4 == 0 else accounts[n],
            "spare_account": spares[n] if n % 2 else None,
            "account_index": None if n % 4 == 0 else digests[n],
        }
        for n, key in enumerate(KEYS)
    ]
    random.Random(7).shuffle(rows)
    with engine.begin() as connection:
        connection.execute(PAYEES.insert(), rows)
    return engine


def next_chunk(connection, keyring, after, chunk=CHUNK):
    return reseal(
        connection,
        keyring,
        **WHERE,
        sealed_columns=("account", "spare_account"),
        purpose=PURPOSE,
        after=after,
        chunk=chunk,
    )


def run_all(engine, keyring, after=None) -> int:
    changed = 0
    while True:
        with engine.begin() as connection:
            done = next_chunk(connection, keyring, after)
        changed, after = changed + done.changed_rows, done.cursor
        if done.is_last:
            return changed


def everything_opens(engine, keyring) -> set[bytes]:
    """Each account opens to its own text; returns the ids of the keys in use."""
    in_use = set()
    with engine.connect() as connection:
        rows = connection.execute(select(PAYEES)).mappings().all()
    assert len(rows) == ROWS
    for column, present in (("account", ROWS - 14), ("spare_account", 26)):
        sealed = [row for row in rows if row[column] is not None]
        assert len(sealed) == present
        texts = unseal_many(
            keyring,
            PURPOSE,
            [row[column] for row in sealed],
            table="payee",
            column=column,
            row_ids=[row_id_text(row["county_code"], row["id"]) for row in sealed],
        )
        assert texts == [TEXTS[row["county_code"], row["id"]] for row in sealed]
        in_use |= {key_id_of(row[column]) for row in sealed}
    return in_use


def old_accounts(connection, keyring) -> int:
    return count_not_newest(connection, keyring, table=PAYEES, sealed_column="account", purpose=PURPOSE)


def test_a_rotation_stopped_after_any_chunk_goes_on_where_it_was(filled, key_file):
    for stop_after in range(7):
        new_id = bytes.fromhex(keys.rotate(key_file, PURPOSE))
        keyring, after = keys.load_keys(key_file), None
        for _ in range(stop_after):
            with filled.begin() as connection:
                after = next_chunk(connection, keyring, after).cursor or after
        with filled.connect() as connection:
            # This chunk dies with its transaction.
            next_chunk(connection, keyring, after)
            connection.rollback()
        everything_opens(filled, keys.load_keys(key_file))
        # Another process takes over; even from rows up on the cursor is only a help, so every other time it is lost.
        run_all(filled, keys.load_keys(key_file), after if stop_after % 2 else None)
        assert everything_opens(filled, keyring) == {new_id}


def test_a_second_run_finds_nothing_to_do_and_each_value_is_changed_once(filled, key_file, keyring):
    assert run_all(filled, keyring) == 0
    keys.rotate(key_file, PURPOSE)
    with filled.connect() as connection:
        assert (
            count_not_newest(connection, keyring, table=PAYEES, sealed_column="account", purpose=PURPOSE) == ROWS - 14
        )
    # Fourteen rows have no account; of these none has a spare one, being even.
    assert run_all(filled, keyring) == ROWS - 14
    assert run_all(filled, keyring) == 0
    with filled.connect() as connection:
        assert old_accounts(connection, keyring) == 0


def test_a_chunk_walks_in_key_order_and_says_when_it_is_the_last(filled, key_file, keyring):
    keys.rotate(key_file, PURPOSE)
    cursors, after = [], None
    for _ in range(10):
        with filled.begin() as connection:
            done = next_chunk(connection, keyring, after)
        if done.cursor:
            cursors.append(done.cursor)
        after = done.cursor
        if done.is_last:
            break
    assert cursors == sorted(cursors) and cursors[-1] == max(KEYS[n] for n in range(ROWS) if n % 4)
    assert len(cursors) == 4 and done.seen_rows == 9


def test_one_damaged_value_is_named_and_does_not_stop_the_others(filled, key_file, keyring):
    victim = KEYS[5]
    at_victim = (PAYEES.c.county_code == victim[0]) & (PAYEES.c.id == victim[1])
    with filled.begin() as connection:
        blob = connection.execute(select(PAYEES.c.account).where(at_victim)).scalar_one()
        damaged = bytes(blob)[:-1] + bytes([bytes(blob)[-1] ^ 1])
        connection.execute(update(PAYEES).where(at_victim).values(account=damaged))
    keys.rotate(key_file, PURPOSE)
    with filled.begin() as connection:
        done = next_chunk(connection, keyring, None, chunk=100)
    assert [(u.row_id, u.column, u.key) for u in done.unreadable] == [(row_id_text(*victim), "account", "seal_broken")]
    # Its spare account, an odd row's, was carried over all the same.
    assert done.changed_rows == ROWS - 14
    with filled.connect() as connection:
        assert bytes(connection.execute(select(PAYEES.c.account).where(at_victim)).scalar_one()) == damaged


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_value_written_between_reading_and_writing_is_left_alone(filled, key_file, keyring):
    """SQLite grants no row lock, so someone can write in between; the newer value must win."""
    victim = KEYS[5]
    keys.rotate(key_file, PURPOSE)
    cell = {"table": "payee", "column": "account", "row_ids": [row_id_text(*victim)]}
    newer = seal_many(keyring, PURPOSE, ["6222000000000000000"], **cell)[0]
    raw_write = "UPDATE payee SET account = ? WHERE county_code = ? AND id = ?"

    @event.listens_for(filled, "before_cursor_execute")
    def write_in_between(connection, cursor, statement, *rest):
        if statement.startswith("UPDATE"):
            cursor.connection.execute(raw_write, (newer, *victim))

    with filled.begin() as connection:
        done = next_chunk(connection, keyring, None, chunk=100)
    with filled.connect() as connection:
        at_victim = (PAYEES.c.county_code == victim[0]) & (PAYEES.c.id == victim[1])
        assert connection.execute(select(PAYEES.c.account).where(at_victim)).scalar_one() == newer
    assert done.changed_rows == ROWS - 14 - 1


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_chunks_rows_are_locked_as_they_are_read_and_until_its_transaction_ends(filled, key_file, keyring):
    """A damaged value is read and not written: its row shows that reading alone locks."""
    first_with_account = min(KEYS[n] for n in range(ROWS) if n % 4)
    row = (PAYEES.c.county_code == first_with_account[0]) & (PAYEES.c.id == first_with_account[1])
    with filled.begin() as connection:
        connection.execute(update(PAYEES).where(row).values(account=b"damaged", spare_account=None))
    keys.rotate(key_file, PURPOSE)
    with filled.begin() as connection:
        first = next_chunk(connection, keyring, None)
        free = select(PAYEES.c.county_code, PAYEES.c.id).with_for_update(skip_locked=True)
        with filled.connect() as other:
            untouched = [tuple(row) for row in other.execute(free)]
        assert len(first.unreadable) == 1 and first.changed_rows == CHUNK - 1
        assert len(untouched) == ROWS - CHUNK and first_with_account not in untouched


def test_a_re_index_writes_every_digest_anew_and_a_second_run_none(filled, key_file, keyring):
    keys.rotate(key_file, PURPOSE, kind="index")

    def once(after):
        with filled.begin() as connection:
            return reindex(
                connection,
                keyring,
                **WHERE,
                sealed_column="account",
                index_column="account_index",
                purpose=PURPOSE,
                normalise=str,
                after=after,
                chunk=CHUNK,
            )

    for expected in (ROWS - 14, 0):
        after, changed = None, 0
        while True:
            done = once(after)
            changed, after = changed + done.changed_rows, done.cursor
            if done.is_last:
                break
        assert changed == expected
    with filled.connect() as connection:
        for row in connection.execute(select(PAYEES).where(PAYEES.c.account.is_not(None))).mappings():
            assert row["account_index"] == index(keyring, PURPOSE, TEXTS[row["county_code"], row["id"]])
