"""What the tables of payments have in common."""

from __future__ import annotations

from sqlalchemy import DateTime, text

INSTANT = DateTime(timezone=True)
NOW = text("clock_timestamp()")
ZERO = text("0")
SCHEMA = "contractor"
FUNDS = "fund IN ('pooled', 'serious', 'supplementary', 'household_account')"
KINDS = "payee_kind IN ('institution', 'member')"
