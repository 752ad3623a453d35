"""What every door delivers to intake: claims and their lines as columns, text already turned into typed values.

Upload, command line, API, FHIR and the made-up county all come through `IncomingBatch`; intake sees nothing else. A
reader is an iterator of batches of a few thousand claims, so that 100,000 claims stream in bounded memory. It ends
with `chassis.reading.faults.FileRefused` where anything is wrong: no batch comes after the first fault, and whoever
opened the transaction cannot overlook it.

    with database.transaction() as session:
        for batch in read_exchange(path):
            take_in(session, batch, ...)          # FileRefused rolls all of it back

Optional text that is absent is "", an optional day or payee is None.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from itertools import accumulate

ROUTES = ("direct", "manual", "outpatient")
CLAIMS_A_BATCH = 4_000
LINES_A_BATCH = 40_000
MOST_LINES_A_CLAIM = 5_000


@dataclass(frozen=True, slots=True)
class IncomingLine:
    """One line of a bill. `charged_fen` is quantity times unit price, half-up to the fen."""

    line_no: int
    item_code: str
    hospital_item_name: str
    performed_on: dt.date
    quantity_e4: int
    unit_price_e4: int
    charged_fen: int


@dataclass(frozen=True, slots=True)
class IncomingClaim:
    """One claim as it was sent.

    Args:
        claim_number: the institution's own number, never used twice by it.
        discharged_on: on the outpatient route the same day as `admitted_on`.
        charged_fen: the sum of the lines as charged, before any reduction.
        institution_reduced_fen: what the institution's own review took off.
        advanced_fen: what the institution advanced to the member on the direct route.
        payee_account: sealed by intake; needed on the manual route.
    """

    claim_number: str
    route: str
    institution_code: str
    card_number: str
    invoice_number: str
    admitted_on: dt.date
    discharged_on: dt.date
    diagnosis_code: str
    charged_fen: int
    submitted_on: dt.date
    lines: tuple[IncomingLine, ...]
    diagnosis_name: str = ""
    procedure_codes: tuple[str, ...] = ()
    department: str = ""
    doctor: str = ""
    institution_reduced_fen: int = 0
    paid_elsewhere_fen: int = 0
    advanced_fen: int = 0
    receipt_signed_on: dt.date | None = None
    referral_slip: str = ""
    payee_name: str | None = None
    payee_account: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class ClaimColumns:
    """One list per field of a claim, all of one length; `row` is where the claim begins in what was sent."""

    row: list[int] = field(default_factory=list)
    claim_number: list[str] = field(default_factory=list)
    route: list[str] = field(default_factory=list)
    institution_code: list[str] = field(default_factory=list)
    card_number: list[str] = field(default_factory=list)
    invoice_number: list[str] = field(default_factory=list)
    admitted_on: list[dt.date] = field(default_factory=list)
    discharged_on: list[dt.date] = field(default_factory=list)
    diagnosis_code: list[str] = field(default_factory=list)
    diagnosis_name: list[str] = field(default_factory=list)
    procedure_codes: list[tuple[str, ...]] = field(default_factory=list)
    department: list[str] = field(default_factory=list)
    doctor: list[str] = field(default_factory=list)
    charged_fen: list[int] = field(default_factory=list)
    institution_reduced_fen: list[int] = field(default_factory=list)
    paid_elsewhere_fen: list[int] = field(default_factory=list)
    advanced_fen: list[int] = field(default_factory=list)
    receipt_signed_on: list[dt.date | None] = field(default_factory=list)
    referral_slip: list[str] = field(default_factory=list)
    payee_name: list[str | None] = field(default_factory=list)
    payee_account: list[str | None] = field(default_factory=list, repr=False)
    submitted_on: list[dt.date] = field(default_factory=list)


@dataclass(slots=True)
class LineColumns:
    """One list per field of a line; `claim_row` is the place of its claim in the batch, from 0, never falling."""

    row: list[int] = field(default_factory=list)
    claim_row: list[int] = field(default_factory=list)
    line_no: list[int] = field(default_factory=list)
    item_code: list[str] = field(default_factory=list)
    hospital_item_name: list[str] = field(default_factory=list)
    performed_on: list[dt.date] = field(default_factory=list)
    quantity_e4: list[int] = field(default_factory=list)
    unit_price_e4: list[int] = field(default_factory=list)
    charged_fen: list[int] = field(default_factory=list)


CLAIM_FIELDS = tuple(each.name for each in fields(ClaimColumns) if each.name != "row")
LINE_FIELDS = tuple(each.name for each in fields(LineColumns) if each.name not in ("row", "claim_row"))


@dataclass(slots=True)
class IncomingBatch:
    """Some thousand claims with all their lines; the lines of a claim stand together, in the claims' order."""

    claims: ClaimColumns = field(default_factory=ClaimColumns)
    lines: LineColumns = field(default_factory=LineColumns)

    def __len__(self) -> int:
        return len(self.claims.claim_number)

    @property
    def line_count(self) -> int:
        return len(self.lines.claim_row)

    @property
    def charged_fen(self) -> int:
        return sum(self.claims.charged_fen)

    def line_starts(self) -> list[int]:
        """Where each claim's lines begin, and after the last claim the count of lines: one longer than the claims."""
        counts = [0] * len(self)
        for claim_row in self.lines.claim_row:
            counts[claim_row] += 1
        return [0, *accumulate(counts)]

    @classmethod
    def of(cls, claims: Iterable[IncomingClaim], *, first_row: int = 1) -> IncomingBatch:
        """A batch of claims made one by one, as the API and the made-up county do."""
        batch = cls()
        for place, claim in enumerate(claims):
            batch.claims.row.append(first_row + place)
            for name in CLAIM_FIELDS:
                getattr(batch.claims, name).append(getattr(claim, name))
            for line in claim.lines:
                batch.lines.row.append(first_row + place)
                batch.lines.claim_row.append(place)
                for name in LINE_FIELDS:
                    getattr(batch.lines, name).append(getattr(line, name))
        return batch

    def each(self) -> Iterator[IncomingClaim]:
        """The claims one by one, for a page or a test; a verb reads the columns."""
        starts = self.line_starts()
        for place in range(len(self)):
            yield IncomingClaim(
                **{name: getattr(self.claims, name)[place] for name in CLAIM_FIELDS},
                lines=tuple(
                    IncomingLine(**{name: getattr(self.lines, name)[line] for name in LINE_FIELDS})
                    for line in range(starts[place], starts[place + 1])
                ),
            )
