"""Acts that no rule allows, by what they are against; importing a module enters its acts (A12)."""

from tests.payments.attacks import on_batches, on_books, on_history, on_payments
from tests.payments.attacks.trying import ATTACKS, World, tried

__all__ = ["ATTACKS", "World", "on_batches", "on_books", "on_history", "on_payments", "tried"]
