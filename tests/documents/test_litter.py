"""A sealed file without a row is taken away after a day; one that a row knows, or that is young, never."""

from __future__ import annotations

import datetime as dt
import io
import os
from types import SimpleNamespace

import pytest

from chassis import clock
from contractor.claims.uploads import keeping as uploads
from contractor.documents import keeping
from contractor.documents.jobs import KEPT_FOR, clear_litter, known_names
from tests.api.programs import make_programs
from tests.claims_pages.desks import at_desk, waiting
from tests.documents import files
from tests.documents.test_pages import added


@pytest.fixture(scope="module")
def programs(module_database, tmp_path_factory):
    made = make_programs(module_database, tmp_path_factory.mktemp("litter"))
    made.app.config["WTF_CSRF_ENABLED"] = False
    yield made
    made.close()


def test_only_old_files_that_no_row_knows_are_taken_away(programs):
    reviewer, claim_id = at_desk(programs, "reviewer"), waiting(programs, 0)
    assert added(reviewer, claim_id, files.pdf()).status_code == 303
    house = programs.app.extensions["coopmed"]
    folder, incoming = keeping.folder_of(house.settings), uploads.folder_of(house.settings)
    with programs.database.transaction() as session:
        known = known_names(session)
    of_a_row = {path.name for path in folder.iterdir()}
    assert len(of_a_row) == 2 and {path.stem for path in folder.iterdir()} <= known
    orphan = keeping.prepare(files.pdf(2), "没有记下.pdf", folder, house.keyring).stored_as
    sent, _sha256, _bytes = uploads.store(io.BytesIO(b"sent and forgotten"), incoming, house.keyring)
    young = keeping.prepare(files.pdf(3), "正在加.pdf", folder, house.keyring).stored_as
    now = clock.now()
    long_ago = (now - KEPT_FOR - dt.timedelta(minutes=1)).timestamp()
    for path in (*folder.iterdir(), incoming / sent):
        if path.stem != young:
            os.utime(path, (long_ago, long_ago))
    with programs.database.transaction() as session:
        clear_litter(session, SimpleNamespace(house=house), now)
    left = {path.name for path in folder.iterdir()}
    assert left == of_a_row | {f"{young}.came", f"{young}.shown"}
    assert orphan not in " ".join(left) and not (incoming / sent).exists()
