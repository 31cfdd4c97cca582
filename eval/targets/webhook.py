"""Somebody else's bot behind a plain webhook: POST a message, the answer holds the replies."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from eval.errors import SampleError
from eval.targets.http import HttpCaller
from eval.targets.target import Target


class WebhookOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sends `{sender, message}`; reads a list of `{text, buttons}`, or `{replies: [...], handoff}`.

    That is Rasa's REST channel, too. A reply that holds one of `handoff_texts` counts as handing over.
    """

    url: str
    headers: dict[str, str] = {}
    handoff_texts: tuple[str, ...] = ("转人工", "人工客服为您", "human agent")


class WebhookTarget(Target[WebhookOptions]):
    """Plays the messages of a turn, or the steps of a conversation, as one sender."""

    options: ClassVar[type[msgspec.Struct]] = WebhookOptions

    async def start(self) -> None:
        self._http = HttpCaller(self.given.url, timeout_s=self.setting.timeout_s, headers=self.given.headers)
        await self._http.probe()

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        sender = f"eval-{secrets.token_hex(6)}"
        if "steps" not in asked:
            for earlier in asked.get("before") or ():
                await self._say(sender, str(earlier))
            return self._turn([await self._say(sender, str(text)) for text in asked.get("messages") or [asked["text"]]])
        turns: list[dict[str, Any] | None] = []
        state = "bot"
        for step in asked["steps"]:
            words = step.get("say") or step.get("press")
            if words is None:
                raise SampleError("unsupported", "a webhook has no agent to play")
            texts = [words] if isinstance(words, str) else words
            turn = self._turn([await self._say(sender, str(text)) for text in texts])
            state = "queued" if turn["act"] == "hand_off" else state
            turns.append(turn)
        return {"steps": turns, "final": {"state": state}}

    async def _say(self, sender: str, text: str) -> list[dict[str, Any]]:
        said = await self._http.post({"sender": sender, "message": text})
        replies = said.get("replies") if isinstance(said, dict) else said
        if not isinstance(replies, list) or not all(isinstance(one, dict) for one in replies):
            raise SampleError("nonsense", f"no list of replies: {str(said)[:80]}")
        if isinstance(said, dict) and said.get("handoff") is True:
            replies = [*replies, {"handoff": True}]
        return replies

    def _turn(self, answers: list[list[dict[str, Any]]]) -> dict[str, Any]:
        replies = [reply for answer in answers for reply in answer]
        texts = [str(reply["text"]) for reply in replies if reply.get("text")]
        handed = any(reply.get("handoff") for reply in replies) or any(
            mark in text for mark in self.given.handoff_texts for text in texts
        )
        choices = [str(one.get("title")) for reply in replies for one in reply.get("buttons") or ()]
        act = "hand_off" if handed else "silent" if not replies else "clarify" if choices else "reply"
        return {"act": act, "texts": texts, "choices": choices, "cards": [], "handoff": handed}

    async def aclose(self) -> None:
        await self._http.aclose()

    def describe(self) -> dict[str, str]:
        return {"url": self.given.url}
