"""Tokens of programs: shown once, good for one role while it is held, ended by whatever ends the person."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import insert, select, update

from chassis import clock
from chassis.api.tables import ApiToken
from chassis.api.tokens import MOST_IN_USE, PREFIX, roles_for_programs
from chassis.authorisation import matrix
from chassis.identity.tables import Invitation, RoleGrant, Staff
from chassis.identity.tokens import digest_of
from chassis.trail.tables import TrailEntry
from tests.api.programs import COUNTY
from tests.authorisation.people import person, program
from tests.sites import grant, post, sign_in

HERE = "/api/v1/claims"


@pytest.fixture()
def holder(programs):
    """(staff id, token) of somebody new who takes in claims."""
    at = clock.now() - dt.timedelta(hours=1)
    with programs.database.transaction() as session:
        number = session.execute(select(ApiToken.id).order_by(ApiToken.id.desc()).limit(1)).scalar() or 0
        staff_id = person(session, COUNTY, f"holder-{number}", at=at)
        grant(session, COUNTY, staff_id, "intake", at=at)
        return staff_id, program(session, COUNTY, staff_id, "intake", at=at)


def ask(programs, token: str) -> int:
    return programs.client().get(HERE, headers={"Authorization": f"Bearer {token}"}).status_code


def change(programs, table, where, **values) -> None:
    with programs.database.transaction() as session:
        done = session.execute(update(table).where(*where).values(**values))
        assert done.rowcount >= 1


def test_a_token_opens_until_it_ends_and_not_a_moment_longer(programs, holder):
    assert ask(programs, holder[1]) == 200
    change(programs, ApiToken, [ApiToken.staff_id == holder[0]], ends_at=clock.now() - dt.timedelta(seconds=1))
    assert ask(programs, holder[1]) == 401


def test_a_revoked_token_opens_nothing_on_the_next_request(programs, holder):
    change(programs, ApiToken, [ApiToken.staff_id == holder[0]], revoked_at=clock.now(), revoked_by=holder[0])
    assert ask(programs, holder[1]) == 401


@pytest.mark.parametrize("status", ["suspended", "left"])
def test_the_token_of_somebody_who_is_suspended_or_left_opens_nothing(programs, holder, status):
    change(programs, Staff, [Staff.id == holder[0]], status=status, status_changed_by=1, status_reason="试验")
    assert ask(programs, holder[1]) == 401


def test_a_token_whose_person_lost_the_role_is_told_that_it_may_not(programs, holder):
    change(programs, RoleGrant, [RoleGrant.staff_id == holder[0]], ended_at=clock.now(), ended_by=1, end_reason="试验")
    assert ask(programs, holder[1]) == 403


def test_recovering_an_account_ends_the_tokens_made_before(programs, holder):
    at = clock.now()
    with programs.database.transaction() as session:
        session.execute(
            insert(Invitation).values(
                county_code=COUNTY,
                staff_id=holder[0],
                token_sha256=digest_of("of the recovery" + str(holder[0])),
                purpose="recovery",
                created_at=at,
                ends_at=at + dt.timedelta(days=1),
            )
        )
    assert ask(programs, holder[1]) == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic eDp5", f"Bearer {PREFIX}", f"Bearer {PREFIX}{'x' * 200}"]
)
def test_what_is_no_token_is_answered_with_401_and_how_to_ask(programs, header):
    answer = programs.client().get(HERE, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json()["type"] == "urn:coopmed:not_signed_in"


def test_a_token_made_on_the_page_is_shown_once_and_kept_as_a_digest(programs):
    client = programs.app.test_client()
    staff_id = sign_in(client, "intake", county_code=COUNTY, stepped_up=True)
    fields = {"label": "收费系统", "role": "intake", "days": "90", "rooms": ["claims", "statements"]}
    shown = post(client, "/account/tokens", fields).get_data(as_text=True)
    with programs.database.transaction() as session:
        row = session.scalars(select(ApiToken).where(ApiToken.staff_id == staff_id)).one()
        acts = list(session.scalars(select(TrailEntry.act).where(TrailEntry.act == "person.token_made")))
    token = next(word for word in shown.replace("<", " ").replace(">", " ").split() if word.startswith(PREFIX))
    assert bytes(row.token_sha256) == digest_of(token) and acts
    assert ask(programs, token) == 200
    assert token not in client.get("/account/tokens").get_data(as_text=True)
    page = client.get("/account/tokens").get_data(as_text=True)
    assert "收费系统" in page
    assert post(client, "/account/tokens/revoke", {"id": str(row.id)}, form_on="/account/tokens").status_code == 303
    assert ask(programs, token) == 401


def test_a_token_is_made_after_a_step_up_only(programs):
    client = programs.app.test_client()
    sign_in(client, "intake", county_code=COUNTY)
    fields = {"label": "收费系统", "role": "intake", "days": "90", "rooms": ["claims", "statements"]}
    answer = post(client, "/account/tokens", fields, form_on="/account")
    assert answer.status_code == 303 and answer.location.startswith("/step-up")


def test_nobody_makes_a_token_for_a_role_they_do_not_hold_or_that_no_program_acts_in(programs):
    held = ["senior", "lead", "cashier", "reviewer", "administrator"]
    assert set(roles_for_programs(matrix(), "contractor", held)) == {"reviewer", "senior", "cashier", "lead"}
    client = programs.app.test_client()
    sign_in(client, "reviewer", county_code=COUNTY, stepped_up=True)
    for role in ("intake", "senior"):
        fields = {"label": "x", "role": role, "days": "30", "rooms": "claims"}
        assert post(client, "/account/tokens", fields).status_code == 403


def test_a_token_of_a_role_that_signs_with_a_key_ends_within_a_month(programs):
    client = programs.app.test_client()
    staff_id = sign_in(client, "senior", county_code=COUNTY, stepped_up=True)
    fields = {"label": "x", "role": "senior", "rooms": ["second"]}
    long = post(client, "/account/tokens", fields | {"days": "90"})
    assert long.status_code == 422 and "最多 30 天" in long.text
    assert post(client, "/account/tokens", fields | {"days": "30"}).status_code == 200
    with programs.database.transaction() as session:
        row = session.scalars(select(ApiToken).where(ApiToken.staff_id == staff_id)).one()
    assert row.ends_at - row.created_at == dt.timedelta(days=30)


def made_for(programs, role: str, *rooms: str, is_read_only: bool = False) -> str:
    at = clock.now()
    with programs.database.transaction() as session:
        number = session.execute(select(ApiToken.id).order_by(ApiToken.id.desc()).limit(1)).scalar() or 0
        staff_id = person(session, COUNTY, f"narrow-{number}", at=at)
        grant(session, COUNTY, staff_id, role, at=at)
        return program(session, COUNTY, staff_id, role, at=at, rooms=rooms, is_read_only=is_read_only)


def test_a_token_opens_the_rooms_it_was_made_for_and_no_other(programs):
    headers = {"Authorization": f"Bearer {made_for(programs, 'reviewer', 'claims', 'rules')}"}
    client = programs.client()
    assert client.get("/api/v1/claims", headers=headers).status_code == 200
    assert client.get("/api/v1/rules", headers=headers).status_code == 200
    for path in ("/api/v1/queue", "/api/v1/queue/views", "/api/v1/law"):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 403 and answer.get_json()["type"] == "urn:coopmed:not_this_token", path
    answer = client.post("/api/v1/queue/next", headers=headers | {"Idempotency-Key": "not-this-room"})
    assert answer.status_code == 403


def test_a_token_to_read_with_does_nothing_in_any_room(programs):
    headers = {"Authorization": f"Bearer {made_for(programs, 'reviewer', 'claims', 'desk', is_read_only=True)}"}
    client = programs.client()
    assert client.get("/api/v1/queue", headers=headers).status_code == 200
    answer = client.post("/api/v1/queue/next", headers=headers | {"Idempotency-Key": "reads-alone"})
    assert answer.status_code == 403 and answer.get_json()["type"] == "urn:coopmed:not_this_token"


def test_what_a_token_opens_is_settled_when_it_is_made(programs):
    made_for(programs, "reviewer", "claims", is_read_only=True)
    newest = select(ApiToken.id).order_by(ApiToken.id.desc()).limit(1).scalar_subquery()
    for change in ({"rooms": ["claims", "desk"]}, {"is_read_only": False}, {"role": "lead"}):
        with pytest.raises(Exception, match="keeps what it holds"), programs.database.transaction() as session:
            session.execute(update(ApiToken).where(ApiToken.id == newest).values(change))


def test_a_token_is_made_for_at_least_one_room_of_its_role(programs):
    client = programs.app.test_client()
    staff_id = sign_in(client, "cashier", county_code=COUNTY, stepped_up=True)
    fields = {"label": "x", "role": "cashier", "days": "30"}
    for rooms in ([], ["desk"], ["no-such-room"]):
        answer = post(client, "/account/tokens", fields | {"rooms": rooms})
        assert answer.status_code == 422 and "至少选一个部分" in answer.text
    shown = post(client, "/account/tokens", fields | {"rooms": ["desk", "payments"], "is_read_only": "1"})
    assert shown.status_code == 200
    with programs.database.transaction() as session:
        row = session.scalars(select(ApiToken).where(ApiToken.staff_id == staff_id)).one()
    assert (row.rooms, row.is_read_only) == (["payments"], True)


def test_nobody_revokes_another_persons_token(programs, holder):
    client = programs.app.test_client()
    sign_in(client, "intake", county_code=COUNTY)
    with programs.database.transaction() as session:
        token_id = session.execute(select(ApiToken.id).where(ApiToken.staff_id == holder[0])).scalar_one()
    answer = post(client, "/account/tokens/revoke", {"id": str(token_id)}, form_on="/account")
    assert answer.status_code == 404 and ask(programs, holder[1]) == 200


def test_one_person_has_ten_tokens_at_most(programs):
    client = programs.app.test_client()
    sign_in(client, "intake", county_code=COUNTY, stepped_up=True)
    fields = {"label": "一个", "role": "intake", "days": "30", "rooms": "claims"}
    answers = [post(client, "/account/tokens", fields).status_code for _ in range(MOST_IN_USE + 1)]
    assert answers == [200] * MOST_IN_USE + [409]
