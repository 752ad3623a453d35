"""The furniture of a filtered list: its tags, its pages, its addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.i18n import language
from chassis.web.current import desk_url
from oversight.registry.asking import COUNTED_UP_TO

Values = Mapping[str, str]


def furniture(
    endpoint: str,
    values: Values,
    labels: Mapping[str, Any],
    *,
    after: Sequence[str] | None,
    before: int,
    count: int,
    total: int,
    cursor: str | None,
) -> dict[str, Any]:
    """What every list's template needs. `values` are the active filters, `labels` their words; `cursor` leads on."""
    before = before if after else 0
    return {
        "action": desk_url(endpoint),
        "first_number": before + 1,
        "last_number": before + count,
        "total": min(total, COUNTED_UP_TO),
        "is_capped": total > COUNTED_UP_TO,
        "first_url": desk_url(endpoint, **_present(values)) if after else None,
        "next_url": desk_url(endpoint, **_present(values), after=cursor, shown=before + count) if cursor else None,
        "tags": [
            (str(label), desk_url(endpoint, **_present({**values, name: ""})))
            for name, label in labels.items()
            if label
        ],
    }


def name_of(record: Any) -> str:
    """The name of a place or an institution in the reader's language."""
    name: str = record.name_en if language() == "en" else record.name_zh
    return name


def _present(values: Values) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
