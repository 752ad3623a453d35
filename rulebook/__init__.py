"""The rules both sides obey: data with dates and articles, and pure functions over whole fen.

Nothing here knows the web, a database, a queue or a clock. The insurer assesses with this package, the county
recomputes beside it, the member's letter prints its sheet of steps.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rulebook.simulation import simulate

__all__ = ["simulate"]


def __getattr__(name: str) -> object:
    # Only a simulation needs the compiled engine; a page that explains one claim must not pay for loading it.
    if name == "simulate":
        from rulebook.simulation import simulate

        return simulate
    raise AttributeError(name)
