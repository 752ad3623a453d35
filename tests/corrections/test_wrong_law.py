"""A schedule or a catalogue entry that was wrong, put right at the county and settled anew at the insurer's desk."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy import update

from chassis import clock
from chassis.errors import NotFound
from chassis.identity.passwords import hash_password
from chassis.identity.tables import Staff
from chassis.law.approved import content_of
from contractor.law.loading import law_of as law_of_insurer
from oversight.registry.imports.importing import take_in
from oversight.registry.imports.kinds import KINDS
from oversight.registry.schedules import approving
from oversight.registry.schedules.approving import Decision
from oversight.registry.schedules.correcting import Correction
from oversight.registry.schedules.law import law_of as law_of_county
from oversight.registry.schedules.refusals import (
    ApprovalNotInThisState,
    CorrectionWaits,
    CorrectsNothing,
    LawIsNotChangedBackwards,
)
from rulebook.registry import OverlappingVersions
from tests.claims.making import AT, COUNTY, LAW, day, line, lines
from tests.corrections.paying import Paying
from tests.corrections.test_corrections import (
    REPRICE,
    Scope,
    correct,
    foresee_scope,
    history,
    money,
    open_debts,
    standing,
    with_rate,
)
from tests.sites import NOBODY_1, NOBODY_2, portal_client, settings_for_tests, sign_in, workspace_client

WRONG = with_rate(LAW, "80", "70").spans[0][1]
RIGHT = LAW.spans[0][1]
FROM = dt.date(2011, 1, 1)
PASSWORD = "两个人核对过同一份文件 2026"
TOLD = {"committee": "青禾县合作医疗管理委员会", "approved_on": day("2026-11-18"), "document": "青〔2026〕18号"}


@pytest.fixture()
def desk(county: Paying) -> Iterator:
    """The county's desk, whose law is the wrong schedule."""
    made = county.test_database.desk("county")
    with made.transaction() as session:
        decision = Decision(FROM, None, "青禾县合作医疗管理委员会", dt.date(2010, 1, 4), "青〔2010〕1号")
        row = approving.propose(session, WRONG, decision, county_code=COUNTY, by=NOBODY_1, at=AT)
        confirm(session, row)
    yield made
    made.engine.dispose()


@pytest.fixture()
def people(county: Paying, desk) -> Iterator[SimpleNamespace]:
    """A browser for each of the four who put it right."""
    settings = settings_for_tests(county.folder)
    clients = {}
    for name, open_site, desk_key in (
        ("registrar", portal_client, "county"), ("director", portal_client, "county"),
        ("senior", workspace_client, "contractor"), ("lead", workspace_client, "contractor"),
    ):  # fmt: skip
        client = open_site(county.test_database, settings)
        client.application.config["WTF_CSRF_ENABLED"] = False
        staff_id = sign_in(client, name, desk=desk_key, county_code=COUNTY, name=name, stepped_up=True, at=clock.now())
        with client.application.extensions["coopmed"].databases[desk_key].transaction() as session:
            hashed = hash_password(settings, PASSWORD)
            session.execute(update(Staff).where(Staff.id == staff_id).values(password_hash=hashed))
        clients[name] = client
    yield SimpleNamespace(**clients)
    for client in clients.values():
        for database in client.application.extensions["coopmed"].databases.values():
            database.engine.dispose()


def confirm(session, row) -> None:
    given = {"county_code": COUNTY, "approval_id": row.id, "shown_sha256": content_of(row), "proof": None}
    approving.put_in_force(session, **given, by=NOBODY_2, at=AT)


def corrected(session, wrong_id: int, schedule=RIGHT, **changes):
    """Entered; not confirmed yet."""
    told = Correction(reason="乡镇八成录成了七成", **(TOLD | changes))
    return approving.propose_corrected(session, wrong_id, schedule, told, county_code=COUNTY, by=NOBODY_1, at=AT)


def hash_on(page: str) -> str:
    return re.search(r'name="content_hash" value="([0-9a-f]{64})"', page).group(1)


def wrong_id(county: Paying) -> int:
    return county.rows("SELECT id FROM registry.schedule_approval WHERE content_hash = %s", WRONG.content_hash)[0][0]


