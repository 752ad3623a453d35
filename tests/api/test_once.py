"""A4: one effect per key, whoever asks how often; another content is refused; another person's key is another."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from chassis import clock
from chassis.api.once import Answered, key_from, once
from chassis.api.refusals import KeyMissing, KeyReused, RequestInFlight
from chassis.api.tables import IdempotencyKey
from chassis.errors import Refusal
from chassis.queue.tables import Task
from chassis.visitors import Visitor
from contractor.claims.tables import Claim
from tests.api.programs import COUNTY, claim_of

KEYS, AT_ONCE = 1_000, 50


def visitor_of(programs, role: str = "intake") -> Visitor:
    programs.token(role)
    person_id = programs.people[role, None]
    return Visitor("contractor", COUNTY, person_id, 0, "", frozenset({role}), token_id=1)


def effect(session, key: str) -> Answered:
    """Something that would be seen if it happened twice."""
    at = clock.now()
    made = insert(Task).values(county_code=COUNTY, kind="trial.once", payload={"key": key}, created_at=at, next_at=at)
    task_id = session.execute(made.returning(Task.id)).scalar_one()
    return Answered(201, f'{{"task": {task_id}}}')


def ask(programs, visitor: Visitor, key: str, content: bytes = b"one") -> Answered | Refusal:
    try:
        with programs.database.transaction() as session:
            return once(
                session,
                visitor,
                lambda: effect(session, key),
                endpoint="trial",
                key=key,
                request_sha256=hashlib.sha256(content).digest(),
                at=clock.now(),
            )
    except Refusal as refusal:
        return refusal


def effects(programs, key: str | None = None) -> int:
    with programs.database.transaction() as session:
        mine = select(func.count()).select_from(Task).where(Task.kind == "trial.once")
        if key is not None:
            mine = mine.where(Task.payload["key"].astext == key)
        return session.execute(mine).scalar_one()


def test_a_thousand_keys_asked_thrice_at_once_have_a_thousand_effects_and_one_answer_each(programs):
    visitor = visitor_of(programs)
    keys = [f"thousand-{number:04d}" for number in range(KEYS)]
    before = effects(programs)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda key: ask(programs, visitor, key), [key for key in keys for _ in range(3)]))
    assert effects(programs) - before == KEYS
    for place, key in enumerate(keys):
        given = answers[3 * place : 3 * place + 3]
        told = {one.text for one in given if isinstance(one, Answered)}
        assert len(told) == 1, key
        assert all(isinstance(one, Answered | RequestInFlight) for one in given)
        assert sum(isinstance(one, Answered) and not one.is_repeat for one in given) == 1


def test_one_key_fifty_times_at_once_has_one_effect(programs):
    visitor = visitor_of(programs)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: ask(programs, visitor, "fifty-times"), range(AT_ONCE)))
    assert effects(programs, "fifty-times") == 1
    assert sum(isinstance(one, Answered) and not one.is_repeat for one in answers) == 1
    assert all(isinstance(one, Answered | RequestInFlight) for one in answers)
    assert ask(programs, visitor, "fifty-times").is_repeat


def test_the_same_key_for_other_content_is_refused_and_does_nothing(programs):
    visitor = visitor_of(programs)
    ask(programs, visitor, "other-content")
    assert isinstance(ask(programs, visitor, "other-content", b"two"), KeyReused)
    assert effects(programs, "other-content") == 1


def test_another_persons_key_of_the_same_name_is_another(programs):
    first = ask(programs, visitor_of(programs, "intake"), "same-name")
    second = ask(programs, visitor_of(programs, "reviewer"), "same-name", b"two")
    assert not first.is_repeat and not second.is_repeat and first.text != second.text
    assert effects(programs, "same-name") == 2


def test_a_request_that_is_refused_leaves_its_key_free(programs):
    visitor = visitor_of(programs)

    def refuse(session):
        effect(session, "refused-first")
        raise KeyMissing()

    with pytest.raises(KeyMissing), programs.database.transaction() as session:
        once(
            session, visitor, lambda: refuse(session),
            endpoint="trial", key="refused-first", request_sha256=b"x" * 32, at=clock.now(),
        )  # fmt: skip
    assert effects(programs, "refused-first") == 0
    assert not ask(programs, visitor, "refused-first").is_repeat


def test_an_answer_once_given_is_not_changed_even_by_the_apps_own_role(programs):
    ask(programs, visitor_of(programs), "kept-for-life")
    with pytest.raises(DBAPIError, match="keeps what it holds"), programs.database.transaction() as session:
        session.execute(text("UPDATE contractor.idempotency_key SET answer = 'x' WHERE key = 'kept-for-life'"))
    with pytest.raises(DBAPIError), programs.database.transaction() as session:
        session.execute(text("DELETE FROM contractor.idempotency_key WHERE key = 'kept-for-life'"))


def test_a_claim_sent_fifty_times_at_once_under_one_key_is_one_claim(programs):
    claim = claim_of(programs)
    programs.token("intake")
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: programs.post("/api/v1/claims", claim, key="fifty-claims"), range(AT_ONCE)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    bodies = {answer.get_data() for answer in answers if answer.status_code == 201}
    assert len(bodies) == 1
    with programs.database.transaction() as session:
        mine = select(func.count()).select_from(Claim).where(Claim.claim_number == claim["claim_number"])
        assert session.execute(mine).scalar_one() == 1
        keys = select(func.count()).select_from(IdempotencyKey).where(IdempotencyKey.key == "fifty-claims")
        assert session.execute(keys).scalar_one() == 1
    replayed = programs.post("/api/v1/claims", claim, key="fifty-claims")
    assert replayed.status_code == 201 and replayed.headers["Idempotent-Replayed"] == "true"
    other = programs.post("/api/v1/claims", claim_of(programs), key="fifty-claims")
    assert other.status_code == 422 and other.get_json()["type"] == "urn:coopmed:key_reused"


@pytest.mark.parametrize("header", [None, "", "short", "x" * 101, "with blank in it", "tab\tin-it", "中文编号中文编号"])
def test_a_key_that_cannot_name_a_request_is_refused(header):
    with pytest.raises(KeyMissing):
        key_from(header)
