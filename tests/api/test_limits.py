"""A token asks as often as it may and no more; another token, another minute and a silent Redis are no worse for it."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from chassis.api.doors import LIMITER
from chassis.api.limits import Limiter
from chassis.api.refusals import TooManyRequests
from tests.api.programs import claim_of

AT = dt.datetime(2026, 11, 20, 2, 0, 45, tzinfo=dt.UTC)
NOBODY_ANSWERS = "redis://127.0.0.1:1/0"


def admitted(limiter: Limiter, token_id: int, times: int, *, at: dt.datetime = AT) -> int:
    count = 0
    for _ in range(times):
        try:
            limiter.admit(token_id, at=at)
            count += 1
        except TooManyRequests as refusal:
            assert refusal.facts == {"most": limiter.most, "retry_after_seconds": 15}
    return count


@pytest.fixture(params=["redis", "alone", "redis gone"])
def limiter(request) -> Limiter:
    if request.param == "redis":
        counter = redis.Redis.from_url(request.getfixturevalue("servers").redis_url)
        counter.flushdb()
        return Limiter(5, counter)
    return Limiter(5, redis.Redis.from_url(NOBODY_ANSWERS) if request.param == "redis gone" else None)


def test_a_token_is_held_to_its_requests_a_minute_and_another_is_not_held_with_it(limiter):
    assert admitted(limiter, 1, 12) == 5
    assert admitted(limiter, 2, 3) == 3
    assert admitted(limiter, 1, 3, at=AT + dt.timedelta(seconds=15)) == 3


def test_two_processes_count_together(servers):
    redis_url = servers.redis_url
    counter = redis.Redis.from_url(redis_url)
    counter.flushdb()
    processes = [Limiter(20, redis.Redis.from_url(redis_url)) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        got_in = pool.map(lambda number: admitted(processes[number % 2], 9, 10), range(8))
    assert sum(got_in) == 20


def test_who_asks_too_often_is_told_when_to_come_again_and_nothing_is_done(programs, monkeypatch):
    programs.token("intake")
    # None at all is let in, so that the end of a minute makes no difference here.
    monkeypatch.setitem(programs.app.extensions, LIMITER, Limiter(0, None))
    refused = programs.post("/api/v1/claims", claim := claim_of(programs), key="asked-too-often")
    monkeypatch.undo()
    assert refused.status_code == 429 and refused.content_type == "application/problem+json"
    told = refused.get_json()
    assert told["type"] == "urn:coopmed:too_many_requests" and refused.headers["Retry-After"] in told["detail"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    taken = programs.post("/api/v1/claims", claim, key="asked-too-often")
    assert taken.status_code == 201 and "Idempotent-Replayed" not in taken.headers


def test_the_document_names_the_limit_at_every_door_that_asks_for_a_token(programs):
    document = programs.client().get("/api/v1/openapi.json").get_json()
    doors = [door for path in document["paths"].values() for name, door in path.items() if name in ("get", "post")]
    asked = [door for door in doors if door.get("security")]
    assert asked and all("Retry-After" in door["responses"]["429"]["headers"] for door in asked)
