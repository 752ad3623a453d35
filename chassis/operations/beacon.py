"""`/health`, `/ready` and `/metrics` of a process that serves no pages: workers and sweepers."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from chassis.house import House
from chassis.operations import readiness, web_metrics


def light(house: House, port: int) -> ThreadingHTTPServer:
    """Answer on the loopback address at `port` (0: any free one) from a thread of this process."""

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

    server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="beacon", daemon=True).start()
    return server
