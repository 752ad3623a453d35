"""The lines of claims against the catalogue as it is now: an entry that was wrong when they came in is put right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from contractor.claims import registry
from contractor.claims.arrays import numbers_text
from contractor.claims.chunk import Chunk
from contractor.claims.copying import copy_rows
from contractor.claims.statements import statement

COLUMNS = (
    "county_code", "correction_id", "claim_id", "line_no", "old_class", "new_class", "old_limit_e4", "new_limit_e4",
)  # fmt: skip
NOT_LISTED = (0, -1)
"""No class and no limit: what the county too takes an item for that its catalogue does not have on that day."""


class LineChange(NamedTuple):
    claim_id: int
    line_no: int
    old_class: int
    new_class: int
    old_limit_e4: int
    new_limit_e4: int


def relist(chunk: Chunk) -> list[LineChange]:
    """Put the chunk's lines to the catalogue of their days, before its bills are drawn up. Nothing is written.

    One statement, however many lines.
    """
    lines = chunk.lines
    items = registry.items(chunk.session, chunk.county_code, set(lines["item_code"].tolist()))
    tiers = [chunk.institutions[claim.institution_code].tier for claim in chunk.claims]
    changes = []
    for place, (code, day, claim_row, old_class, old_limit) in enumerate(
        zip(
            lines["item_code"].tolist(), lines["performed_on"].tolist(), lines["claim_row"].tolist(),
            lines["catalogue_class"].tolist(), lines["price_limit_e4"].tolist(), strict=True,
        )
    ):  # fmt: skip
        new_class, new_limit = _listed(items.get(code, ()), day, tiers[claim_row])
        if (new_class, new_limit) != (old_class, old_limit):
            changes.append(
                LineChange(
                    chunk.claims[claim_row].id, int(lines["line_no"][place]), old_class, new_class, old_limit, new_limit
                )
            )
            lines["catalogue_class"][place], lines["price_limit_e4"][place] = new_class, new_limit
    return changes


def write_lines(chunk: Chunk, correction_id: int, changes: Sequence[LineChange]) -> None:
    """Keep what the lines said, then change them: two statements."""
    if not changes:
        return
    copy_rows(
        chunk.session, "line_correction", COLUMNS, ((chunk.county_code, correction_id, *change) for change in changes)
    )
    chunk.session.execute(
        statement(
            "UPDATE contractor.claim_line AS l SET catalogue_class = own.class, price_limit_e4 = own.limit_e4 "
            "FROM unnest(CAST(:claims AS bigint[]), CAST(:numbers AS int[]), CAST(:classes AS smallint[]), "
            "CAST(:limits AS bigint[])) AS own (claim_id, line_no, class, limit_e4) "
            "WHERE l.county_code = :county_code AND l.claim_id = own.claim_id AND l.line_no = own.line_no"
        ),
        {
            "county_code": chunk.county_code,
            "claims": numbers_text(one.claim_id for one in changes),
            "numbers": numbers_text(one.line_no for one in changes),
            "classes": numbers_text(one.new_class for one in changes),
            "limits": numbers_text(one.new_limit_e4 for one in changes),
        },
    )


def _listed(periods: Sequence[registry.KnownItem], day: dt.date, tier: int) -> tuple[int, int]:
    for item in periods:
        if item.from_on <= day < item.until_on:
            return item.catalogue_class, item.limits_e4[tier]
    return NOT_LISTED
