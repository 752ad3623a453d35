"""`/health`, `/ready` and `/metrics` of a site, for machines."""

from __future__ import annotations

import hmac
import ipaddress
from pathlib import Path

from flask import Blueprint, Flask, Response, jsonify, request

from chassis.desks import Desk
from chassis.errors import NotAllowed
from chassis.operations import readiness, web_metrics
from chassis.web.current import the_house


def mount(app: Flask, desk: Desk) -> None:
    if desk.path:
        return
    room = Blueprint("operations", __name__)
    room.get("/health")(health)
    room.get("/ready")(ready)
    room.get("/metrics")(metrics)
    app.register_blueprint(room)


def health():
    """The process lives and answers; nothing else is asked."""
    return jsonify(status="ok")


def ready():
    answer = readiness.ask(the_house())
    return jsonify(ready=answer.is_ready, checks=answer.checks), 200 if answer.is_ready else 503


def metrics():
    """For whoever holds the token, or, without a token, for this machine alone."""
    token_file = the_house().settings.metrics_token_file
    if token_file:
        expected = "Bearer " + Path(token_file).read_text(encoding="utf-8").strip()
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode()):
            raise NotAllowed(needed=["metrics token"])
    elif not _from_this_machine(request.remote_addr):
        raise NotAllowed(needed=["this machine"])
    return Response(web_metrics.exposition(), mimetype="text/plain; version=0.0.4; charset=utf-8")


def _from_this_machine(address: str | None) -> bool:
    return address is None or address == "" or ipaddress.ip_address(address).is_loopback
