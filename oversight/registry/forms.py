"""The filter of the members' list, read from the address: what cannot be meant is dropped, not refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oversight.registry.queries import PAGE_SIZES, Filter, only

LONGEST_NAME = 40
CURSOR = re.compile(r"([0-9]{6})-([0-9]{1,18})")


@dataclass(frozen=True)
class ListRequest:
    wanted: Filter
    county: str
    after: tuple[str, int] | None
    shown_before: int
    size: int

    def values(self, **changes: str | int | None) -> dict[str, str | int]:
        """The address of this list with changes; empty parts are left out."""
        parts: dict[str, str | int | None] = {
            "county": self.county,
            "township": self.wanted.township,
            "name": self.wanted.name,
            "card": self.wanted.card,
            "size": self.size if self.size != PAGE_SIZES[1] else None,
        }
        parts |= changes
        return {name: value for name, value in parts.items() if value}


def read_list_request(args: Mapping[str, str], county_codes: Sequence[str]) -> ListRequest:
    county = args.get("county", "")
    wanted = Filter(
        county_codes=county_codes,
        township=_digits(args.get("township", ""), 9),
        name=" ".join(args.get("name", "").split())[:LONGEST_NAME],
        card=_digits(args.get("card", ""), 20),
    )
    if county in county_codes:
        wanted = only(wanted, county)
    else:
        county = ""
    size = args.get("size", "")
    cursor = CURSOR.fullmatch(args.get("after", ""))
    shown = args.get("shown", "")
    return ListRequest(
        wanted=wanted,
        county=county,
        after=(cursor[1], int(cursor[2])) if cursor else None,
        shown_before=int(shown) if cursor and shown.isascii() and shown.isdigit() and len(shown) < 10 else 0,
        size=int(size) if size in {str(s) for s in PAGE_SIZES} else PAGE_SIZES[1],
    )


def _digits(text: str, longest: int) -> str:
    text = "".join(text.split())
    return text if text.isascii() and text.isdigit() and len(text) <= longest else ""
