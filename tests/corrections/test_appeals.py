"""Appeals: within their term or with the lead's reason, with their papers, and what follows from one that is upheld."""

from __future__ import annotations

import datetime as dt
import io

import psycopg
import pytest

from contractor.corrections import appeals
from contractor.corrections.refusals import AppealLate
from tests.authorisation.objects_law import confirmed
from tests.claims.making import AT, COUNTY, LAW, ON, day
from tests.corrections.paying import Paying
from tests.corrections.test_corrections import standing
from tests.documents.files import image
from tests.sites import settings_for_tests, sign_in, workspace_client

LAST_DAY = day("2026-12-11")
"""Fifteen working days from a decision of 2026-11-20, a Friday."""


def file_appeal(
    county: Paying, claim_id: int, *, on: dt.date = ON, by: str = "reviewer", late: str | None = None
) -> int:
    with county.database.transaction() as session:
        return appeals.file_appeal(
            session, claim_id, county_code=COUNTY, filed_by="member", filer_name="张三", paper="申诉书",
            statement="不服", filed_on=on, by=county.people[by], at=AT, late_reason=late,
        )  # fmt: skip


def answer(county: Paying, appeal: int, outcome: str, *, version: int, by: str = "lead") -> None:
    with county.database.transaction() as session:
        appeals.decide_appeal(
            session, appeal, outcome, county_code=COUNTY, claim_version=version, answer="复核过了", law=LAW,
            by=county.people[by], at=AT,
        )  # fmt: skip


def test_an_appeal_is_taken_until_the_last_day_of_its_term_and_later_by_the_lead_with_a_reason(county):
    one, two = county.decided(county.stay(0, 3, "3000"), county.stay(2, 3, "3000"))
    in_time = file_appeal(county, one, on=LAST_DAY)
    assert county.rows("SELECT file_by_on, late_reason FROM contractor.appeal WHERE id = %s", in_time) == [
        (LAST_DAY, None)
    ]
    late = LAST_DAY + dt.timedelta(days=1)
    for by, reason in (("reviewer", None), ("reviewer", "住院"), ("lead", None)):
        with pytest.raises(AppealLate):
            file_appeal(county, two, on=late, by=by, late=reason)
    taken = file_appeal(county, two, on=late, by="lead", late="申请人住院，出院后才收到裁定")
    assert county.rows("SELECT late_reason IS NOT NULL FROM contractor.appeal WHERE id = %s", taken) == [(True,)]


def test_the_database_takes_no_late_appeal_of_another_and_none_without_its_term(county):
    (claim_id,) = county.decided(county.stay(0, 3, "3000"))
    made = (
        "INSERT INTO contractor.appeal (county_code, claim_id, appealed_event_no, first_by, filed_by, filer_name, "
        "paper, statement, filed_on, due_on, recorded_at, recorded_by, file_by_on, late_reason) VALUES ('990121', "
        "{claim}, {event}, NULL, 'member', 'x', 'x', 'x', '2026-12-20', '2027-01-20', now(), {by}, {term}, {reason})"
    )
    ((event,),) = county.rows(
        "SELECT max(event_no) FROM contractor.claim_event WHERE claim_id = %s AND event = 'approved_by_rule'", claim_id
    )
    with psycopg.connect(county.test_database.url("contractor_rw")) as intruder:
        for by, term, reason in (
            ("reviewer", "'2026-12-11'", "'late'"), ("lead", "'2026-12-11'", "NULL"), ("lead", "NULL", "NULL"),
        ):  # fmt: skip
            with pytest.raises(psycopg.Error) as refused:
                intruder.execute(
                    made.format(claim=claim_id, event=event, by=county.people[by], term=term, reason=reason)
                )
            intruder.rollback()
            assert refused.value.sqlstate in ("23001", "23514")


def test_an_upheld_appeal_reopens_the_claim_and_proposes_what_the_cap_had_cut_at_once(county):
    ids = county.decided(county.stay(9, 1), county.stay(9, 3), county.stay(9, 5))
    county.pay()
    before = standing(county)
    answer(county, file_appeal(county, ids[0]), "upheld", version=1)
    assert county.rows("SELECT state FROM contractor.claim WHERE id = %s", ids[0]) == [("in_review",)]
    ((kind, proposed_by, more_fen),) = county.rows(
        "SELECT kind, proposed_by, after_fen - before_fen FROM contractor.correction"
    )
    assert (kind, proposed_by) == ("readjudication", None) and more_fen > 0
    # Proposed, not done: a person confirms.
    assert standing(county) == {one: before[one] for one in ids[1:]}
    assert county.recomputed().differences.to_dict("records") == []


def test_an_appeal_brings_its_papers_which_lie_sealed_with_the_claim_and_are_shown_as_pictures(county):
    (claim_id,) = county.decided(county.stay(0, 3, "3000"))
    desk = county.test_database.desk("county")
    with desk.transaction() as session:
        confirmed(session, COUNTY, dt.date(2011, 1, 1), at=AT)
    desk.engine.dispose()
    clients = []
    for role in ("intake", "lead"):
        client = workspace_client(county.test_database, settings_for_tests(county.folder))
        client.application.config["WTF_CSRF_ENABLED"] = False
        sign_in(client, role, county_code=COUNTY, name=role, stepped_up=True)
        clients.append(client)
    intake, lead = clients
    form = {"filed_by": "member", "filer_name": "张三", "paper": "申诉书一份", "statement": "少算了两天",
            "filed_on": "2026-11-21"}  # fmt: skip
    address = f"/corrections/claims/{claim_id}/appeal"
    lies = intake.post(address, data=form | {"file": (io.BytesIO(b"not a picture at all"), "申诉书.pdf")})
    assert lies.status_code == 422 and "少算了两天" in lies.text
    assert county.rows("SELECT count(*) FROM contractor.appeal") == [(0,)]
    sent = intake.post(address, data=form | {"file": (io.BytesIO(image("PNG", colour="red")), "申诉书.png")})
    assert sent.status_code == 303, sent.text
    ((appeal,),) = county.rows("SELECT id FROM contractor.appeal")
    page = f"/corrections/appeals/{appeal}"
    assert lead.post(f"{page}/papers", data={}).status_code == 422
    more = {"file": (io.BytesIO(image("PNG", colour="blue")), "病历.png")}
    assert lead.post(f"{page}/papers", data=more).status_code == 303
    shown = lead.get(page)
    assert shown.text.count("<iframe") == 2 and "frame-src 'self'" in shown.headers["Content-Security-Policy"]
    rows = county.rows("SELECT claim_id, paper, media_type FROM contractor.claim_document ORDER BY id")
    assert rows == [(claim_id, "appeal", "image/png")] * 2
    assert county.rows("SELECT count(*) FROM contractor.appeal_document") == [(2,)]
    answer(county, appeal, "dismissed", version=1)
    more = {"file": (io.BytesIO(image("PNG", colour="green")), "再一份.png")}
    assert lead.post(f"{page}/papers", data=more).status_code == 409
    # Nor by the database.
    with psycopg.connect(county.test_database.url("contractor_rw")) as intruder, pytest.raises(psycopg.Error):
        intruder.execute(
            "INSERT INTO contractor.appeal_document "
            "SELECT county_code, %s, id, now(), 1 FROM contractor.claim_document",
            [appeal],
        )
    for client in clients:
        for database in client.application.extensions["coopmed"].databases.values():
            database.engine.dispose()
