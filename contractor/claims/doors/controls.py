"""What must hold in every claim that is sent, whatever door it comes through, before intake looks at it.

These are controls of form: sums, order of days, amounts that cannot be. Whether the member is enrolled, the
institution designated or the price allowed is intake's and the checks' to find; a claim is not refused for it here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise

from chassis.reading.faults import Faults
from contractor.claims.incoming import ClaimColumns, IncomingBatch, LineColumns
from rulebook.money import LARGEST_FEN, line_fen, yuan_text

# Columns in which None says "not sent"; anywhere else it says that the cell could not be read.
MAY_BE_NONE = frozenset({"receipt_signed_on", "payee_name", "payee_account"})


@dataclass(frozen=True)
class ControlTotals:
    """What the sender says a file holds; each is compared where it is given."""

    claim_count: int | None = None
    line_count: int | None = None
    charged_fen: int | None = None


class Totals:
    """What a file was found to hold, added up batch by batch."""

    def __init__(self) -> None:
        self.claim_count = self.line_count = self.charged_fen = 0

    def add(self, batch: IncomingBatch) -> None:
        self.claim_count += len(batch)
        self.line_count += batch.line_count
        self.charged_fen += batch.charged_fen

    def compare(self, told: ControlTotals, faults: Faults) -> None:
        for name in ("claim_count", "line_count"):
            expected = getattr(told, name)
            if expected is not None and expected != getattr(self, name):
                faults.add(0, name, "control_total", expected=str(expected), found=getattr(self, name))
        if told.charged_fen is not None and told.charged_fen != self.charged_fen:
            expected, found = yuan_text(told.charged_fen), yuan_text(self.charged_fen)
            faults.add(0, "charged_fen", "control_total", expected=expected, found=found)


def check_batch(batch: IncomingBatch, faults: Faults) -> None:
    """Add a fault for each control that a claim of the batch breaks; claims with unreadable cells are passed over."""
    readable = _readable_claims(batch) if faults else range(len(batch))
    starts = batch.line_starts()
    _check_lines(batch.lines, faults)
    _check_days(batch.claims, readable, faults)
    _check_amounts(batch, readable, starts, faults)
    _check_line_numbers(batch, starts, faults)


def _check_lines(lines: LineColumns, faults: Faults) -> None:
    columns = zip(lines.quantity_e4, lines.unit_price_e4, lines.charged_fen, strict=True)
    for place, (quantity_e4, unit_price_e4, charged_fen) in enumerate(columns):
        if quantity_e4 is None or unit_price_e4 is None or charged_fen is None:
            continue
        if not quantity_e4:
            faults.add(lines.row[place], "quantity", "not_above_zero", expected="> 0", found="0")
        # This is `line_fen` written out: a call per line would cost a third of the time of reading.
        elif (quantity_e4 * unit_price_e4 + 500_000) // 1_000_000 != charged_fen:
            expected = line_fen(quantity_e4, unit_price_e4)
            told = yuan_text(expected) if expected <= LARGEST_FEN else f"> {yuan_text(LARGEST_FEN)}"
            faults.add(
                lines.row[place], "line_charged", "line_is_not_its_product", expected=told, found=yuan_text(charged_fen)
            )


def _check_days(claims: ClaimColumns, readable: range | list[int], faults: Faults) -> None:
    for place in readable:
        admitted_on, discharged_on = claims.admitted_on[place], claims.discharged_on[place]
        if discharged_on < admitted_on:
            faults.add(
                claims.row[place], "discharged_on", "before_admission", expected=f"≥ {admitted_on}", found=discharged_on
            )
        elif claims.route[place] == "outpatient" and discharged_on != admitted_on:
            faults.add(
                claims.row[place],
                "discharged_on",
                "visit_of_several_days",
                expected=f"{admitted_on}",
                found=discharged_on,
            )
        if claims.submitted_on[place] < discharged_on:
            faults.add(
                claims.row[place], "submitted_on", "before_discharge", expected=f"≥ {discharged_on}",
                found=claims.submitted_on[place],
            )  # fmt: skip


def _check_amounts(batch: IncomingBatch, readable: range | list[int], starts: list[int], faults: Faults) -> None:
    claims, line_charged = batch.claims, batch.lines.charged_fen
    for place in readable:
        charged_fen, row = claims.charged_fen[place], claims.row[place]
        first, end = starts[place], starts[place + 1]
        if first == end:
            faults.add(row, "lines", "no_lines", expected="≥ 1", found="0")
            continue
        charges = line_charged[first:end]
        if None not in charges and sum(charges) != charged_fen:
            faults.add(row, "charged", "sum_differs", expected=yuan_text(sum(charges)), found=yuan_text(charged_fen))
        taken_off_fen = claims.institution_reduced_fen[place] + claims.paid_elsewhere_fen[place]
        if taken_off_fen > charged_fen:
            faults.add(
                row, "institution_reduced", "more_than_charged", expected=f"≤ {yuan_text(charged_fen)}",
                found=yuan_text(taken_off_fen),
            )  # fmt: skip
        advanced_fen = claims.advanced_fen[place]
        if advanced_fen > charged_fen:
            faults.add(
                row,
                "advanced",
                "more_than_charged",
                expected=f"≤ {yuan_text(charged_fen)}",
                found=yuan_text(advanced_fen),
            )
        elif advanced_fen and claims.route[place] != "direct":
            faults.add(row, "advanced", "advance_is_direct", expected="0", found=yuan_text(advanced_fen))
        if (claims.payee_name[place] is None) != (claims.payee_account[place] is None):
            missing = "payee_name" if claims.payee_name[place] is None else "payee_account"
            faults.add(row, missing, "blank")


def _check_line_numbers(batch: IncomingBatch, starts: list[int], faults: Faults) -> None:
    numbers = batch.lines.line_no
    for first, end in pairwise(starts):
        if numbers[first:end] == _PLAIN[: end - first]:
            continue
        previous = 0
        for place in range(first, end):
            if (number := numbers[place]) is None:
                continue
            if number <= previous:
                faults.add(batch.lines.row[place], "line_no", "not_rising", expected=f"> {previous}", found=number)
            previous = max(number, previous)


_PLAIN = list(range(1, 101))


def _readable_claims(batch: IncomingBatch) -> list[int]:
    """The places of claims whose own cells could all be read."""
    columns = [getattr(batch.claims, each.name) for each in fields(ClaimColumns) if each.name not in MAY_BE_NONE]
    return [place for place, cells in enumerate(zip(*columns, strict=True)) if None not in cells]


def batches_with_totals(
    batches: Iterator[IncomingBatch], told: ControlTotals | None, faults: Faults, file_name: str
) -> Iterator[IncomingBatch]:
    """Pass batches on while nothing is wrong; at the end compare the totals and refuse the file where anything is."""
    totals = Totals()
    for batch in batches:
        if not faults:
            totals.add(batch)
            yield batch
    if told is not None and not faults:
        totals.compare(told, faults)
    faults.raise_if_any(file_name)
