"""What the ledger refuses, as facts; `words.py` words them."""

from __future__ import annotations

from chassis.errors import Refusal


class BooksNotOpen(Refusal):
    """The county's books are opened first. Facts: `county`."""

    key = "books_not_open"


class AdvanceOfTomorrow(Refusal):
    """Money is booked when it has arrived. Facts: `on`."""

    status, key = 422, "advance_of_tomorrow"


class ReferenceMisspelt(Refusal):
    """A reference is 3 to 60 letters, digits, dots, dashes. Facts: `reference`."""

    status, key = 422, "reference_misspelt"


class ReferenceUsed(Refusal):
    """Another amount or day stands under this reference. Facts: `reference`, `amount_fen`, `on`."""

    key = "reference_used"


class AdvanceTakenBack(Refusal):
    """It was taken back before. Facts: `posting`."""

    key = "advance_taken_back"


class AdvanceIsSpent(Refusal):
    """The account no longer holds what would be taken back. Facts: `amount_fen`, `held_fen`."""

    key = "advance_is_spent"
