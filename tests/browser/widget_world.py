"""What the widget's tests need around it: the shop's server, and pages of other origins that embed the widget."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from tests.support.forked import launch

START_S = 90
# As strict as a shop's own page may be: nothing inline, and of others only what the widget needs.
POLICY = "default-src 'none'; script-src {kefu}; connect-src {kefu} {socket}; img-src {kefu}; style-src 'self'"
PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"><title>另一家网站</title></head>
<body><h1>店铺自己的网站</h1><p><a id="first" href="#there">一个链接</a></p><p>{filler}</p>
<script type="module" src="{kefu}/widget/kefu.js" data-site-key="{key}" {more}></script></body></html>"""


class Site:
    """A page of an origin of its own, which embeds the widget once it knows where from."""

    def __init__(self) -> None:
        site = self
        self.page = ""
        self.policy = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.page.encode()
                found = self.path.split("?")[0] == "/"
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", site.policy)
                self.end_headers()
                self.wfile.write(body if found else b"")

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def embed(self, shop: WidgetShop, more: str = 'data-lang="zh"') -> None:
        """Put the widget's tag into the page."""
        self.page = PAGE.format(kefu=shop.url, key=shop.keys["site_key"], more=more, filler="茶 " * 900)
        self.policy = POLICY.format(kefu=shop.url, socket=shop.url.replace("http", "ws"))

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class WidgetShop:
    """The shop's server as a process; stopped and started it keeps its address and its data."""

    def __init__(self, folder: Path, origins: list[str]) -> None:
        self._folder = folder
        self._origins = origins
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.keys: dict[str, str] = {}

    def start(self) -> None:
        """Start it, unless it runs, and wait until it answers."""
        if self._process is not None:
            return
        words = ["tests.browser.widget_shop", str(self._folder / "data"), str(self._port), *self._origins]
        with (self._folder / "shop.log").open("a") as log:
            self._process = launch(words, environ={}, log=log)
        assert self._process.stdout is not None
        overdue = threading.Timer(START_S, self._process.kill)
        overdue.start()
        line = self._process.stdout.readline()
        overdue.cancel()
        if not line:
            raise RuntimeError(f"the shop did not start: {(self._folder / 'shop.log').read_text()[-3000:]}")
        self.keys = json.loads(line)
        self.url = self.keys["url"]
        self._port = int(self.url.rsplit(":", 1)[1])

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it and wait until it has."""
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(START_S)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None


class Agent:
    """Qiao at the desk, over the public HTTP API."""

    def __init__(self, shop: WidgetShop) -> None:
        self._http = httpx.Client(base_url=shop.url, headers={"Authorization": f"Bearer {shop.keys['agent']}"})

    def session(self, state: str | None = None) -> dict[str, Any]:
        """Return the newest session."""
        query = {} if state is None else {"state": state}
        items = self._http.get("/v1/desk/sessions", params=query).raise_for_status().json()["items"]
        return dict(items[0])

    def sessions(self) -> list[dict[str, Any]]:
        """Return all that are open."""
        return list(self._http.get("/v1/desk/sessions").raise_for_status().json()["items"])

    def step(self, action: str) -> None:
        """Take, hand back or close the newest session."""
        self._http.post(f"/v1/desk/sessions/{self.session()['id']}/{action}", json={}).raise_for_status()

    def say(
        self,
        text: str,
        *,
        kind: str = "text",
        body: dict[str, Any] | None = None,
        key: str = "",
        reply_to: int | None = None,
    ) -> int:
        """Write to the customer of the newest session, and return the message's `seq`."""
        frame: dict[str, Any] = {"client_msg_id": key or f"q-{abs(hash(text))}", "kind": kind, "v": 1}
        frame["body"] = body or {"text": text}
        if reply_to is not None:
            frame["reply_to"] = reply_to
        path = f"/v1/conversations/{self.session()['conversation_id']}/messages"
        return int(self._http.post(path, json=frame).raise_for_status().json()["seq"])

    def seq_of(self, text: str) -> int:
        """Return where a text stands in the newest session's conversation."""
        path = f"/v1/conversations/{self.session()['conversation_id']}/messages"
        items = self._http.get(path, params={"limit": 100}).raise_for_status().json()["items"]
        return next(int(item["seq"]) for item in items if item["body"].get("text") == text)

    def act(self, method: str, seq: int, act: str = "", body: object = None) -> None:
        """Do something to a message of the newest session: edit, recall, react."""
        path = f"/v1/conversations/{self.session()['conversation_id']}/messages/{seq}{act}"
        self._http.request(method, path, json=body).raise_for_status()

    def heard(self) -> list[str]:
        """Return what was said in the newest session's conversation, first to last."""
        path = f"/v1/conversations/{self.session()['conversation_id']}/messages"
        items = self._http.get(path, params={"limit": 100}).raise_for_status().json()["items"]
        return [item["body"].get("text", item["kind"]) for item in reversed(items)]

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()
