"""JSON whose decimals are written as they stand: 1234.50 stays 1234.50, and no float comes near an amount."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def written(value: Any) -> str:
    """The value as JSON without idle blanks. A float is a mistake of ours."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(str(name))}:{written(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(written, value)) + "]"
    if isinstance(value, Decimal):
        assert value.is_finite(), "an amount is a number"
        return format(value, "f")
    assert not isinstance(value, float), "money and quantities are never floats"
    return json.dumps(value, ensure_ascii=False)
