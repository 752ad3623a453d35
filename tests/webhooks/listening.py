"""A real HTTP server on this machine that hears webhooks and answers as it is told. No fixtures, only a class."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass(frozen=True)
class Heard:
    path: str
    headers: dict[str, str]
    body: bytes


class _Quiet(ThreadingHTTPServer):
    """A client that hangs up is what some tests are about, and no trace of an error."""

    def handle_error(self, _request: object, _address: object) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            raise error if error is not None else RuntimeError


class Listener:
    """`answers` gives the status for each message in its order; the last one stands for all that follow.

    `certificate` is a file with key and certificate; with it the listener speaks HTTPS.
    """

    def __init__(self, *, certificate: Path | None = None) -> None:
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

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # Each hands shakes in its own thread: a client that hangs up on our certificate keeps nobody waiting.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
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
