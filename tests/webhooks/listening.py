"""A real HTTP server on this machine that hears webhooks and answers as it is told. No fixtures, only a class."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Heard:
    path: str
    headers: dict[str, str]
    body: bytes


class Listener:
    """`answers` gives the status for each message in its order; the last one stands for all that follow."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answers: list[int] = [204]
        self.location = ""
        self.hangs = False
        self.before_answer: Callable[[], None] = lambda: None
        self._stop = threading.Event()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                listener.heard.append(Heard(self.path, dict(self.headers.items()), body))
                listener.before_answer()
                if listener.hangs:
                    listener._stop.wait(60)
                    return
                place = min(len(listener.heard), len(listener.answers)) - 1
                self.send_response(listener.answers[place])
                if listener.location:
                    self.send_header("Location", listener.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Tests need no access log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events"

    def close(self) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
