"""A desk to try the queue at: handlers whose effects can be counted, and the table they are counted in."""

from __future__ import annotations

import datetime as dt
import time

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.queue.failures import Hopeless
from chassis.queue.handlers import Step, TaskAtHand, handles
from chassis.queue.periodic import every

COUNTY = "410122"
CHUNKS = 5
A_NAME, A_NUMBER = "张建国", "410122196503124517"

# The table has no unique constraint: nothing but the queue keeps a second effect out.
EFFECT_TABLES = """
CREATE TABLE contractor.trial_effect (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, task_id BIGINT NOT NULL, step INTEGER NOT NULL, fence BIGINT);
CREATE TABLE contractor.trial_mended (task_id BIGINT);
GRANT SELECT, INSERT ON contractor.trial_effect, contractor.trial_mended TO contractor_rw;
"""
WRITE = text("INSERT INTO contractor.trial_effect (task_id, step, fence) VALUES (:task_id, :step, :fence)")


def make_effect_tables(admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(EFFECT_TABLES)


def empty_the_queues(admin_url: str) -> None:
    """What no role of the house may do, a test's administrator does."""
    with psycopg.connect(admin_url) as connection:
        for schema in ("contractor", "oversight", "finance", "claimant"):
            connection.execute(f"ALTER TABLE {schema}.task DISABLE TRIGGER task_keeps_all")
            connection.execute(f"TRUNCATE {schema}.task")
            connection.execute(f"ALTER TABLE {schema}.task ENABLE ALWAYS TRIGGER task_keeps_all")
        connection.execute("TRUNCATE contractor.trial_effect, contractor.trial_mended")


def write_effect(session: Session, task: TaskAtHand, step: int = 0) -> None:
    session.execute(WRITE, {"task_id": task.id, "step": step, "fence": task.fence})


@handles("trial.note", desks=["contractor"])
def note(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    write_effect(session, task)


@handles("trial.slow_note", desks=["contractor"])
def slow_note(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    write_effect(session, task)
    time.sleep(task.payload["milliseconds"] / 1000)


@handles("trial.chunks", desks=["contractor"], backoff_seconds=0)
def chunks(session: Session, task: TaskAtHand, at: dt.datetime) -> Step | None:
    number = (task.cursor or {"next": 0})["next"]
    write_effect(session, task, number)
    time.sleep(task.payload.get("milliseconds", 0) / 1000)
    if number + 1 == CHUNKS:
        return None
    return Step(cursor={"next": number + 1}, progress_done=number + 1, progress_all=CHUNKS)


@handles("trial.poison", desks=["contractor"], attempts=3, backoff_seconds=0)
def poison(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    write_effect(session, task)
    if not session.scalar(text("SELECT count(*) FROM contractor.trial_mended")):
        raise ValueError(f"{A_NAME} {A_NUMBER} cannot be read")


@handles("trial.violation", desks=["contractor"], attempts=1)
def violation(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    session.execute(text("INSERT INTO contractor.trial_effect (task_id) VALUES (410122196503124517)"))


@handles("trial.hopeless", desks=["contractor"])
def hopeless(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    raise Hopeless("batch_was_cancelled")


@handles("trial.endless", desks=["contractor"], limit_seconds=1)
def endless(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    while True:
        time.sleep(0.01)


@handles("trial.tick", desks=["claimant"])
def tick(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    return


@handles("trial.nothing", desks=["contractor", "county", "finance"])
def nothing(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    return


every(3600, "trial.tick", desks=["claimant"])
