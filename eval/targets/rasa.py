"""A running Rasa: POST /model/parse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from eval.errors import SampleError
from eval.targets.http import HttpCaller, field
from eval.targets.target import Target


class RasaOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`fallback` are the intents by which this Rasa says that a message is out of scope."""

    url: str
    token: str = ""
    fallback: tuple[str, ...] = ("nlu_fallback", "out_of_scope")
    extractors: tuple[str, ...] = ()
    """Count only entities of these extractors; empty: all."""


class RasaTarget(Target[RasaOptions]):
    """Reads intent, ranking and entities as Rasa 3 gives them."""

    options: ClassVar[type[msgspec.Struct]] = RasaOptions

    async def start(self) -> None:
        self._http = HttpCaller(self.given.url.rstrip("/"), timeout_s=self.setting.timeout_s)
        await self._http.probe()

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        path = "/model/parse" + (f"?token={self.given.token}" if self.given.token else "")
        said = await self._http.post({"text": asked["text"]}, path=path)
        intent, confidence = field(said, "intent.name"), field(said, "intent.confidence")
        if not isinstance(confidence, int | float):
            raise SampleError("nonsense", f"a confidence of {confidence!r}")
        ranking = said.get("intent_ranking") or []
        if not isinstance(ranking, list) or not all(isinstance(one, dict) for one in ranking):
            raise SampleError("nonsense", f"an intent_ranking of {str(ranking)[:60]}")
        inside = [one for one in ranking if one.get("name") not in self.given.fallback]
        foreign = intent in self.given.fallback or intent is None
        return {
            "intent": intent or self.given.fallback[0],
            "confidence": float(confidence),
            "ranking": [{"intent": one.get("name"), "confidence": one.get("confidence")} for one in ranking],
            "in_scope": float(inside[0].get("confidence", 0.0)) if inside else (0.0 if foreign else float(confidence)),
            "decision": "decline" if foreign else "answer",
            "entities": [
                {key: one.get(key) for key in ("entity", "start", "end", "value")}
                for one in said.get("entities") or []
                if not self.given.extractors or one.get("extractor") in self.given.extractors
            ],
        }

    async def aclose(self) -> None:
        await self._http.aclose()

    def describe(self) -> dict[str, str]:
        return {"url": self.given.url}
