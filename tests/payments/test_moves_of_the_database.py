"""The database's tables of moves are those of the rulebook: every triple of state, event and state is asked."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import create_engine, text

from rulebook.lifecycles import BATCH, PAYMENT


@pytest.mark.parametrize(("lifecycle", "function"), [(PAYMENT, "payment_may_move"), (BATCH, "batch_may_move")])
def test_the_database_allows_exactly_the_moves_of_the_rulebook(house_database, lifecycle, function):
    triples = list(itertools.product(lifecycle.states, lifecycle.events, lifecycle.states))
    owner = create_engine(house_database.owner_url.replace("postgresql:", "postgresql+psycopg:"))
    with owner.connect() as connection:
        allowed = connection.execute(
            text(
                f"SELECT before, event, after FROM unnest(CAST(:b AS text[]), CAST(:e AS text[]), CAST(:a AS text[])) "
                f"AS t (before, event, after) WHERE contractor.{function}(before, event, after)"
            ),
            {"b": [t[0] for t in triples], "e": [t[1] for t in triples], "a": [t[2] for t in triples]},
        ).fetchall()
    owner.dispose()
    assert {tuple(row) for row in allowed} == {
        (str(state), str(event), str(after)) for (state, event), after in lifecycle.moves.items()
    }
