"""Somebody's prediction service: POST a text, read the answer's fields by their paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from eval.targets.http import HttpCaller, field
from eval.targets.target import Target


class HttpPredictOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`send` maps the request's keys to the sample's, `read` our keys to paths in the answer."""

    url: str
    send: dict[str, str] = msgspec.field(default_factory=lambda: {"text": "text"})
    read: dict[str, str] = msgspec.field(
        default_factory=lambda: {"intent": "intent", "confidence": "confidence"},
    )
    headers: dict[str, str] = {}


class HttpPredictTarget(Target[HttpPredictOptions]):
    """One POST a sample."""

    options: ClassVar[type[msgspec.Struct]] = HttpPredictOptions

    async def start(self) -> None:
        self._http = HttpCaller(self.given.url, timeout_s=self.setting.timeout_s, headers=self.given.headers)
        await self._http.probe()

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        said = await self._http.post({key: asked.get(ours) for key, ours in self.given.send.items()})
        return {ours: field(said, path) for ours, path in self.given.read.items()}

    async def aclose(self) -> None:
        await self._http.aclose()

    def describe(self) -> dict[str, str]:
        return {"url": self.given.url}