def laws(county: Paying, desk):
    with desk.transaction() as ours, county.database.transaction() as theirs:
        return law_of_county(ours, COUNTY), law_of_insurer(theirs, COUNTY)


def test_a_wrong_ratio_is_corrected_page_by_page_and_only_the_difference_is_paid(county, desk, people):
    ids = county.decided(county.stay(3, 2, "30000"), county.stay(3, 4, "30000"), law=laws(county, desk)[1])
    county.pay()
    assert county.recomputed(laws(county, desk)[0]).differences.to_dict("records") == []
    before, kept = standing(county), history(county)
    address = f"/schedules/{COUNTY}/{wrong_id(county)}"
    form = {"scheme": RIGHT.key, "reason": "乡镇八成录成了七成"} | TOLD | {"approved_on": "2026-11-18"}
    looked = people.registrar.post(f"{address}/correct", data=form | {"look": "1"})
    assert looked.status_code == 200 and "更正改了什么" in looked.text
    entered = people.registrar.post(f"{address}/correct", data=form)
    assert entered.status_code == 303, entered.text
    # Nothing has changed yet; a second one is refused while it waits.
    assert laws(county, desk)[0].schedule_on(FROM).content_hash == WRONG.content_hash
    assert people.registrar.post(f"{address}/correct", data=form).status_code == 409
    page = people.director.get(entered.location).text
    shown = hash_on(page)
    assert "更正改了什么" in page
    sent = {"content_hash": shown, "last_four": shown[12:16], "password": PASSWORD}
    assert people.registrar.post(f"{entered.location}/confirm", data=sent).status_code == 403
    assert people.director.post(f"{entered.location}/confirm", data=sent).status_code == 303
    for law in laws(county, desk):
        assert law.schedule_on(FROM).content_hash == RIGHT.content_hash
        assert [one.content_hash for one in law.older] == [WRONG.content_hash]
    assert "有错，已更正" in people.senior.get("/law").text
    # Until it is settled anew, the county's recomputation says so.
    assert set(county.recomputed(laws(county, desk)[0]).differences["claim_id"]) == set(ids)
    scope = {"from_on": "2026-01-01", "until_on": "2027-01-01"}
    content = hash_on(people.senior.get("/corrections/reprice", query_string=scope).text)
    note = {"content_hash": content, "reason_code": "wrong_schedule", "note": "方案更正"}
    proposed = people.senior.post("/corrections/reprice", data=scope | note)
    assert proposed.status_code == 303, proposed.text
    content = hash_on(people.lead.get(proposed.location).text)
    assert people.lead.post(f"{proposed.location}/confirm", data={"content_hash": content}).status_code == 303
    after = standing(county)
    assert all(after[one] > before[one] for one in ids)
    more_fen = sum(after.values()) - sum(before.values())
    planned_fen = sum(fen for name, fen in money(county).items() if name.startswith("planned"))
    assert planned_fen - sum(open_debts(county).values()) == more_fen > 0
    assert history(county)[: len(kept)] == kept
    county.pay()
    assert county.recomputed(laws(county, desk)[0]).differences.to_dict("records") == []
    assert county.parted() == {}


def test_days_that_had_a_law_are_given_another_only_as_a_correction_with_its_reason(county, desk):
    with desk.transaction() as session:
        for from_on, refusal in ((FROM, OverlappingVersions), (dt.date(2020, 1, 1), LawIsNotChangedBackwards)):
            with pytest.raises(refusal):
                decision = Decision(from_on, None, **TOLD)
                approving.propose(session, RIGHT, decision, county_code=COUNTY, by=NOBODY_1, at=AT)
        with pytest.raises(CorrectsNothing):
            corrected(session, wrong_id(county), WRONG)
        with pytest.raises(NotFound):
            corrected(session, 999_999)
        first = corrected(session, wrong_id(county))
        with pytest.raises(CorrectionWaits):
            corrected(session, wrong_id(county))
        with pytest.raises(ApprovalNotInThisState):
            corrected(session, first.id, WRONG)
        confirm(session, first)
        # What was corrected is corrected no more; the corrected version may be.
        with pytest.raises(ApprovalNotInThisState):
            corrected(session, wrong_id(county))
    with desk.transaction() as session:
        confirm(session, corrected(session, first.id, WRONG))
    assert laws(county, desk)[1].schedule_on(FROM).content_hash == WRONG.content_hash


