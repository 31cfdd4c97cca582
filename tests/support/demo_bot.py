"""The demo shop with its bot as a real server: the models are trained once for all tests of a machine."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path
from typing import Any

import httpx

from bot.encoding.use import UseEncoder
from kefu.bundle import Bundle
from kefu.demo.shop.load import load_shop
from messaging_core.client import HttpApi
from tests.support.demo_models import PACK, demo_models
from tests.support.server_process import ServerProcess

GREETING = "您好，我是小月，月茶的 AI 客服。"


class _Unused:
    """Stands where a text encoder is asked for and none is used."""

    async def encode(self, text: str) -> Any:
        raise NotImplementedError


def write_bundle(artefacts: Path, encoder: UseEncoder) -> str:
    """Put the demo's trained bot into a workspace's artefacts and return its version."""
    shop = load_shop(resources.files("kefu") / "demo" / "shop_data")
    models = demo_models(encoder, _Unused(), shop.faq)
    made = Path(__file__).resolve().parents[2] / ".pytest_cache" / "demo_models" / models.versions["bot"]
    hashes = {}
    for part in ("nlu", "faq"):
        manifest = json.loads((made / part / "manifest.json").read_bytes())
        hashes[part] = manifest["hash"]
        shutil.copytree(made / part, artefacts / manifest["hash"], dirs_exist_ok=True)
    files = {path.relative_to(PACK).as_posix(): path.read_text("utf-8") for path in sorted(PACK.rglob("*.yml"))}
    bundle = Bundle(hashes["nlu"], hashes["faq"], files).artefact(encoder_id=encoder.id)
    bundle.save(artefacts)
    return bundle.hash


class MoonTea:
    """A demo server whose bot answers; `url` stays the same over restarts."""

    def __init__(self, data: Path, encoder: UseEncoder) -> None:
        self.server = ServerProcess(data, demo=True)
        version = write_bundle(data / "artefacts", encoder)
        self.server.start()
        self.server.wait_ready()
        self.url = self.server.url
        staff = self._get("/demo/staff")
        self.enterprise_id = str(staff["enterprise_id"])
        self._staff = {row["key"]: row["id"] for row in staff["staff"]}
        self._customers = {row["key"]: row["id"] for row in self._get("/demo/customers")["customers"]}
        self._call(
            "POST",
            f"/v1/operator/bots/{self.enterprise_id}/publish",
            {"version": version},
            token=self.server.operator_token,
        )
        settings = {"auto_reply": True, "greeting": GREETING, "deadline_ms": 10_000}
        self._call("PUT", "/v1/bot/settings", settings, token=self.agent("shen"))
        self.version = version

    def customer(self, customer_id: str) -> str:
        """Return a token of one of the shop's customers."""
        return str(self._call("POST", f"/demo/people/{self._customers[customer_id]}/login")["token"])

    def agent(self, key: str) -> str:
        """Return a desk token of one of the staff: shen, qiao, xiaoshen."""
        return str(self._call("POST", f"/demo/staff/{self._staff[key]}/login")["token"])

    def desk(self, key: str) -> HttpApi:
        """Return the desk's calls as one of the staff."""
        return HttpApi(self.url, self.agent(key))

    def restart(self) -> None:
        """Kill it in the middle of whatever it does, and start it again."""
        self.server.kill()
        self.server.start()
        self.server.wait_ready()

    def _get(self, path: str) -> Any:
        return self._call("GET", path)

    def _call(self, method: str, path: str, body: Any = None, *, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with httpx.Client(base_url=self.url, trust_env=False, timeout=60) as client:
            answer = client.request(method, path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json()
