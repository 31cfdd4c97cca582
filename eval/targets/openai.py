"""A language model behind an OpenAI-compatible endpoint that is asked to name the intent."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from eval.errors import SampleError, SuiteError, TargetError
from eval.targets.http import HttpCaller, field
from eval.targets.target import Target

_OBJECT = re.compile(r"\{.*\}", re.DOTALL)
_PROMPT = """Classify the customer's message into exactly one of these intents:
{intents}
If none fits, use "out_of_scope". Answer with JSON only: {{"intent": "<name>", "confidence": <0..1>}}"""


class OpenAiOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`url` ends before /chat/completions; `key_env` names the variable that holds the key."""

    url: str
    model: str
    intents: dict[str, str]
    """Names with a description each."""
    key_env: str = ""
    temperature: float = 0.0
    prompt: str = _PROMPT


class OpenAiTarget(Target[OpenAiOptions]):
    """One chat completion a sample; an answer that names no known intent is nonsense, not a guess."""

    options: ClassVar[type[msgspec.Struct]] = OpenAiOptions

    async def start(self) -> None:
        headers = {}
        if self.given.key_env:
            key = os.environ.get(self.given.key_env)
            if not key:
                raise TargetError("key_missing", name=self.given.key_env)
            headers["Authorization"] = f"Bearer {key}"
        self._http = HttpCaller(self.given.url.rstrip("/"), timeout_s=self.setting.timeout_s, headers=headers)
        await self._http.probe()
        listed = "\n".join(f"- {name}: {about}" for name, about in self.given.intents.items())
        try:
            self._system = self.given.prompt.format(intents=listed)
        except (KeyError, IndexError, ValueError) as error:
            raise SuiteError("target_options", kind="openai", why=f"prompt: {error!r}") from error

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        body = {
            "model": self.given.model,
            "temperature": self.given.temperature,
            "seed": self.setting.seed,
            "messages": [
                {"role": "system", "content": self._system},
                {"role": "user", "content": str(asked["text"])},
            ],
        }
        said = await self._http.post(body, path="/chat/completions")
        content = field(said, "choices.0.message.content")
        found = _OBJECT.search(content) if isinstance(content, str) else None
        try:
            chosen = json.loads(found[0]) if found else {}
        except ValueError:
            chosen = {}
        intent, confidence = chosen.get("intent"), chosen.get("confidence", 0.5)
        if intent not in self.given.intents and intent != "out_of_scope":
            raise SampleError("nonsense", f"no known intent in {str(content)[:80]!r}")
        if not isinstance(confidence, int | float) or not 0 <= confidence <= 1:
            raise SampleError("nonsense", f"a confidence of {confidence!r}")
        foreign = intent == "out_of_scope"
        return {
            "intent": intent,
            "confidence": float(confidence),
            "in_scope": 1 - float(confidence) if foreign else float(confidence),
            "decision": "decline" if foreign else "answer",
            "tokens": (said.get("usage") or {}).get("total_tokens"),
        }

    async def aclose(self) -> None:
        await self._http.aclose()

    def describe(self) -> dict[str, str]:
        return {"url": self.given.url, "model": self.given.model}
