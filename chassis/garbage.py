"""Python's search for rings of dead objects, made rare where rows pass by the hundred thousand.

Rows, columns and findings hold no rings: they go as soon as nobody names them. The collector would still walk over
every object that lives, the whole program among them, again and again while a chunk of claims is in hand; in a worker
that was a third of its time. What the program itself consists of is set aside, and the walk over the rest is rare.
"""

from __future__ import annotations

import gc

MADE_BEFORE_A_WALK = 100_000
WALKS_BEFORE_A_LONGER_ONE = (20, 50)


def walk_seldom() -> None:
    """Call it once, when the program is loaded and before its work begins."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(MADE_BEFORE_A_WALK, *WALKS_BEFORE_A_LONGER_ONE)
