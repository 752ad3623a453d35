"""The demo's claims as the files that were sent: month by month, each sender its own, in the exchange format."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from chassis.clock import SHANGHAI
from contractor.claims.doors.exchange_columns import CLAIM_COLUMNS, LINE_COLUMNS
from contractor.claims.incoming import IncomingClaim
from demo.county import COUNTY
from demo.lives import LAST_DAY
from rulebook.money import yuan_text

DIRECT_SENDER = f"{COUNTY}001"
"""The hospital with a sign-in in the demo sends its own file; what the others send comes collected."""
ROUTES = {"direct": "直补", "manual": "手工", "outpatient": "门诊"}
OFFICE_OPENS = dt.time(9, 30)


@dataclass(frozen=True)
class Sending:
    """One file: who sent it, when it was taken in, what it holds."""

    file_name: str
    month: str
    received_on: dt.date
    institution_code: str | None
    township_code: str | None
    claims: tuple[IncomingClaim, ...] = field(repr=False)

    @property
    def received_at(self) -> dt.datetime:
        """In office hours of that day."""
        return dt.datetime.combine(self.received_on, OFFICE_OPENS, tzinfo=SHANGHAI).astimezone(dt.UTC)


def sendings(claims: Iterable[IncomingClaim]) -> list[Sending]:
    """In the order in which they arrive. What was submitted in a month is taken in on the second of the next."""
    found = []
    for (year, month), of_month in groupby(claims, lambda claim: (claim.submitted_on.year, claim.submitted_on.month)):
        by_sender: dict[tuple[str, str | None, str | None], list[IncomingClaim]] = {}
        for claim in of_month:
            by_sender.setdefault(_sender(claim), []).append(claim)
        next_month = dt.date(year + month // 12, month % 12 + 1, 2)
        for (word, institution, township), own in sorted(by_sender.items(), key=lambda one: str(one[0])):
            found.append(
                Sending(
                    f"{year}-{month:02d}-{word}.csv",
                    f"{year}-{month:02d}",
                    min(next_month, LAST_DAY),
                    institution,
                    township,
                    tuple(own),
                )
            )
    return found


def _sender(claim: IncomingClaim) -> tuple[str, str | None, str | None]:
    if claim.route == "manual":
        township = claim.card_number[:9]
        return f"手工-{township}", None, township
    if claim.route == "direct" and claim.institution_code == DIRECT_SENDER:
        return f"直补-{DIRECT_SENDER}", DIRECT_SENDER, None
    return ROUTES[claim.route], None, None


def exchange_file(claims: Iterable[IncomingClaim]) -> bytes:
    """CSV with the Chinese titles; a claim's own cells stand on its first row only."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.title for column in (*CLAIM_COLUMNS, *LINE_COLUMNS)])
    for claim in claims:
        writer.writerows(_rows(claim))
    return text.getvalue().encode("utf-8-sig")


def _rows(claim: IncomingClaim) -> Iterator[list[str]]:
    own = [_cell(column.key, column.form, getattr(claim, column.name)) for column in CLAIM_COLUMNS]
    for number, line in enumerate(claim.lines):
        cells = [_cell(column.key, column.form, getattr(line, column.name)) for column in LINE_COLUMNS]
        yield [*(own if number == 0 else [""] * len(own)), *cells]


def _cell(key: str, form: str, value: object) -> str:
    if value is None or value == ():
        return ""
    if form == "amount":
        assert isinstance(value, int)
        return yuan_text(value)
    if form == "quantity":
        assert isinstance(value, int)
        return f"{value // 10_000}.{value % 10_000:04d}".rstrip("0").rstrip(".")
    if form == "codes":
        assert isinstance(value, tuple)
        return ";".join(value)
    return ROUTES[str(value)] if key == "route" else str(value)
