"""A small real HTTP server that gets webhooks and answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec


@dataclass(slots=True, frozen=True)
class Post:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """Return the body as an event frame."""
        return msgspec.json.decode(self.body, type=dict[str, Any])


@dataclass(slots=True, frozen=True)
class Answer:
    """What the receiver says; `drip` sends the body a byte at a time for as long as the other side listens."""

    status: int = 204
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drip: bool = False


def replies(*texts: str) -> Answer:
    """Return a bot's answer with these texts."""
    found = [{"kind": "text", "v": 1, "body": {"text": text}} for text in texts]
    return Answer(200, msgspec.json.encode({"replies": found}))


class Receiver:
    """Listens on 127.0.0.1; `answer` is called in the server's thread for each request."""

    def __init__(self, answer: Callable[[Post], Answer] | None = None) -> None:
        self.posts: list[Post] = []
        self.answer: Callable[[Post], Answer] = answer or (lambda _post: Answer())
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Return the address for webhooks."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                post = Post(self.path, dict(self.headers.items()), self.rfile.read(length))
                receiver.posts.append(post)
                try:
                    receiver._say(self, receiver.answer(post))
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the other side gave up: that is what some tests want

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                """Keep the test's output clean."""

        return Handler

    def _say(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        if not answer.drip:
            handler.send_header("Content-Length", str(len(answer.body)))
            handler.end_headers()
            handler.wfile.write(answer.body)
            return
        handler.end_headers()
        while not self._closing.wait(0.05):
            handler.wfile.write(b" ")
            handler.wfile.flush()
