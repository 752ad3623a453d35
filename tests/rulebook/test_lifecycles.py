"""Every life is a complete table: each state is reached, each pair that is not listed is refused."""

import subprocess
import sys
from enum import StrEnum
from itertools import product
from pathlib import Path

import pytest

from rulebook import lifecycles
from rulebook.lifecycles import ALL, BATCH, CLAIM, PAYMENT, FaultyLifecycle, IllegalMove, Lifecycle
from rulebook.lifecycles import claim as claims
from rulebook.lifecycles.__main__ import drawings

EVERY_PAIR = [
    pytest.param(life, state, event, id=f"{life.name}-{state}-{event}")
    for life in ALL
    for state, event in product(life.states, life.events)
]


@pytest.mark.parametrize(("life", "state", "event"), EVERY_PAIR)
def test_a_listed_pair_moves_and_every_other_pair_is_refused(life, state, event):
    if (state, event) in life.moves:
        assert life.after(state, event) == life.moves[state, event]
        assert event in life.allowed_in(state)
    else:
        with pytest.raises(IllegalMove) as refused:
            life.after(state, event)
        assert refused.value.facts["allowed"] == sorted(life.allowed_in(state))


@pytest.mark.parametrize("life", ALL, ids=lambda life: life.name)
def test_every_state_is_reached_and_some_state_is_an_end(life):
    assert life.reached() == set(life.states)
    assert life.ends()


@pytest.mark.parametrize("life", ALL, ids=lambda life: life.name)
def test_from_every_state_some_end_can_be_reached(life):
    leads_to_an_end = set(life.ends())
    while True:
        more = {state for (state, _), follows in life.moves.items() if follows in leads_to_an_end} - leads_to_an_end
        if not more:
            break
        leads_to_an_end |= more
    assert leads_to_an_end == set(life.states)


def test_a_rejected_claim_can_only_be_reopened():
    assert CLAIM.allowed_in(claims.S.REJECTED) == {claims.E.REOPENED}


def test_an_objection_during_public_notice_sends_a_claim_back_to_review():
    history = [claims.E.TAKEN_UP, claims.E.NOTICE_BEGUN, claims.E.OBJECTED]
    assert CLAIM.replayed(history) == claims.S.IN_REVIEW


def test_a_history_with_a_step_outside_the_table_cannot_be_replayed():
    with pytest.raises(IllegalMove):
        CLAIM.replayed([claims.E.TAKEN_UP, claims.E.APPROVED, claims.E.REJECTED])


def test_a_payment_in_doubt_is_never_sent_again():
    assert {event.value for event in PAYMENT.allowed_in("in_doubt")} == {"confirmed", "refused"}


def test_a_batch_is_sent_only_after_its_approval():
    assert [state.value for (state, event) in BATCH.moves if event == "sending_begun"] == ["approved"]


class Light(StrEnum):
    RED = "red"
    GREEN = "green"


class Turn(StrEnum):
    SWITCHED = "switched"
    BROKEN = "broken"


@pytest.mark.parametrize(
    ("moves", "fault"),
    [
        ({(Light.RED, Turn.SWITCHED): Light.RED, (Light.RED, Turn.BROKEN): Light.RED}, "never reached"),
        ({(Light.RED, Turn.SWITCHED): Light.GREEN}, "never happens"),
        (
            {(Light.RED, Turn.SWITCHED): Light.GREEN, (Light.RED, Turn.BROKEN): claims.S.APPROVED},
            "not listed",
        ),
    ],
)
def test_a_table_that_cannot_be_a_life_is_refused(moves, fault):
    with pytest.raises(FaultyLifecycle) as refused:
        Lifecycle("light", "灯", Light.RED, dict.fromkeys(Light, "灯"), dict.fromkeys(Turn, "变"), moves)
    assert refused.value.facts["fault"] == fault


def test_the_command_draws_every_move_of_every_life():
    drawn = subprocess.run(
        [sys.executable, "-m", "rulebook.lifecycles"], capture_output=True, text=True, check=True
    ).stdout
    for life in lifecycles.ALL:
        for (state, event), follows in life.moves.items():
            assert f"{state} --> {follows} : {event}（{life.events[event]}）" in drawn


def test_the_documentation_shows_the_tables_as_they_are():
    page = Path(__file__).parents[2] / "docs" / "law" / "lifecycles.md"
    assert page.read_text(encoding="utf-8").endswith(drawings([]) + "\n")
