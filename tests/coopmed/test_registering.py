"""`import-registry` from the command line: tried first, done, done again, refused."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from chassis.desks import COUNTY
from chassis.settings import env_name
from chassis.vault.keys import ensure_key_file
from coopmed.__main__ import main
from oversight.registry.imports.tables import RegistryImport
from oversight.registry.tables import Member
from tests.registry.files import FILES

BEGIN = ["new-county", "--code", "990121", "--name", "试验县", "--english", "Trial County"]
CITY = ["--city-code", "990100", "--city-name", "试验市", "--city-english", "Trial City"]


@pytest.fixture()
def run(fresh_database, tmp_path):
    ensure_key_file(tmp_path / "keys.json")
    env = {
        env_name(COUNTY.database_setting): fresh_database.url(COUNTY.database_role),
        env_name("key_file"): str(tmp_path / "keys.json"),
    }
    for kind, text in FILES.items():
        (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")

    def imports(kind: str, *more: str, county: str = "990121"):
        words = ["import-registry", kind, str(tmp_path / f"{kind}.csv"), "--county", county, *more]
        return CliRunner().invoke(main, words, env=env)

    assert CliRunner().invoke(main, [*BEGIN, *CITY], env=env).exit_code == 0
    return imports


def test_a_county_is_entered_file_by_file_and_a_dry_run_writes_nothing(run, fresh_database, tmp_path):
    for kind in FILES:
        tried = run(kind, "--dry-run")
        assert tried.output.startswith("nothing is written"), tried.output
        done = run(kind)
        assert done.exit_code == 0, done.output
        assert done.output.startswith("taken in: ")
        assert " 0 changed, 0 the same" in done.output
    assert run("members").output.startswith("taken in: 0 added, 0 changed, 4 the same")
    database = fresh_database.desk("county")
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Member)) == 4
        assert session.scalar(select(func.count()).select_from(RegistryImport)) == len(FILES) + 1
    database.engine.dispose()


def test_what_is_refused_is_told_row_by_row_and_the_command_fails(run, tmp_path):
    assert run("places").exit_code == 0
    refused = run("deaths")
    assert refused.exit_code == 1
    assert "refused, and nothing is changed: 1 faults" in refused.output
    assert "row 2 card_number: unknown_card" in refused.output
    assert "not_found" in run("places", county="990199").output
