"""Where the next page of a list begins, in a form that nobody is tempted to reckon with."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import fields

from chassis.api.fields import Given, Told, Whole, Words
from chassis.errors import UnreadableInput

MOST_A_PAGE = 200


class PageQuery(Given):
    cursor = Words(load_default="", shortest=0, longest=40, metadata={"description": _("上一页给的 next")})
    limit = Whole(load_default=50, least=1, most=MOST_A_PAGE)


class PageTold(Told):
    next = fields.String(required=True, allow_none=True, metadata={"description": _("下一页的 cursor；没有了为空")})


def cursor_at(number: int | None) -> str | None:
    """The cursor of the page after the record with this number."""
    if number is None:
        return None
    return base64.urlsafe_b64encode(f"after/{number}".encode()).decode().rstrip("=")


def number_at(cursor: str) -> int | None:
    """The number a cursor stands for; None for the first page. Raises: UnreadableInput for one that we did not give."""
    if not cursor:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        found = re.fullmatch(r"after/(\d{1,18})", text)
    except ValueError:
        found = None
    if found is None:
        raise UnreadableInput(faults={"cursor": ["?"]})
    return int(found[1])


def page_of(rows: Sequence[Any], limit: int, number: str = "id") -> tuple[Sequence[Any], str | None]:
    """The page of rows that were asked for with one more, and the cursor of the next."""
    shown = rows[:limit]
    return shown, cursor_at(getattr(shown[-1], number)) if len(rows) > limit else None
