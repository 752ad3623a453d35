"""One address, one name, a function for each method: the matrix tells GET from POST, and so do our rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, request

View = Callable[..., Any]


def at(room: Blueprint, address: str, endpoint: str, views: Mapping[str, View]) -> None:
    """Answer `address` with the view of the request's method; HEAD is answered as GET."""

    def answer(**values: Any) -> Any:
        return views["GET" if request.method == "HEAD" else request.method](**values)

    room.add_url_rule(address, endpoint, answer, methods=list(views))
