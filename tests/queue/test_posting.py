"""A task is part of the effect that asks for it: committed with it, rung for after it, never more than ids."""

from __future__ import annotations

import datetime as dt
import json
import zlib

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from chassis import clock
from chassis.desks import CONTRACTOR, DESKS
from chassis.queue.doorbell import RING
from chassis.queue.outbox import AlreadyPosted, NewTask, post, post_many
from chassis.queue.payloads import NotJustIds
from tests.queue.trial import A_NAME, A_NUMBER, COUNTY

NOW = dt.datetime(2026, 5, 6, 1, 2, 3, tzinfo=dt.UTC)


def rings(desk) -> int:
    return Queue(CONTRACTOR.queue, connection=desk.doorbell.redis, serializer=JSONSerializer).count


def test_a_rolled_back_effect_posts_nothing_and_rings_for_nothing(desk):
    with pytest.raises(ZeroDivisionError), desk.database.transaction() as session:
        post(session, county_code=COUNTY, kind="trial.note", payload={}, at=NOW)
        raise ZeroDivisionError
    assert not desk.states()
    assert rings(desk) == 0


def test_the_doorbell_rings_after_the_commit_and_not_before(desk):
    with desk.database.transaction() as session:
        post(session, county_code=COUNTY, kind="trial.note", payload={}, at=NOW)
        assert rings(desk) == 0
    assert rings(desk) == 1


def test_work_for_later_waits_without_a_ring(desk):
    desk.post("trial.note", run_at=clock.now() + dt.timedelta(hours=1))
    assert rings(desk) == 0
    assert desk.worker(bell=False).drain() == 0


def test_the_same_work_is_posted_once(desk):
    first = desk.post("trial.note", natural_key="batch/7", batch_id=7)
    assert desk.post("trial.note", natural_key="batch/7", batch_id=7) == first
    assert desk.states() == {"waiting": 1}


def test_the_same_key_for_other_work_is_refused(desk):
    desk.post("trial.note", natural_key="batch/7", batch_id=7)
    with pytest.raises(AlreadyPosted):
        desk.post("trial.note", natural_key="batch/7", batch_id=8)


def test_many_tasks_are_written_at_once_and_those_that_stand_are_left(desk):
    def post_some(*numbers: int) -> list[int]:
        tasks = [NewTask({"batch_id": number}, natural_key=f"batch/{number}") for number in numbers]
        with desk.database.transaction() as session:
            return list(post_many(session, county_code=COUNTY, kind="trial.note", tasks=tasks, at=NOW))

    assert len(post_some(1, 2, 3)) == 3
    assert len(post_some(2, 3, 4)) == 1
    assert desk.states() == {"waiting": 4}


def test_a_batch_rings_at_most_five_hundred_times(desk):
    desk.post_many("trial.note", 700)
    assert desk.states() == {"waiting": 700}
    assert rings(desk) == 500


def test_every_desk_has_its_own_queue(queues):
    for desk_key in DESKS:
        database = queues.desk(desk_key)
        with database.transaction() as session:
            post(session, county_code=COUNTY, kind="trial.note", payload={}, at=NOW)
        database.engine.dispose()


@pytest.mark.parametrize(
    "payload",
    [
        {"name": A_NAME},
        {"id_number": A_NUMBER},
        {"id_number": int(A_NUMBER[:-1] + "1")},
        {"id_numbers": [A_NUMBER]},
        {"phone": "13812345678"},
        {"phone": 13812345678},
        {"account": "6222020200012345678"},
        {"who": {"name": A_NAME}},
        {"amount": 1.5},
        {"words": "paid to Zhang San"},
        {A_NAME: 1},
    ],
)
def test_a_name_or_number_of_a_person_cannot_be_posted(desk, payload):
    with pytest.raises(NotJustIds) as refused, desk.database.transaction() as session:
        post(session, county_code=COUNTY, kind="trial.note", payload=payload, at=NOW)
    assert A_NAME not in str(refused.value) and A_NUMBER[:-1] not in str(refused.value)


def test_a_person_cannot_hide_in_a_natural_key(desk):
    with pytest.raises(NotJustIds):
        desk.post("trial.note", natural_key=A_NUMBER)


def test_ids_codes_hashes_and_instants_may_be_posted(desk):
    task_id = desk.post("trial.note", batch_ids=[1, 2], county="410122", day="2026-05-06", sha256="0f" * 32, on=True)
    assert desk.task(task_id).payload["batch_ids"] == [1, 2]


def test_redis_holds_json_with_ids_only(desk):
    task_id = desk.post("trial.note", batch_id=7)
    redis = desk.doorbell.redis
    job = f"rq:job:contractor-{COUNTY}-{task_id}".encode()
    assert json.loads(zlib.decompress(redis.hget(job, "data"))) == [RING, None, ["contractor", COUNTY, task_id], {}]
    seen = {}
    for key in redis.scan_iter():
        match redis.type(key):
            case b"hash":
                seen[key] = list(redis.hgetall(key).values())
            case b"list":
                seen[key] = redis.lrange(key, 0, -1)
            case b"set":
                seen[key] = list(redis.smembers(key))
            case b"zset":
                seen[key] = redis.zrange(key, 0, -1)
            case _:
                seen[key] = [redis.get(key)]
    assert job in seen
    for value in (value for values in seen.values() for value in values):
        plain = zlib.decompress(value) if value.startswith(b"x\x9c") else value
        # Pickle begins with the byte 0x80, which no UTF-8 text does.
        plain.decode("utf-8")
        assert b"batch_id" not in plain
