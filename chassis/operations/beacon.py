"""`/health`, `/ready` and `/metrics` of a process that serves no pages: workers and sweepers."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import structlog

from chassis.house import House
from chassis.operations import readiness, web_metrics

log = structlog.get_logger()


def light_where_set(house: House) -> None:
    """For a worker's or sweeper's `beside`: a beacon where the settings name a port."""
    if house.settings.beacon_port:
        light(house, int(house.settings.beacon_port))


def light(house: House, port: int) -> ThreadingHTTPServer:
    """Answer on the loopback address at `port`, or at a free one where it is taken, from a thread of this process."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/health":
                self._say(200, "application/json", b'{"status": "ok"}')
            elif self.path == "/ready":
                answer = readiness.ask(house)
                body = json.dumps({"ready": answer.is_ready, "checks": answer.checks}).encode()
                self._say(200 if answer.is_ready else 503, "application/json", body)
            elif self.path == "/metrics":
                self._say(200, "text/plain; version=0.0.4; charset=utf-8", web_metrics.exposition())
            else:
                self._say(404, "text/plain", b"")

        def _say(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Scrapes are not news."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
    except OSError:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    log.info("beacon_lit", port=server.server_address[1])
    threading.Thread(target=server.serve_forever, name="beacon", daemon=True).start()
    return server
