"""What the documents of a claim refuse. Worded in `wording.py`."""

from __future__ import annotations

from chassis.errors import Refusal


class EmptyDocument(Refusal):
    """Nothing is in it. Facts: `file_name`."""

    status, key = 422, "document_empty"


class NotADocument(Refusal):
    """By its content it is neither PDF nor JPEG nor PNG. Facts: `file_name`."""

    status, key = 422, "document_not_a_document"


class NameLies(Refusal):
    """Its name says another type than its content. Facts: `file_name`, `named`, `found` (media type)."""

    status, key = 422, "document_name_lies"


class DocumentTooLarge(Refusal):
    """Facts: `most_mb`."""

    status, key = 413, "document_too_large"


class NotShowable(Refusal):
    """No picture of it can be made. Facts: `reason` (unreadable, locked, form, too_heavy, too_many_pages)."""

    status, key = 422, "document_not_showable"


class DocumentKnown(Refusal):
    """The same file is on this claim already. Facts: `document_id`, `paper`, `added_at`."""

    key = "document_known"


class TooManyDocuments(Refusal):
    """Facts: `most`."""

    key = "document_too_many"


class UnknownPaper(Refusal):
    """What paper it is, is named by its code. Facts: `paper`."""

    status, key = 422, "document_unknown_paper"


class ClaimClosed(Refusal):
    """A claim that was withdrawn takes no papers. Facts: `claim_id`, `state`."""

    key = "document_claim_closed"


class DocumentWithdrawn(Refusal):
    """It was taken back already. Facts: `document_id`."""

    key = "document_withdrawn"


class NotYourDocument(Refusal):
    """Whoever added it takes it back, or the insurer. Facts: `document_id`."""

    key = "document_not_yours"
