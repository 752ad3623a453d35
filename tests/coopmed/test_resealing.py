"""A rotated key carries every sealed value of the house with it, and stopping half-way loses none."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from chassis import clock
from chassis.db import house_metadata
from chassis.vault.keys import load_keys, rotate
from chassis.vault.sealed_files import SealedFile
from chassis.vault.sealing import head_of_newest, row_id_text, unseal
from contractor.documents import keeping
from coopmed.resealing import FOLDERS, SEALED, reseal_all, reseal_column, sealed_columns
from demo import county
from oversight.registry.tables import Member
from tests.documents import files
from tests.sites import settings_for_tests


@pytest.fixture()
def registry(fresh_database, tmp_path):
    """A small county with sealed numbers, its database and the path of its keys."""
    settings = settings_for_tests(tmp_path, county_database_url=fresh_database.url("county_rw"))
    path = Path(settings.required("key_file"))
    database = fresh_database.desk("county")
    with database.transaction() as session:
        county.write_divisions(session)
        county.write_county(session, load_keys(path), county.other_county(), at=clock.now())
    yield database, path, settings
    database.engine.dispose()


def numbers(database, keyring) -> dict[int, str]:
    with database.transaction() as session:
        rows = session.execute(select(Member.county_code, Member.id, Member.identity_number_sealed)).all()
    cell = {"table": "registry.member", "column": "identity_number_sealed"}
    return {
        member_id: unseal(keyring, "identity_number", blob, row_id=row_id_text(code, member_id), **cell)
        for code, member_id, blob in rows
    }


def still_old(database, keyring) -> int:
    head = head_of_newest(keyring, "identity_number")
    with database.transaction() as session:
        old = func.substr(Member.identity_number_sealed, 1, len(head)) != head
        return session.execute(select(func.count()).select_from(Member).where(old)).scalar_one()


def test_every_sealed_column_of_the_house_is_carried_over():
    there = {(t.fullname, c.name) for t in house_metadata().sorted_tables for c in t.columns if c.name.endswith(SEALED)}
    assert {(s.table.fullname, s.column) for s in sealed_columns()} == there
    assert ("registry.member", "bank_account_sealed") in there
    assert ("contractor.totp_factor", "secret_sealed") in there


def test_after_a_rotation_every_value_is_sealed_by_the_new_key_and_says_the_same(registry):
    database, path, settings = registry
    before = numbers(database, load_keys(path))
    assert len(before) > 30
    rotate(path, "identity_number")
    keyring = load_keys(path)
    assert still_old(database, keyring) == len(before)
    said: list[str] = []
    assert reseal_all(settings, keyring, said.append) == 0
    assert still_old(database, keyring) == 0
    assert numbers(database, keyring) == before
    assert f"  registry.member.identity_number_sealed: {len(before)} sealed anew" in said


def test_stopped_after_the_first_chunk_the_rest_is_done_by_the_next_run(registry):
    database, path, settings = registry
    before = numbers(database, load_keys(path))
    rotate(path, "identity_number")
    keyring = load_keys(path)
    name = ("registry.member", "identity_number_sealed")
    column = next(s for s in sealed_columns() if (s.table.fullname, s.column) == name)
    changed, broken = next(reseal_column(database, keyring, column, chunk=10))
    assert (changed, broken) == (10, ())
    assert still_old(database, keyring) == len(before) - 10
    assert numbers(database, keyring) == before
    reseal_all(settings, keyring, lambda line: None)
    assert still_old(database, keyring) == 0


def test_papers_of_claims_are_sealed_by_the_new_key_and_show_the_same(tmp_path):
    settings = settings_for_tests(tmp_path)
    path = Path(settings.required("key_file"))
    folder = keeping.folder_of(settings)
    kept = keeping.prepare(files.pdf(), "发票.pdf", folder, load_keys(path))
    before = keeping.picture(folder, kept.stored_as, kept.pictures.pages, 1, load_keys(path))
    rotate(path, "document")
    keyring, said = load_keys(path), []
    assert reseal_all(settings, keyring, said.append) == 0
    assert "  documents: 2 files sealed anew" in said
    newest = keyring.newest("document").id
    assert {SealedFile(one, keyring, "document").head[2:] for one in folder.iterdir()} == {newest}
    assert keeping.picture(folder, kept.stored_as, kept.pictures.pages, 1, keyring) == before
    reseal_all(settings, keyring, said.append)
    assert said[-2:] == ["  documents: 0 files sealed anew", "  incoming: 0 files sealed anew"]


def test_a_paper_that_does_not_open_is_named_and_the_others_are_carried_over(tmp_path):
    settings = settings_for_tests(tmp_path)
    path = Path(settings.required("key_file"))
    folder = keeping.folder_of(settings)
    spoiled, _whole = [keeping.prepare(files.pdf(), "发票.pdf", folder, load_keys(path)) for _ in range(2)]
    file = folder / f"{spoiled.stored_as}.came"
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    rotate(path, "document")
    said: list[str] = []
    assert reseal_all(settings, load_keys(path), said.append) == 1
    assert f"  documents/{file.name} does not open (seal_broken)" in said
    assert "  documents: 3 files sealed anew" in said
    assert sorted(one.name for one in folder.iterdir() if one.name.startswith(".")) == []


def test_a_connection_that_is_not_given_is_named_and_not_guessed(tmp_path):
    settings = settings_for_tests(tmp_path)
    said: list[str] = []
    assert reseal_all(settings, load_keys(Path(settings.required("key_file"))), said.append) == 0
    of_columns = [line for line in said if "_database_url" in line]
    assert len(of_columns) == len(sealed_columns()) and len(said) == len(of_columns) + len(FOLDERS)
    assert all("passed over" in line for line in of_columns)
