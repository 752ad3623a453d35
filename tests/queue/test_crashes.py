"""Killed or frozen at every named place, the queue ends as if nothing had happened (A1, A2)."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from chassis.queue import failpoints
from tests.queue.conftest import eventually
from tests.queue.trial import CHUNKS

NOTES = 6
# The places that a task of any kind passes; a room's own are tried in that room.
WORKERS_PLACES = sorted(point for point in failpoints.POINTS if not point.startswith(("ring.", "bank.")))


def is_frozen(process) -> bool:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize("place", WORKERS_PLACES)
def test_a_worker_killed_at_any_place_leaves_each_task_done_once(desk, place):
    notes = [desk.post("trial.note") for _ in range(NOTES)]
    long = desk.post("trial.chunks")
    process = desk.process(fail_at=f"{place}:4")
    assert process.wait() == -signal.SIGKILL
    desk.finish_everything()
    assert desk.states() == {"done": NOTES + 1}
    assert desk.effects() == {**{(note, 0): 1 for note in notes}, **{(long, step): 1 for step in range(CHUNKS)}}
    assert desk.task(long).progress_done == CHUNKS


@pytest.mark.parametrize("step", [1, 3, CHUNKS])
def test_a_long_task_goes_on_where_its_killed_worker_stood(desk, step):
    long = desk.post("trial.chunks")
    assert desk.process(fail_at=f"commit.before:{step}").wait() == -signal.SIGKILL
    assert desk.task(long).progress_done == step - 1
    desk.finish_everything()
    assert desk.effects() == {(long, number): 1 for number in range(CHUNKS)}


@pytest.mark.parametrize("place", ["ring.before", "ring.after"])
def test_a_poster_killed_after_its_commit_has_its_task_done_once(desk, place):
    assert desk.process("post", fail_at=place).wait() == -signal.SIGKILL
    desk.finish_everything()
    assert desk.states() == {"done": 1}
    assert list(desk.effects().values()) == [1]


def test_a_worker_killed_in_the_middle_of_its_effect_leaves_nothing_of_it(desk):
    task_id = desk.post("trial.slow_note", milliseconds=60_000)
    process = desk.process()
    eventually(lambda: desk.task(task_id).state == "running")
    process.kill()
    process.wait()
    assert desk.effects() == {}
    eventually(lambda: desk.sweep().taken_back == 1, "the end of its lease")
    assert (desk.task(task_id).state, desk.task(task_id).fence) == ("waiting", 1)


@pytest.mark.parametrize("place", ["claim.after", "effect.before", "effect.after"])
def test_a_frozen_worker_cannot_finish_a_task_taken_by_another(desk, place):
    task_id = desk.post("trial.note")
    frozen = desk.process(fail_at=f"{place}=stop", lease_seconds=1)
    eventually(lambda: is_frozen(frozen), "the freeze")
    desk.finish_everything()
    assert (desk.task(task_id).state, desk.task(task_id).fence) == ("done", 2)
    frozen.send_signal(signal.SIGCONT)
    # The thawed worker is through with the first task when it has done a second.
    second = desk.post("trial.note")
    eventually(lambda: desk.task(second).state == "done", "work of the thawed worker")
    assert desk.effects() == {(task_id, 0): 1, (second, 0): 1}
    assert desk.task(task_id).fence == 2


def test_a_frozen_worker_that_wakes_while_another_works_cannot_finish_for_it(desk):
    task_id = desk.post("trial.slow_note", milliseconds=1500)
    frozen = desk.process(fail_at="effect.after=stop", lease_seconds=1)
    eventually(lambda: is_frozen(frozen), "the freeze")
    eventually(lambda: desk.sweep().taken_back == 1, "the end of its lease")
    other = desk.worker(bell=False)
    thread = threading.Thread(target=other.drain)
    thread.start()
    eventually(lambda: desk.task(task_id).state == "running")
    frozen.send_signal(signal.SIGCONT)
    thread.join()
    assert (desk.task(task_id).state, desk.task(task_id).fence) == ("done", 2)
    assert desk.effects() == {(task_id, 0): 1}
    assert desk.fences() == {2}, "the effect is the first worker's"


def test_a_worker_frozen_at_its_commit_is_not_overtaken(desk):
    task_id = desk.post("trial.note")
    frozen = desk.process(fail_at="commit.before=stop", lease_seconds=0.5)
    eventually(lambda: is_frozen(frozen), "the freeze")
    other = desk.worker(bell=False)
    # Its completion is written and locked, only not committed: whoever comes passes it over.
    for _ in range(20):
        assert desk.sweep().taken_back == 0
        assert other.drain() == 0
    frozen.send_signal(signal.SIGCONT)
    eventually(lambda: desk.task(task_id).state == "done")
    assert desk.effects() == {(task_id, 0): 1}


def test_failing_on_purpose_is_inert_outside_the_test_environment(monkeypatch):
    monkeypatch.setenv("COOPMED_FAIL_AT", "claim.after=raise")
    for environment in ("production", "demo"):
        monkeypatch.setenv("COOPMED_ENVIRONMENT", environment)
        failpoints.the_plan.cache_clear()
        failpoints.failpoint("claim.after")
    monkeypatch.setenv("COOPMED_ENVIRONMENT", "test")
    failpoints.the_plan.cache_clear()
    with pytest.raises(failpoints.FailedOnPurpose):
        failpoints.failpoint("claim.after")
    failpoints.the_plan.cache_clear()


@pytest.mark.parametrize("wrong", ["nowhere", "claim.after:0", "claim.after=explode", ""])
def test_a_plan_that_names_no_place_is_refused(wrong):
    with pytest.raises(ValueError, match="names no place"):
        failpoints.read_plan(wrong)
