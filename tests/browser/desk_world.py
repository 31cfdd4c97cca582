"""Moon Tea with its desk for browser tests: a real server, customers over HTTP, agents in tabs."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import chromium
from tests.support.server_process import ServerProcess

PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


class Shop:
    """The server, and what happens behind the pages' back."""

    def __init__(self, folder: Path) -> None:
        self._server = ServerProcess(folder / "data", demo=True)
        self._server.start()
        self.url = self._server.url
        self._http = httpx.Client(base_url=self.url)
        known = self._http.get("/demo/customers").json()
        self.enterprise_id = str(known["enterprise_id"])
        self._customers = {str(one["name"]): str(one["id"]) for one in known["customers"]}

    @property
    def operator(self) -> str:
        """The operator's token."""
        return self._server.operator_token

    def close(self) -> None:
        """Stop the server."""
        self._http.close()
        self._server.stop()

    def restart(self) -> None:
        """Stop the server and start it again on the same port."""
        self._server.stop()
        self._server.start()

    def customer(self, name: str, *says: str, wants_agent: bool = True) -> Customer:
        """Have one of the shop's customers come, say something, and ask for a human."""
        token = str(self._http.post(f"/demo/people/{self._customers[name]}/login").json()["token"])
        body = {"kind": "service", "enterprise_id": self.enterprise_id}
        conversation: Any = self.post("/v1/conversations", body, token)["conversation"]
        customer = Customer(self, token, str(conversation["id"]), str(conversation["session"]["id"]))
        for text in says:
            customer.says(text)
        if wants_agent:
            self.post(f"/v1/desk/sessions/{customer.session_id}/request-agent", {"reason": "human_wish"}, token)
        return customer

    def friend(self, name: str) -> str:
        """Return the account of one of the demo's friends."""
        people = self._http.get("/demo/people").json()["people"]
        return str(next(one["id"] for one in people if one["name"] == name))

    def staff_token(self, name: str) -> str:
        """Return a token of one of the demo's staff."""
        staff = self._http.get("/demo/staff").json()["staff"]
        person = next(one["id"] for one in staff if one["name"] == name)
        return str(self._http.post(f"/demo/staff/{person}/login").json()["token"])

    def put(self, path: str, body: object, token: str) -> None:
        """Change something over HTTP."""
        self._http.put(path, json=body, headers={"Authorization": f"Bearer {token}"}).raise_for_status()

    def post(self, path: str, body: object, token: str) -> Any:
        """Do something over HTTP and return the answer."""
        answer = self._http.post(path, json=body, headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
        return answer.json()

    def request(self, method: str, path: str, body: object, token: str) -> None:
        """Do something else over HTTP."""
        self._http.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"}).raise_for_status()

    def get(self, path: str, token: str) -> Any:
        """Read something over HTTP."""
        answer = self._http.get(path, headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
        return answer.json()


class Customer:
    """A visitor with his service conversation."""

    def __init__(self, shop: Shop, token: str, conversation_id: str, session_id: str) -> None:
        self._shop = shop
        self._token = token
        self.conversation_id = conversation_id
        self.session_id = session_id

    def says(self, text: str) -> None:
        """Send a text."""
        body = {"client_msg_id": secrets.token_urlsafe(12), "kind": "text", "v": 1, "body": {"text": text}}
        self._shop.post(f"/v1/conversations/{self.conversation_id}/messages", body, self._token)

    def changes(self, method: str, said: str, act: str = "", body: object = None) -> None:
        """Do something to what was said: `changes("POST", "在吗", "/recall")`."""
        path = f"/v1/conversations/{self.conversation_id}/messages"
        items = self._shop.get(f"{path}?limit=100", self._token)["items"]
        seq = next(one["seq"] for one in items if one["body"].get("text") == said)
        self._shop.request(method, f"{path}/{seq}{act}", body, self._token)

    def gets(self, agent_token: str, kind: str, body: object) -> int:
        """Be sent something of any kind by the agent of the session, and return its `seq`."""
        conversation: Any = self._shop.get(f"/v1/conversations/{self.conversation_id}", agent_token)["conversation"]
        message = {"client_msg_id": secrets.token_urlsafe(12), "kind": kind, "v": 1, "body": body}
        message["assignment_version"] = conversation["session"]["assignment_version"]
        sent = self._shop.post(f"/v1/conversations/{self.conversation_id}/messages", message, agent_token)
        return int(sent["seq"])

    def leaves(self, seq: int, details: object) -> None:
        """Fill in the form of a card."""
        self._shop.post(f"/v1/conversations/{self.conversation_id}/messages/{seq}/lead", details, self._token)

    def coupons(self) -> list[str]:
        """Return the numbers of his coupons, newest first."""
        return [str(one["id"]) for one in self._shop.get("/v1/coupons", self._token)["items"]]

    def hears(self) -> list[tuple[str, str, str]]:
        """Return origin, kind and words of all messages, the first said first."""
        items = self._shop.get(f"/v1/conversations/{self.conversation_id}/messages?limit=100", self._token)["items"]
        return [
            (str(one["origin"]), str(one["kind"]), str(one["body"].get("text") or one["body"].get("title")))
            for one in reversed(items)
        ]


class DeskTab:
    """A desk in a window, in the words of its agent."""

    def __init__(self, shop: Shop, agent: str, *, width: int = 1280, path: str = "/desk") -> None:
        browser = chromium()
        self._shop = shop
        size = {"width": width, "height": 844 if width < 500 else 800}
        self.context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda told: self._heard(told.type, f"{told.text} {told.location}"))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.goto(f"{shop.url}{path}")
        self.page.locator(".door", has_text=agent).click()
        expect(self.page.locator(".bar .me")).to_contain_text(agent, timeout=PATIENCE_MS)
        # The page's script and its connection are there.
        self.page.wait_for_function("(window.desk || window.page) && window.socket && window.socket.connected")

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self._shop.url, "data:")):
            self.complaints.append(f"asked {url}")

    def close(self) -> None:
        """Close the window; nothing may have gone wrong in it."""
        self.context.close()
        assert not self.complaints, self.complaints

    def tab(self, name: str) -> None:
        """Open one of the lists."""
        self.page.locator(".tabs button", has_text=name).click()

    def row(self, customer: str) -> Locator:
        """Return a session's line in the list."""
        return self.page.locator(".entry", has_text=customer)

    def open(self, customer: str) -> None:
        """Open a session."""
        self.row(customer).click()
        expect(self.page.locator(".head h2")).to_have_text(customer)

    def act(self, name: str) -> None:
        """Press one of the steps above the conversation."""
        self.page.locator(f".head-do [data-do={name}]").click()

    def answer(self, text: str) -> None:
        """Write and send with Enter."""
        box = self.page.locator(".write textarea")
        box.fill(text)
        box.press("Enter")
        expect(box).to_have_value("")

    def said(self, text: str) -> Locator:
        """Return a message of the open conversation."""
        return self.page.locator(".msg", has_text=text)
