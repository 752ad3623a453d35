"""One effect for one task, whatever goes wrong with it; what cannot be done is dead, seen and retriable."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading

import pytest
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import text

from chassis import clock
from chassis.db import Database
from chassis.desks import CONTRACTOR
from chassis.errors import NotFound
from chassis.queue import leases, metrics
from chassis.queue.dead_letters import retry_dead
from chassis.queue.doorbell import Doorbell, hang
from chassis.queue.execution import Outcome
from chassis.queue.handlers import known_kinds
from chassis.queue.outbox import post
from chassis.queue.queries import dead_tasks, queue_state
from chassis.queue.tables import Task
from chassis.queue.worker import Worker
from tests.queue.conftest import eventually
from tests.queue.trial import A_NAME, A_NUMBER, CHUNKS, COUNTY

NOW = dt.datetime(2026, 5, 6, 1, 2, 3, tzinfo=dt.UTC)
LEASE = dt.timedelta(seconds=60)


def test_eight_workers_at_one_queue_do_each_task_once(desk):
    desk.post_many("trial.note", 500)
    workers = [desk.worker(bell=False) for _ in range(8)]
    threads = [threading.Thread(target=worker.drain) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.states() == {"done": 500}
    assert len(desk.effects()) == 500 and set(desk.effects().values()) == {1}
    with desk.database.transaction() as session:
        assert session.scalar(text("SELECT max(fence) FROM contractor.task")) == 1


def test_a_task_somebody_reaches_for_is_passed_over_and_not_waited_for(desk):
    first, second = desk.post("trial.note"), desk.post("trial.note")
    with desk.database.transaction() as session:
        session.execute(text("SET LOCAL lock_timeout = '5s'"))
        assert leases.take_next(session, CONTRACTOR, by="a", lease=LEASE).id == first
        with desk.database.transaction() as other:
            assert leases.take_next(other, CONTRACTOR, by="b", lease=LEASE).id == second
            assert leases.take(other, CONTRACTOR, COUNTY, first, by="b", lease=LEASE) is None


def test_only_the_newest_fence_can_finish(desk):
    task_id = desk.post("trial.note")
    with desk.database.transaction() as session:
        old = leases.take(session, CONTRACTOR, COUNTY, task_id, by="frozen", lease=dt.timedelta(0))
    desk.sweep()
    with desk.database.transaction() as session:
        new = leases.take(session, CONTRACTOR, COUNTY, task_id, by="awake", lease=LEASE)
    assert new.fence == old.fence + 1
    for act in (
        lambda s: leases.finish(s, old),
        lambda s: leases.put_off(s, old, "E", LEASE),
        lambda s: leases.bury(s, old, "E"),
        lambda s: leases.release(s, old),
    ):
        with pytest.raises(leases.LeaseLost), desk.database.transaction() as session:
            act(session)
    with desk.database.transaction() as session:
        assert not leases.extend(session, old, LEASE)
        leases.finish(session, new)
    assert desk.task(task_id).state == "done"


def test_a_busy_worker_keeps_its_lease_by_its_heartbeat(desk):
    task_id = desk.post("trial.slow_note", milliseconds=2000)
    worker = desk.worker(lease_seconds=0.6, bell=False)
    thread = threading.Thread(target=worker.drain)
    thread.start()
    taken_back = 0
    while thread.is_alive():
        taken_back += desk.sweep().taken_back
        thread.join(0.1)
    worker.heartbeat.close()
    assert taken_back == 0
    assert (desk.task(task_id).state, desk.task(task_id).fence) == ("done", 1)
    assert desk.effects() == {(task_id, 0): 1}


def test_a_poisoned_task_is_dead_after_its_tries_and_people_can_retry_it(desk):
    task_id = desk.post("trial.poison")
    worker = desk.worker(bell=False)
    assert [worker.run_next("contractor") for _ in range(4)] == [
        Outcome.PUT_OFF,
        Outcome.PUT_OFF,
        Outcome.BURIED,
        None,
    ]
    assert not desk.effects()
    with desk.database.transaction() as session:
        assert [task.id for task in dead_tasks(session, COUNTY)] == [task_id]
        assert dead_tasks(session, "410100") == []
        assert queue_state(session).dead == 1
    desk.mend()
    with desk.database.transaction() as session:
        assert retry_dead(session, county_code=COUNTY, task_ids=[task_id], by=7, at=NOW) == [task_id]
    assert worker.run_next("contractor") is Outcome.DONE
    task = desk.task(task_id)
    assert (task.state, task.attempts, task.fence, task.retried_by, task.retried_at) == ("done", 1, 4, 7, NOW)
    assert desk.effects() == {(task_id, 0): 1}


def test_a_retry_reaches_only_the_dead_of_the_own_county_and_all_or_none(desk):
    dead, waiting = desk.post("trial.hopeless"), desk.post("trial.note", run_at=clock.now() + LEASE)
    desk.worker(bell=False).drain()
    for county_code, task_ids in ((COUNTY, [dead, waiting]), ("410100", [dead])):
        with pytest.raises(NotFound), desk.database.transaction() as session:
            retry_dead(session, county_code=county_code, task_ids=task_ids, by=7, at=NOW)
    assert desk.task(dead).state == "dead"


def test_an_error_is_kept_without_its_text(desk, capsys, caplog):
    poisoned, violating = desk.post("trial.poison"), desk.post("trial.violation")
    desk.worker(bell=False).drain()
    errors = [desk.task(poisoned).last_error, desk.task(violating).last_error]
    assert errors[0].startswith("ValueError at tests/queue/trial.py:")
    assert errors[1].startswith("IntegrityError 23502 at tests/queue/trial.py:")
    # Where the log goes depends on what this process has set up so far.
    everything = "".join([*errors, *capsys.readouterr(), caplog.text])
    assert "task_failed" in everything
    assert A_NAME not in everything and A_NUMBER not in everything


def test_a_kind_nobody_knows_is_dead_at_once_with_its_reason(desk):
    unknown, elsewhere = desk.post("trial.unheard_of"), desk.post("trial.tick")
    assert desk.worker(bell=False).drain() == 2
    for task_id in (unknown, elsewhere):
        task = desk.task(task_id)
        assert (task.state, task.attempts) == ("dead", 1)
        assert task.last_error.startswith("NoHandler")


def test_a_handler_that_knows_better_gives_up_at_once(desk):
    task_id = desk.post("trial.hopeless")
    desk.worker(bell=False).drain()
    assert desk.task(task_id).state == "dead"
    assert desk.task(task_id).last_error.startswith("Hopeless batch_was_cancelled")


def test_a_task_that_kills_every_worker_is_dead_in_the_end(desk):
    task_id = desk.post("trial.note")
    for _ in range(known_kinds()["trial.note"].attempts):
        with desk.database.transaction() as session:
            assert leases.take(session, CONTRACTOR, COUNTY, task_id, by="killed", lease=dt.timedelta(0))
        assert desk.sweep().taken_back == 1
    assert desk.worker(bell=False).run_next("contractor") is Outcome.BURIED
    assert desk.task(task_id).last_error.startswith("LeaseExpired")
    assert not desk.effects()


def test_a_handler_that_does_not_return_is_broken_off(desk):
    task_id = desk.post("trial.endless")
    assert desk.worker(bell=False).run_next("contractor") is Outcome.PUT_OFF
    assert desk.task(task_id).last_error.startswith("StepTookTooLong")


def test_failures_wait_longer_each_time(desk):
    handler = known_kinds()["trial.note"]
    waits = [handler.wait_after(attempts).total_seconds() for attempts in (1, 2, 3, 20)]
    assert waits == [2, 4, 8, 3600]


def test_a_long_task_shows_its_progress_and_does_each_chunk_once(desk):
    task_id = desk.post("trial.chunks")
    assert desk.worker(bell=False).run_next("contractor") is Outcome.DONE
    task = desk.task(task_id)
    assert (task.state, task.progress_done, task.progress_all) == ("done", CHUNKS, CHUNKS)
    assert desk.effects() == {(task_id, step): 1 for step in range(CHUNKS)}


def test_a_worker_asked_to_stop_gives_a_long_task_back_where_it_stands(desk):
    task_id = desk.post("trial.chunks", milliseconds=300)
    process = desk.process()
    eventually(lambda: desk.task(task_id).progress_done >= 1, "the first chunk")
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 0, process.stdout.read()
    task = desk.task(task_id)
    assert (task.state, task.attempts, task.leased_by) == ("waiting", 0, None)
    assert 1 <= task.progress_done < CHUNKS
    desk.finish_everything()
    assert desk.effects() == {(task_id, step): 1 for step in range(CHUNKS)}


def test_a_worker_asked_to_stop_finishes_a_short_task_first(desk):
    task_id = desk.post("trial.slow_note", milliseconds=800)
    process = desk.process(lease_seconds=30)
    eventually(lambda: desk.task(task_id).state == "running")
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 0, process.stdout.read()
    assert desk.task(task_id).state == "done"


def test_the_portals_worker_works_at_both_its_desks(queues, valkey):
    databases = [queues.desk(key) for key in ("county", "finance")]
    doorbell = Doorbell(valkey.url())
    for database in databases:
        hang(database, doorbell)
        with database.transaction() as session:
            post(session, county_code=COUNTY, kind="trial.nothing", payload={}, at=NOW)
    worker = Worker(databases, doorbell=doorbell)
    thread = threading.Thread(target=worker.work)
    thread.start()

    def is_done(database: Database) -> bool:
        with database.transaction() as session:
            return session.query(Task.state).all() == [("done",)]

    for database in databases:
        eventually(lambda database=database: is_done(database), database.desk.key)
    worker.ask_to_stop()
    thread.join()


def test_a_forked_child_never_speaks_on_its_parents_connections(desk):
    ask = text("SELECT pg_backend_pid()")
    Worker([desk.database])
    with desk.database.transaction() as session:
        parents = session.scalar(ask)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with desk.database.transaction() as session:
                os.write(writer, str(session.scalar(ask)).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert int(os.read(reader, 32)) != parents
    with desk.database.transaction() as session:
        assert session.scalar(ask) == parents


def test_what_else_stands_in_redis_is_not_called(desk, tmp_path):
    marker = tmp_path / "called"
    queue = Queue(CONTRACTOR.queue, connection=desk.doorbell.redis, serializer=JSONSerializer)
    queue.enqueue("os.mkdir", str(marker))
    pickled = Queue(CONTRACTOR.queue, connection=desk.doorbell.redis)
    pickled.enqueue("os.mkdir", str(marker))
    refused = metrics.RINGS.labels("contractor", "refused")
    before = refused._value.get()
    with desk.working(desk.worker()):
        eventually(lambda: refused._value.get() == before + 2, "two refusals")
        task_id = desk.post("trial.note")
        eventually(lambda: desk.task(task_id).state == "done")
    assert not marker.exists()
