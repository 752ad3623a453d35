"""Acts that no rule allows, as SQL of the app's own role: what someone would try who has the app's password (A12).

Each is a whole transaction. It must be refused by the database; one that touches nothing tries nothing and counts as a
mistake of this file.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import psycopg

from tests.payments.trade import Trade

Attack = Callable[["World", random.Random], list[str]]
ATTACKS: dict[str, Attack] = {}


@dataclass
class World:
    """A batch in each state, and payments in most."""

    trade: Trade
    batches: dict[str, int]
    payments: dict[str, list[int]]

    @cached_property
    def intruder(self) -> psycopg.Connection:
        return self.trade.as_contractor()

    @property
    def people(self) -> dict[str, int]:
        return self.trade.people


def attack(function: Attack) -> Attack:
    ATTACKS[function.__name__] = function
    return function


def tried(world: World, name: str, chance: random.Random) -> str:
    """What the database said: its SQLSTATE. Raises AssertionError where it let the act pass."""
    statements = ATTACKS[name](world, chance)
    touched = 0
    try:
        for statement in statements:
            touched = max(touched, world.intruder.execute(statement).rowcount)
        world.intruder.commit()
    except psycopg.Error as error:
        world.intruder.rollback()
        return error.sqlstate or "none"
    assert touched > 0, f"{name} tried nothing: {statements}"
    raise AssertionError(f"{name} passed: {statements}")
