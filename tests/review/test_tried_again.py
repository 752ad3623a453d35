"""A transaction that another was in the way of is tried again as a whole, and a wait for a lock not for ever."""

from __future__ import annotations

import threading

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

HOLD, LOOK = "LOCK TABLE contractor.review_view", "SELECT count(*) FROM contractor.review_view"


def test_a_lock_that_was_not_to_be_had_is_tried_once_more_and_then_told(module_database):
    tries, desk = [], module_database.desk("contractor")

    def work(session):
        tries.append(1)
        session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        return session.scalar(text(LOOK))

    with psycopg.connect(module_database.owner_url) as other:
        other.execute(HOLD)
        with pytest.raises(DBAPIError) as refused:
            desk.retrying(work)
        assert refused.value.orig.sqlstate == "55P03" and len(tries) == 2
    assert desk.retrying(work) == 0 and len(tries) == 3
    desk.engine.dispose()


def test_who_waited_for_a_lock_that_was_let_go_meanwhile_goes_on(module_database):
    tries, desk, refused_once = [], module_database.desk("contractor"), threading.Event()

    def work(session):
        tries.append(1)
        if len(tries) == 2:
            refused_once.set()
            holder.join()
        session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        return session.scalar(text(LOOK))

    other = psycopg.connect(module_database.owner_url)
    other.execute(HOLD)

    def let_go():
        refused_once.wait(20)
        other.rollback()

    holder = threading.Thread(target=let_go)
    holder.start()
    assert desk.retrying(work) == 0 and len(tries) == 2
    other.close()
    desk.engine.dispose()
