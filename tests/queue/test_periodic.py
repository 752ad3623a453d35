"""What is done every so often is posted once, however many sweepers there are."""

from __future__ import annotations

import datetime as dt
import threading

from sqlalchemy import func, select

from chassis.queue import leases
from chassis.queue.sweeper import sweep
from chassis.queue.tables import Task
from chassis.queue.worker import Worker

AT = dt.datetime(2026, 5, 6, 1, 2, 3, tzinfo=dt.UTC)


def count(database) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(Task))


def test_eight_sweepers_post_a_periodic_task_once(queues):
    databases = [queues.desk("claimant") for _ in range(8)]
    together = threading.Barrier(8)
    for hour in range(5):
        at = AT + dt.timedelta(hours=hour)

        def sweep_with_the_others(database, at=at) -> None:
            together.wait()
            sweep(database, None, at=at)

        threads = [threading.Thread(target=sweep_with_the_others, args=[database]) for database in databases]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert count(databases[0]) == hour + 1
        Worker([databases[0]]).drain()


def test_a_slot_is_posted_once_even_when_it_is_done_already(queues):
    database = queues.desk("claimant")
    assert sweep(database, None, at=AT).posted == 1
    assert Worker([database]).drain() == 1
    assert sweep(database, None, at=AT + dt.timedelta(minutes=50)).posted == 0
    assert sweep(database, None, at=AT + dt.timedelta(hours=1)).posted == 1


def test_periodic_tasks_do_not_pile_up_while_nobody_works(queues):
    database = queues.desk("claimant")
    for hour in range(3):
        sweep(database, None, at=AT + dt.timedelta(hours=hour))
    assert count(database) == 1
    with database.transaction() as session:
        assert leases.take_next(session, database.desk, by="w", lease=dt.timedelta(seconds=60))
    assert sweep(database, None, at=AT + dt.timedelta(hours=4)).posted == 0
