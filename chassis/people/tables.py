"""The law about roles as the database holds it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase


class RoleConflict(HouseBase):
    """One law for all desks and counties: the only table whose key no county leads."""

    __tablename__ = "role_conflict"
    __table_args__ = (
        CheckConstraint('role_a COLLATE "C" < role_b COLLATE "C"', "ordered"),
        {
            "schema": "house",
            "comment": "Pairs of roles that no one natural person holds together at a desk: config/authorisation.yaml, "
            "kept in the database so that it holds for raw SQL too. A change of the file is a new migration.",
        },
    )

    role_a: Mapped[str] = mapped_column(Text, primary_key=True, comment="Key of one role; the one that sorts first.")
    role_b: Mapped[str] = mapped_column(Text, primary_key=True, comment="Key of the other.")
