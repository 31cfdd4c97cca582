"""The bot in this process: a factory of kefu makes it, each sample is a conversation of its own."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, ClassVar, Protocol, cast

import msgspec

from bot.decision import Decision
from eval.errors import SampleError, SuiteError, TargetError
from eval.targets.decision import decision_answer
from eval.targets.target import Target
from kefu.base.errors import ConfigError


class BotTalk(Protocol):
    """One customer's conversation with the bot."""

    async def say(self, messages: Sequence[str]) -> Decision:
        """Say the messages of one turn and return what the bot does."""
        ...

    async def final(self) -> Mapping[str, Any]:
        """Return what became of it: `state` (bot, queued), `orders` by id, ... for expected final states."""
        ...


class BotUnderTest(Protocol):
    """A bot that eval can talk to; kefu builds it from pipeline, shop and artefacts."""

    async def open(self, customer: str | None) -> BotTalk:
        """Begin a conversation as a customer of the shop (`C1001`), or as a stranger."""
        ...

    def describe(self) -> Mapping[str, str]:
        """Return model and index hashes and stage versions."""
        ...

    async def aclose(self) -> None:
        """Give back what was taken."""
        ...


Factory = Callable[..., Coroutine[Any, Any, BotUnderTest]]


class BotOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`factory` is a name that kefu handed in, or `package.module:function` of an own bot; `options` go to it."""

    factory: str
    options: dict[str, Any] = {}


class BotTarget(Target[BotOptions]):
    """Plays turns, conversations, single texts and handoff samples."""

    options: ClassVar[type[msgspec.Struct]] = BotOptions

    async def start(self) -> None:
        factory = find_factory(self.given.factory, self.setting.factories)
        try:
            inspect.signature(factory).bind(folder=self.setting.shared_folder, **self.given.options)
        except TypeError as error:
            raise SuiteError("target_options", kind="bot", why=str(error)) from error
        try:
            self._bot = await factory(folder=self.setting.shared_folder, **self.given.options)
        except ConfigError as error:
            raise TargetError("bot_unusable", why=str(error)) from error

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        talk = await self._bot.open(asked.get("customer"))
        if "steps" in asked:
            return await _conversation(talk, asked["steps"])
        for earlier in asked.get("before") or ():
            await talk.say([str(earlier)])
        decision = await talk.say([str(text) for text in asked.get("messages") or [asked["text"]]])
        return decision_answer(decision)

    async def aclose(self) -> None:
        await self._bot.aclose()

    def describe(self) -> dict[str, str]:
        return {"factory": self.given.factory, **dict(self._bot.describe())}


def find_factory(name: str, known: Mapping[str, str]) -> Factory:
    """Return a factory by name or by `package.module:function`; raise SuiteError for one that is not there."""
    module, _, function = known.get(name, name).partition(":")
    try:
        return cast(Factory, getattr(importlib.import_module(module), function))
    except (ImportError, AttributeError, ValueError) as error:
        raise SuiteError("unknown_factory", name=name, known=", ".join(sorted(known)) or "-", why=str(error)) from error


async def _conversation(talk: BotTalk, steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    turns: list[dict[str, Any] | None] = []
    for step in steps:
        if "press" in step:
            words = [pressed(turns, str(step["press"]))]
        elif "say" in step:
            words = [step["say"]] if isinstance(step["say"], str) else list(step["say"])
        else:
            raise SampleError("unsupported", "a bot in process has no agent; play this over the wire")
        turns.append(decision_answer(await talk.say([str(word) for word in words])))
    return {"steps": turns, "final": dict(await talk.final())}


def pressed(turns: Sequence[Mapping[str, Any] | None], label: str) -> str:
    """Return what the last shown button with a label says; raise SampleError when there is none."""
    for turn in reversed(turns):
        if turn and turn.get("choices"):
            for choice in turn["choices"]:
                if label in choice["label"]:
                    return str(choice["say"])
            shown = ", ".join(choice["label"] for choice in turn["choices"])
            raise SampleError("no_button", f"no button {label!r} among {shown}")
    raise SampleError("no_button", f"no button {label!r}: none was shown")
