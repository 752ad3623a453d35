"""Two people send files for one county at the same moment: they wait for each other, and nothing is entered twice."""

from __future__ import annotations

import threading

from sqlalchemy import func, select

from demo.county import write_divisions
from oversight.registry.imports.importing import take_in
from oversight.registry.imports.kinds import KINDS
from oversight.registry.tables import Member
from tests.registry.files import AT, CLERK, COUNTY, FILES


def test_the_same_file_sent_by_two_at_once_is_entered_once(fresh_database, lasting_keys, tmp_path):
    database = fresh_database.desk("county")
    for kind in ("places", "members"):
        (tmp_path / f"{kind}.csv").write_text(FILES[kind], encoding="utf-8")
    with database.transaction() as session:
        write_divisions(session)
        _take(session, lasting_keys, "places", tmp_path)
    ready, counts, errors = threading.Barrier(4), [], []

    def clerk() -> None:
        try:
            with database.transaction() as session:
                session.execute(select(1))
                ready.wait(30)
                plan = _take(session, lasting_keys, "members", tmp_path)
            counts.append((plan.added, plan.changed, plan.same))
        except Exception as error:
            errors.append(repr(error))

    clerks = [threading.Thread(target=clerk) for _ in range(4)]
    for one in clerks:
        one.start()
    for one in clerks:
        one.join(60)
    assert errors == []
    assert sorted(counts) == [(0, 0, 4)] * 3 + [(4, 0, 0)]
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Member)) == 4
    database.engine.dispose()


def _take(session, keyring, kind, folder):
    told = {"file_name": f"{kind}.csv", "county_code": COUNTY, "by": CLERK, "at": AT}
    return take_in(session, keyring, KINDS[kind], folder / f"{kind}.csv", **told).plan
