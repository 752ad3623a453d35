"""Who does what: kinds of task and the functions that do them.

A handler is `(session, task, at) -> Step | None`. It works inside the transaction that also marks the task done, so
its effect and the completion commit together or not at all; it never commits and may be run twice without harm.
A long task does one chunk and returns `Step`: that chunk is committed with its progress, and the handler is called
again with the new cursor until it returns None.
"""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from chassis.desks import DESKS, Desk


@dataclass(frozen=True)
class Step:
    """One chunk of a long task is written. `cursor` (ids only) tells the next call where to go on."""

    cursor: Mapping[str, Any]
    progress_done: int
    progress_all: int | None = None


@dataclass(frozen=True)
class TaskAtHand:
    """A task this worker holds. `house` is the worker's own: settings, keys, folders."""

    county_code: str
    id: int
    kind: str
    payload: Mapping[str, Any]
    attempts: int
    fence: int
    cursor: Mapping[str, Any] | None
    progress_done: int
    progress_all: int | None
    desk: Desk
    waited_seconds: float = 0.0
    """From due to lease, by the database's clock."""
    house: Any = field(default=None, repr=False, compare=False)


Deed = Callable[[Session, TaskAtHand, dt.datetime], Step | None]


@dataclass(frozen=True)
class Handler:
    kind: str
    deed: Deed
    desks: frozenset[str]
    attempts: int
    """After so many tries the task is dead and waits for people."""
    backoff_seconds: float
    """Waiting time after the first failure; it doubles with every further one, up to an hour."""
    limit_seconds: int
    """A step longer than this is broken off."""

    def wait_after(self, attempts: int) -> dt.timedelta:
        return dt.timedelta(seconds=min(self.backoff_seconds * 2 ** max(attempts - 1, 0), 3600))


_handlers: dict[str, Handler] = {}


def handles(
    kind: str,
    *,
    desks: Sequence[str] = tuple(DESKS),
    attempts: int = 8,
    backoff_seconds: float = 2,
    limit_seconds: int = 600,
) -> Callable[[Deed], Deed]:
    """Register the function below as the one that does tasks of this kind, at these desks."""

    def register(deed: Deed) -> Deed:
        known = _handlers.get(kind)
        assert known is None or known.deed.__qualname__ == deed.__qualname__, f"two functions handle {kind}"
        assert set(desks) <= DESKS.keys(), f"{kind} names a desk that does not exist: {desks}"
        _handlers[kind] = Handler(kind, deed, frozenset(desks), attempts, backoff_seconds, limit_seconds)
        return deed

    return register


def handler_of(desk: Desk, kind: str) -> Handler | None:
    """The handler of a kind at a desk; None where nobody there knows the kind."""
    handler = _handlers.get(kind)
    return handler if handler and desk.key in handler.desks else None


def known_kinds() -> Mapping[str, Handler]:
    return dict(_handlers)


# Which packages hold a site's jobs. Named as text because the house does not import the apps that stand on it.
PACKAGES = {
    "workspace": ("chassis", "contractor"),
    "portal": ("chassis", "oversight"),
    "claimants": ("chassis", "oversight.claimants"),
}
NOT_OF_THE_PORTAL = "oversight.claimants"


def load_handlers(site: str) -> list[str]:
    """Import every module called `jobs` that belongs to a site, so that its handlers register. Returns their names."""
    loaded = []
    for package in PACKAGES[site]:
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(root.__path__, prefix=package + "."):
            strange = site == "portal" and module.name.startswith(NOT_OF_THE_PORTAL)
            if module.name.rpartition(".")[2] == "jobs" and not strange:
                importlib.import_module(module.name)
                loaded.append(module.name)
    return loaded
