"""A small real HTTP server that plays the services of other people, good and bad."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

INTENTS = {"多少钱": "price", "几天到": "time", "人工": "human"}


class Service(BaseHTTPRequestHandler):
    """Knows three sentences; the path says which service it plays and how badly."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, dict[str, Any]]] = []
    """What was asked, by all tests of one server."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked.append((self.path, body))
        status, answer = self._answer(self.path.partition("?")[0], body)
        raw = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        with suppress(BrokenPipeError):  # who gave up waiting is gone
            self.wfile.write(raw)

    def _answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        match path:
            case "/model/parse":
                return 200, rasa(body["text"])
            case "/v1/chat/completions":
                return 200, completion(body["messages"][-1]["content"])
            case "/hook":
                return 200, bot(body["message"])
            case "/predict":
                return 200, {"intent": INTENTS.get(body["text"], "other"), "sure": 0.9}
            case "/nan":
                return 200, {"intent": "price", "sure": float("nan")}
            case "/nonsense":
                return 200, "<html>hello</html>"
            case "/empty":
                return 200, {}
            case "/broken":
                return 500, {"detail": "out of order"}
            case "/slow":
                time.sleep(1.5)  # the server's slowness is what is tried, not a wait of the test
                return 200, {"intent": "price", "sure": 0.9}
            case _:
                return 404, {}

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Lets many knock at once."""

    request_queue_size = 128


def rasa(text: str) -> dict[str, Any]:
    """What Rasa 3.6 answers to /model/parse."""
    intent = INTENTS.get(text, "nlu_fallback")
    ranking = [{"name": intent, "confidence": 0.83}, {"name": "price", "confidence": 0.1}]
    entities = [{"entity": "product", "start": 0, "end": 2, "value": "龙井", "extractor": "DIETClassifier"}]
    return {
        "text": text,
        "intent": ranking[0],
        "intent_ranking": ranking,
        "entities": entities if "龙井" in text else [],
    }


def completion(text: str) -> dict[str, Any]:
    """What an OpenAI-compatible endpoint answers; the model likes to chat around its JSON."""
    intent = INTENTS.get(text, "out_of_scope")
    said = (
        f'Sure! ```json\n{{"intent": "{intent}", "confidence": 0.8}}\n```' if text != "胡说" else "I would say: price"
    )
    return {"choices": [{"message": {"role": "assistant", "content": said}}], "usage": {"total_tokens": 42}}


def bot(text: str) -> Any:
    """What a webhook bot answers."""
    if text == "人工":
        return {"replies": [{"text": "好的"}], "handoff": True}
    if text == "选":
        return [{"text": "哪一个？", "buttons": [{"title": "龙井", "payload": "龙井"}]}]
    return [{"text": "大佛龙井 158 元"}] if "龙井" in text else []


@contextmanager
def serving() -> Iterator[str]:
    """Serve on a free port; yield the address."""
    Service.asked.clear()
    server = Server(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
