"""Redis is a doorbell: flushed, gone or away for a while, no task is lost and none has two effects (A5)."""

from __future__ import annotations

from chassis.queue import metrics
from chassis.queue.doorbell import Doorbell
from chassis.queue.worker import Worker
from tests.queue.conftest import eventually


class OnlyTheBell(Worker):
    """Does nothing in silence, else draining would hide a bell that nobody answers."""

    def drain(self, *, seconds: float | None = None) -> int:
        return 0


def test_a_ring_alone_brings_a_task_to_its_end(desk):
    answered = metrics.RINGS.labels("contractor", "answered")
    before = answered._value.get()
    worker = OnlyTheBell([desk.new_database()], doorbell=Doorbell(desk.valkey.url()))
    with desk.working(worker):
        tasks = [desk.post("trial.note") for _ in range(20)]
        eventually(lambda: desk.states()["done"] == 20)
    assert desk.effects() == {(task, 0): 1 for task in tasks}
    assert answered._value.get() == before + 20
    assert desk.doorbell.redis.keys("rq:job:*") == []


def test_redis_flushed_with_a_thousand_waiting_loses_none(desk):
    desk.post_many("trial.note", 1000)
    with desk.working(desk.worker()):
        eventually(lambda: desk.states()["done"] >= 50, "the first fifty")
        desk.doorbell.redis.flushall()
        assert desk.states()["waiting"] > 0, "flushed too late to prove anything"
        eventually(lambda: desk.states()["done"] == 1000, "all thousand")
    assert len(desk.effects()) == 1000 and set(desk.effects().values()) == {1}


def test_a_house_whose_redis_is_gone_posts_and_works_all_the_same(desk):
    desk.valkey.stop()
    unheard = metrics.RINGS.labels("contractor", "unheard")
    before = unheard._value.get()
    first = desk.post("trial.note")
    assert unheard._value.get() == before + 1
    with desk.working(desk.worker()):
        eventually(lambda: desk.task(first).state == "done", "work without Redis")
        desk.post_many("trial.note", 50)
        eventually(lambda: desk.states()["done"] == 51, "more work without Redis")
    assert len(desk.effects()) == 51 and set(desk.effects().values()) == {1}


def test_a_worker_hears_the_doorbell_again_when_redis_comes_back(desk):
    rung = metrics.RINGS.labels("contractor", "rung")
    with desk.working(desk.worker()):
        eventually(lambda: desk.post("trial.note") and desk.states()["waiting"] == 0)
        desk.valkey.kill()
        desk.post("trial.note")
        eventually(lambda: desk.states()["waiting"] == 0, "drained while Redis is dead")
        desk.valkey.start()
        before = rung._value.get()
        eventually(lambda: desk.post("trial.note") and rung._value.get() > before, "the first ring")
        eventually(lambda: desk.doorbell.redis.smembers("rq:workers"), "the worker at the bell again")
        eventually(lambda: desk.states()["waiting"] + desk.states()["running"] == 0, "the rest")
    assert set(desk.effects().values()) == {1}


def test_a_house_that_never_had_redis_works(desk):
    desk.post_many("trial.note", 20)
    with desk.working(desk.worker(bell=False)):
        eventually(lambda: desk.states()["done"] == 20)


def test_the_sweeper_rings_for_what_no_bell_holds_and_for_nothing_else(desk):
    desk.post_many("trial.note", 3)
    assert desk.sweep().rung == 0
    desk.doorbell.redis.flushall()
    assert desk.sweep().rung == 3
    assert desk.sweep().rung == 0
