"""How far a long piece of work is: done ÷ all, the rate, and the time left, a line every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS_BETWEEN_LINES = 3.0


class Progress:
    """`told` says a line; nothing is said in between, so that work in small steps does not drown its terminal."""

    def __init__(self, what: str, total: int, told: Callable[[str], None]) -> None:
        self.what, self.total, self.done = what, total, 0
        self._told = told
        self._counted = 0
        self._began = self._last = time.monotonic()

    def skip(self, count: int) -> None:
        """Done at an earlier start: it counts, and it says nothing of the speed."""
        self.done += count

    def add(self, count: int) -> None:
        self.done += count
        self._counted += count
        if time.monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            self.tell()

    def tell(self) -> None:
        self._last = time.monotonic()
        seconds = max(self._last - self._began, 0.001)
        rate = self._counted / seconds
        left = f", {(self.total - self.done) / rate:.0f} s left" if rate and self.done < self.total else ""
        share = 100 * self.done // self.total if self.total else 100
        self._told(f"{self.what}: {self.done:,} ÷ {self.total:,} ({share} %), {rate:,.0f}/s{left}")
