"""How often one token may ask: counted for all processes of a site in Redis, by each process alone where Redis is gone.

A program that runs wild, or a token that was stolen, is slowed down before it takes the place of everybody else. The
count is of the running minute; whoever is over it is told how many seconds are left of it.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter

import redis
import structlog

from chassis.api.refusals import TooManyRequests

WINDOW_SECONDS = 60
REDIS_RESTS_SECONDS = 30
"""How long a Redis that did not answer is left alone: a request must not wait for it again and again."""
log = structlog.get_logger(__name__)


class Limiter:
    """Counts the requests of each token in the running minute."""

    def __init__(self, most: int, counter: redis.Redis | None) -> None:
        self.most = most
        self._redis = counter
        self._rests_until = 0.0
        self._own: Counter[int] = Counter()
        self._own_window = 0

    def admit(self, token_id: int, *, at: dt.datetime) -> None:
        """Count one request of a token. Raises: TooManyRequests."""
        window, second = divmod(int(at.timestamp()), WINDOW_SECONDS)
        if self._counted(token_id, window) > self.most:
            raise TooManyRequests(most=self.most, retry_after_seconds=WINDOW_SECONDS - second)

    def _counted(self, token_id: int, window: int) -> int:
        if self._redis is not None and time.monotonic() >= self._rests_until:
            name = f"coopmed:api:{token_id}:{window}"
            try:
                with self._redis.pipeline(transaction=False) as asked:
                    return asked.incr(name).expire(name, 2 * WINDOW_SECONDS).execute()[0]
            except redis.RedisError as error:
                log.warning("request_counter_gone", error=type(error).__name__)
                self._rests_until = time.monotonic() + REDIS_RESTS_SECONDS
        if window != self._own_window:
            self._own, self._own_window = Counter(), window
        self._own[token_id] += 1
        return self._own[token_id]
