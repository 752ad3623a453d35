"""Several connections that see the database at one moment, so that a county is read side by side and still whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue
from typing import TypeVar

import psycopg
from psycopg import sql
from sqlalchemy.engine import Engine

Answer = TypeVar("Answer")

READERS = 2
# A recomputation reads for as long as it needs: its reads lock nothing and are bounded by the task's own limit.
_SESSION = (
    "SET LOCAL statement_timeout = '600s'",
    "SET LOCAL idle_in_transaction_session_timeout = '3600s'",
    "SET LOCAL work_mem = '64MB'",
    # Packed columns keep the order of the rows; and the readers stand beside each other already.
    "SET LOCAL max_parallel_workers_per_gather = 0",
)


class Snapshot:
    """Readers of one moment. `each` gives every piece of work to the reader that is free first, in its own thread."""

    def __init__(self, connections: Sequence[psycopg.Connection]) -> None:
        self._free: SimpleQueue[psycopg.Connection] = SimpleQueue()
        for connection in connections:
            self._free.put(connection)
        self._threads = ThreadPoolExecutor(len(connections), thread_name_prefix="feed")

    def each(self, work: Sequence[Callable[[psycopg.Connection], Answer]]) -> Iterator[Answer]:
        """Begin all of the work at once; the answers come in its order."""
        pending = [self._threads.submit(self._do, one) for one in work]
        return (future.result() for future in pending)

    def one(self, work: Callable[[psycopg.Connection], Answer]) -> Answer:
        return next(iter(self.each([work])))

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _do(self, work: Callable[[psycopg.Connection], Answer]) -> Answer:
        connection = self._free.get()
        try:
            return work(connection)
        finally:
            self._free.put(connection)


@contextmanager
def reading(engine: Engine, *, readers: int = READERS) -> Iterator[Snapshot]:
    """Readers at one moment of the database; what is written meanwhile is seen by the next recomputation."""
    with ExitStack() as stack:
        connections: list[psycopg.Connection] = []
        moment = None
        for _number in range(readers):
            held = stack.enter_context(engine.connect().execution_options(isolation_level="REPEATABLE READ"))
            if moment is not None:
                held.exec_driver_sql(_at(moment))
            held.exec_driver_sql("SET TRANSACTION READ ONLY")
            connection = held.connection.driver_connection
            assert isinstance(connection, psycopg.Connection)
            for setting in _SESSION:
                held.exec_driver_sql(setting)
            if moment is None:
                (moment,) = connection.execute("SELECT pg_export_snapshot()").fetchone()
            connections.append(connection)
        snapshot = Snapshot(connections)
        stack.callback(snapshot.close)
        yield snapshot


def _at(moment: str) -> str:
    return sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(moment)).as_string(None)