def test_a_corrected_version_hands_over_to_the_same_successor_and_goes_on_where_that_is_called_off(county, desk):
    later = dt.date(2027, 1, 1)
    with desk.transaction() as session:
        successor = approving.propose(
            session, RIGHT, Decision(later, None, **TOLD), county_code=COUNTY, by=NOBODY_1, at=AT
        )
        confirm(session, successor)
    with desk.transaction() as session:
        confirm(session, corrected(session, wrong_id(county), with_rate(LAW, "80", "75").spans[0][1]))
    ours, theirs = laws(county, desk)
    assert [str(period) for period, _ in ours.spans] == [str(period) for period, _ in theirs.spans]
    assert ours.schedule_on(dt.date(2026, 12, 31)).content_hash != ours.schedule_on(later).content_hash
    with desk.transaction() as session:
        approving.take_back(session, county_code=COUNTY, approval_id=successor.id, reason="改期", by=NOBODY_2, at=AT)
    assert laws(county, desk)[0].schedule_on(later).content_hash == ours.schedule_on(FROM).content_hash


OWN_LAW = "UPDATE registry.schedule_approval SET "
BY_ITSELF = (
    OWN_LAW + "corrected_at = now(), corrected_by_id = {wrong} WHERE id = {wrong}",
    OWN_LAW + "corrected_at = now(), corrected_by_id = {right} WHERE id = {wrong}",
    OWN_LAW + "correction_reason = 'x' WHERE id = {right}",
    OWN_LAW + "corrects_id = NULL, correction_reason = NULL WHERE id = {right}",
    OWN_LAW + "confirmed_at = now(), confirmed_by = 1, confirmed_sha256 = sha256('x') WHERE id = {right}",
    OWN_LAW + "corrected_at = now(), corrected_by_id = {right} WHERE id = {right}",
)


def test_the_database_lets_no_schedule_take_anothers_days_by_itself(county, desk):
    with desk.transaction() as session:
        right = corrected(session, wrong_id(county)).id
    with psycopg.connect(county.test_database.url("county_rw")) as intruder:
        for act in BY_ITSELF:
            with pytest.raises(psycopg.Error) as refused:
                intruder.execute(act.format(wrong=wrong_id(county), right=right))
                intruder.commit()
            intruder.rollback()
            assert refused.value.sqlstate in ("23001", "23P01", "23514"), act


def test_a_corrected_catalogue_file_is_taken_in_and_what_it_touches_is_settled_anew(county, desk, tmp_path):
    first = day("2026-03-02")
    ids = county.decided(
        county.stay(0, 3, lines=lines(line(item="CAPPED", yuan="200", quantity=20, performed_on=first))),
        county.stay(1, 3, "3000"),
        law=laws(county, desk)[1],
    )
    county.pay()
    before = standing(county)
    file = tmp_path / "catalogue.csv"
    file.write_text(
        "项目编码,项目名称,类别,项目种类,生效日,失效日,乡级限价,县级限价,县以上限价,限性别\n"
        "CAPPED,CAPPED,甲,诊疗,2003-01-01,,150.0000,100.0000,100.0000,\n",
        encoding="utf-8",
    )
    with desk.transaction() as session:
        taken = take_in(
            session, county.world.keyring, KINDS["catalogue"], file, file_name=file.name, county_code=COUNTY,
            by=NOBODY_1, at=AT,
        )  # fmt: skip
    assert (taken.plan.added, taken.plan.changed) == (0, 1)
    law = laws(county, desk)
    assert set(county.recomputed(law[0]).differences["claim_id"]) == {ids[0]}
    with county.database.transaction() as session:
        shown = foresee_scope(session, COUNTY, Scope(day("2026-01-01"), day("2027-01-01"), "CAPPED"), law=law[1])
    correct(county, REPRICE, shown, subject="item/CAPPED", law=law[1])
    after = standing(county)
    assert after[ids[0]] > before[ids[0]] and after[ids[1]] == before[ids[1]]
    county.pay()
    assert county.recomputed(law[0]).differences.to_dict("records") == []
    assert county.parted() == {}
