"""A life is a table: which event may happen in which state, and which state follows.

The desk that writes asks the table before it writes; the desk that watches replays the recorded events with the
same table. There is no other way from one state to the next.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from rulebook.refusals import Refused

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class IllegalMove(Refused):
    """The table has no move for this event in this state. Facts: `lifecycle`, `state`, `event`, `allowed`."""


class FaultyLifecycle(Refused):
    """A table that cannot be a life: a state nobody reaches, or a state or event it never uses."""


@dataclass(frozen=True)
class Lifecycle(Generic[S, E]):
    """A table of legal moves.

    Args:
        name: the thing that lives, as in the glossary.
        title: the same in Chinese.
        states: every state, with its Chinese word.
        events: every event, with its Chinese word.
    """

    name: str
    title: str
    initial: S
    states: Mapping[S, str]
    events: Mapping[E, str]
    moves: Mapping[tuple[S, E], S]

    def __post_init__(self) -> None:
        named_states = {state for state, _ in self.moves} | set(self.moves.values())
        named_events = {event for _, event in self.moves}
        if unreached := set(self.states) - self.reached():
            raise FaultyLifecycle(lifecycle=self.name, fault="never reached", names=sorted(unreached))
        if unlisted := (named_states - set(self.states)) | (named_events - set(self.events)):
            raise FaultyLifecycle(lifecycle=self.name, fault="not listed", names=sorted(unlisted))
        if unused := set(self.events) - named_events:
            raise FaultyLifecycle(lifecycle=self.name, fault="never happens", names=sorted(unused))

    def after(self, state: S, event: E) -> S:
        """The state that follows. Raises: IllegalMove."""
        try:
            return self.moves[state, event]
        except KeyError:
            raise IllegalMove(
                lifecycle=self.name, state=state, event=event, allowed=sorted(self.allowed_in(state))
            ) from None

    def allowed_in(self, state: S) -> set[E]:
        """The events that may happen in a state."""
        return {event for from_state, event in self.moves if from_state == state}

    def replayed(self, events: Iterable[E]) -> S:
        """The state after a whole recorded history. Raises: IllegalMove at the first step that is not in the table."""
        state = self.initial
        for event in events:
            state = self.after(state, event)
        return state

    def reached(self) -> set[S]:
        """Every state that some history leads to."""
        reached = {self.initial}
        waiting = [self.initial]
        while waiting:
            here = waiting.pop()
            for (state, _), follows in self.moves.items():
                if state == here and follows not in reached:
                    reached.add(follows)
                    waiting.append(follows)
        return reached

    def ends(self) -> set[S]:
        """The states nothing follows."""
        return set(self.states) - {state for state, _ in self.moves}

    def mermaid(self) -> str:
        """The table as a drawing, for the documentation."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {state} : {state}（{word}）" for state, word in self.states.items()]
        lines += [
            f"    {state} --> {follows} : {event}（{self.events[event]}）"
            for (state, event), follows in self.moves.items()
        ]
        lines += [f"    {state} --> [*]" for state in self.states if state in self.ends()]
        return "\n".join(lines)
