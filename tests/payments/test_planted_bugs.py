"""The trials of crashes can fail: each bug here is planted in the running code, and is named by what it breaks (A1–A5).

What is planted is what a hurried change would do: send before the commit, put an answer away before its effect is
kept, book it in a transaction of its own or once more for its second coming, take the doorbell for the truth.
"""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.queue import sweeper
from contractor.ledger import entries
from contractor.payments import answers, jobs
from contractor.payments.answer_files import read_answer
from contractor.payments.tables import Payment
from tests.payments.road import Road, after_the_bell_was_emptied

FEW_ROUNDS = 4
NONE = ()


@pytest.fixture()
def road(trade, servers) -> Road:
    return Road(trade, servers.redis_url, most_rounds=FEW_ROUNDS)


@pytest.fixture()
def in_a_hurry(monkeypatch):
    """What should be done after the commit is done at once."""
    monkeypatch.setattr(jobs, "_afterwards", lambda session, act: act())


def test_nothing_is_wrong_before_anything_is_planted(trade, servers):
    """Else a bug that is seen below might be the trial's own. One step is enough: test_crashes walks them all."""
    road = Road(trade, servers.redis_url)
    assert road.walk(ringing=NONE, sending=("effect.after",), reading=("effect.after",)) == {}


@pytest.mark.usefixtures("in_a_hurry")
def test_a_file_that_leaves_before_its_commit_is_seen(road):
    with pytest.raises(AssertionError, match=r"lie before the bank and are not committed"):
        road.walk(ringing=NONE, sending=("effect.after",), reading=NONE)


@pytest.mark.usefixtures("in_a_hurry")
def test_an_answer_that_is_put_away_before_its_effect_is_kept_is_seen(road):
    found = road.walk(ringing=NONE, sending=NONE, reading=("effect.after",))
    assert found["answers that we have lost"] > 0


def test_an_answer_booked_in_a_transaction_of_its_own_is_seen(road, monkeypatch):
    right = answers._post

    def in_its_own(session, *given, **more):
        with Session(session.get_bind().engine) as other:
            right(other, *given, **more)
            other.commit()

    monkeypatch.setattr(answers, "_post", in_its_own)
    # The first of the bank's files is its receipt, the second answers line by line.
    found = road.walk(ringing=NONE, sending=NONE, reading=("commit.before:3",))
    assert found.keys() & {"parity: in_transit_differs", "parity: paid_and_not_booked", "tasks that failed"}, found


def test_an_answer_booked_again_when_it_comes_again_is_seen(road, monkeypatch):
    right, numbers = jobs.take_in, itertools.count()

    def again(session, content, *, county_code, at, **more):
        taken = right(session, content, county_code=county_code, at=at, **more)
        if taken.is_duplicate:
            names = {line.end_to_end_id for line in read_answer(content).lines if line.says == "paid"}
            ids = list(session.scalars(select(Payment.id).where(Payment.end_to_end_id.in_(names))))
            if ids:
                answers._post(session, county_code, "confirmed", ids, taken.message, on=local_day(at))
        return taken

    def keyless(session, legs, *, key, **more):
        return post(session, legs, key=f"{key}/{next(numbers)}", **more)

    post = entries.post
    monkeypatch.setattr(jobs, "_read_before", lambda *_given: [])
    monkeypatch.setattr(jobs, "take_in", again)
    monkeypatch.setattr(entries, "post", keyless)
    found = road.walk(ringing=NONE, sending=NONE, reading=("bank.answer.before",))
    # Money that is not in transit cannot be paid out of it: the database refuses, and the task says so.
    assert found.keys() & {"parity: paid_and_not_booked", "tasks that failed"}, found


def test_a_bell_that_is_taken_for_the_truth_is_seen(trade, servers, monkeypatch):
    monkeypatch.setattr(sweeper, "_ring_again", lambda *_given: 0)
    assert after_the_bell_was_emptied(trade, servers.redis_url) == ["approved"]
