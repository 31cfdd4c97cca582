"""A running Kefu over its own protocol: real accounts, real sessions, what a customer really sees."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, ClassVar

import httpx
import msgspec

from eval.errors import SampleError, TargetError
from eval.targets.bot import pressed
from eval.targets.decision import replies_answer
from eval.targets.http import HttpCaller
from eval.targets.own_server import OwnServer
from eval.targets.target import Target
from messaging_core.client import ApiError, ClientError, Event, HttpApi, KefuClient, Message, NetworkError


class WireOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`url` of a demo server, or `serve: true` starts one. `people` maps customers of the suite to its log-ins.

    A greeting is waited for at the start, at most for `greeting_s`. A turn is over when the bot was silent for
    `settle_ms` after its first message, or for `patience_s` altogether; then its silence is its answer.
    """

    url: str = ""
    serve: bool = False
    people: dict[str, str] = {}
    stranger: str = "mi"
    agent: str = "qiao"
    enterprise_id: str = ""
    greeting_s: float = 2.0
    settle_ms: int = 300
    patience_s: float = 8.0


class WireTarget(Target[WireOptions]):
    """Plays turns and conversations; samples of one customer never overlap, since he has one conversation."""

    options: ClassVar[type[msgspec.Struct]] = WireOptions

    async def start(self) -> None:
        self._own: OwnServer | None = None
        self._url = self.given.url.rstrip("/")
        if self.given.serve:
            self._own = OwnServer(
                self.setting.run_folder / f"server-{id(self)}", templates=self.setting.shared_folder / "workspaces"
            )
            await self._own.start()
            self._url = self._own.url
        probe = HttpCaller(self._url, timeout_s=self.setting.timeout_s)
        await probe.probe()
        await probe.aclose()
        self._locks: dict[str, asyncio.Lock] = {}
        self._people = await self._list_people()

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        customer = str(asked.get("customer") or "")
        person = self.given.people.get(customer, customer if customer in self._people else self.given.stranger)
        alone = person != self.given.stranger or self._own is None
        async with self._locks.setdefault(person, asyncio.Lock()) if alone else nullcontext():
            try:
                return await self._play(person, asked)
            except (ApiError, ClientError, NetworkError) as error:
                raise SampleError("refused", str(error)) from error

    async def _play(self, person: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        async with KefuClient(self._url, await self._login(person), features=()) as client:
            await client.wait_synced(self.setting.timeout_s)
            talk = _Talk(client, self.given)
            await talk.open(self._enterprise)
            try:
                if "steps" in asked:
                    return await self._script(talk, asked["steps"])
                for earlier in asked.get("before") or ():
                    await talk.say([str(earlier)])
                return await talk.say([str(text) for text in asked.get("messages") or [asked["text"]]])
            finally:
                await talk.close()

    async def _script(self, talk: _Talk, steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        turns: list[dict[str, Any] | None] = []
        took: list[float] = []
        for step in steps:
            if "agent" in step:
                await self._agent(talk, step)
                turns.append(None)
                continue
            words = pressed(turns, str(step["press"])) if "press" in step else step["say"]
            turn = await talk.say([words] if isinstance(words, str) else [str(word) for word in words])
            took += [turn.pop("took_ms")] if "took_ms" in turn else []
            turns.append(turn)
        # A script's time is that of its slowest answer, not that of our waiting between the steps.
        slowest = {"took_ms": max(took)} if took else {}
        return {"steps": turns, "final": await talk.final(), **slowest}

    async def _agent(self, talk: _Talk, step: Mapping[str, Any]) -> None:
        async with HttpApi(self._url, await self._login(self.given.agent)) as desk:
            session = await talk.session()
            match step["agent"]:
                case "take":
                    await desk.take(session.id)
                case "hand_back":
                    await desk.hand_back(session.id)
                case "close":
                    await desk.close_session(session.id)
                case "say":
                    await desk.send(
                        talk.conversation_id,
                        client_msg_id=f"agent-{session.id}-{talk.seen}",
                        kind="text",
                        body={"text": str(step["text"])},
                    )
                case other:
                    raise SampleError("bad_sample", f"agent: {other}")
            await talk.wait_state({"take": "agent", "hand_back": "bot", "close": "closed"}.get(step["agent"]))

    async def _list_people(self) -> dict[str, str]:
        """Return the log-in path of everybody whom the demo lets anybody play, by key."""
        async with self._demo() as http:
            try:
                people = (await http.get("/demo/people")).raise_for_status().json()["people"]
                customers = (await http.get("/demo/customers")).raise_for_status().json()
                staff = (await http.get("/demo/staff")).raise_for_status().json()["staff"]
                self._enterprise = self.given.enterprise_id or str(customers["enterprise_id"])
                found = {
                    str(one["key"]): f"/demo/people/{one['id']}/login" for one in [*people, *customers["customers"]]
                }
                return found | {str(one["key"]): f"/demo/staff/{one['id']}/login" for one in staff}
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                raise TargetError("no_demo_people", url=self._url, why=str(error)) from error

    async def _login(self, person: str) -> str:
        """Return a token; on a server of our own a stranger is somebody new each time."""
        if person == self.given.stranger and self._own is not None:
            async with HttpApi(self._url, self._own.operator_token) as operator:
                account = await operator.create_account("新顾客")
                return (await operator.create_token(account.id)).token
        if person not in self._people:
            raise SampleError("bad_sample", f"nobody called {person!r} among {', '.join(self._people)}")
        async with self._demo() as http:
            try:
                answer = await http.post(self._people[person])
                return str(answer.raise_for_status().json()["token"])
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                raise SampleError("refused", f"log-in of {person}: {error}") from error

    def _demo(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self._url, trust_env=False, timeout=self.setting.timeout_s)

    async def aclose(self) -> None:
        if self._own is not None:
            await self._own.stop()

    def describe(self) -> dict[str, str]:
        return {"url": "own server" if self._own is not None else self._url}


class _Talk:
    """One customer's service conversation, as his client sees it."""

    def __init__(self, client: KefuClient, given: WireOptions) -> None:
        self._client, self._given = client, given
        self.conversation_id = ""
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._stop = client.on(self._take)
        self.seen = 0
        self._heard = 0
        self._asked = 0
        self._unanswered = 0
        self._states: list[str] = []

    def _take(self, frame: object) -> None:
        if isinstance(frame, Event) and self.conversation_id in ("", frame.conversation_id):
            self._events.put_nowait(frame)

    async def open(self, enterprise_id: str) -> None:
        """Open the service conversation and wait for the greeting, or for none: it is no answer to anything."""
        self.conversation_id = (await self._client.http.create_service(enterprise_id)).id
        try:
            async with asyncio.timeout(self._given.greeting_s):
                while True:
                    event = await self._events.get()
                    mine = event.conversation_id == self.conversation_id
                    if mine and event.sent is not None and event.sent.origin == "bot":
                        return
        except TimeoutError:
            return

    async def say(self, texts: Sequence[str]) -> dict[str, Any]:
        """Send messages and return what came back until the bot is through."""
        while not self._events.empty():
            self._events.get_nowait()
        self._asked += 1
        for text in texts:
            ack = await self._client.send_text(self.conversation_id, text)
            self.seen = max(self.seen, ack.seq or 0)
        messages: list[Message] = []
        handed = False
        clock = asyncio.get_running_loop().time
        said_at = heard_at = clock()
        deadline = said_at + self._given.patience_s
        while (left := deadline - clock()) > 0:
            try:
                event = await asyncio.wait_for(self._events.get(), left)
            except TimeoutError:
                break
            if event.seq <= self.seen:
                continue
            if event.kind.startswith("session."):
                state = str((event.data or {}).get("state"))
                self._states.append(state)
                handed = handed or state in ("queued", "agent")
            elif event.sent is not None and event.sent.origin in ("bot", "system", "agent"):
                messages.append(event.sent)
            else:
                continue
            heard_at = clock()
            deadline = heard_at + self._given.settle_ms / 1_000
        self._heard += len(messages)
        self._unanswered += not messages and not handed
        took = {"took_ms": (heard_at - said_at) * 1_000} if heard_at > said_at else {}
        return {**_turn(messages, handed=handed), **took}

    async def session(self) -> Any:
        """Return the open session; raise SampleError when there is none."""
        found = (await self._client.http.conversation(self.conversation_id)).session
        if found is None:
            raise SampleError("no_session", "the service session is closed")
        return found

    async def wait_state(self, wanted: str | None) -> None:
        """Wait until the session is in a state, as the server tells it."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._given.patience_s
        while wanted and clock() < deadline:
            session = (await self._client.http.conversation(self.conversation_id)).session
            if (session.state if session else "closed") == wanted:
                return
            await asyncio.sleep(0.02)

    async def final(self) -> dict[str, Any]:
        """Return the state in which the conversation ends, and what came of its turns."""
        replica = await self._client.sync(self.conversation_id)
        session = (await self._client.http.conversation(self.conversation_id)).session
        ids = [message.id for message in replica.messages]
        return {
            "state": session.state if session else "closed",
            "turns": self._asked,
            "unanswered": self._unanswered,
            "doubled": len(ids) - len(set(ids)),
        }

    async def close(self) -> None:
        """End the session, so that the customer's next sample begins anew."""
        self._stop()
        session = (await self._client.http.conversation(self.conversation_id)).session
        if session is not None and session.state != "closed":
            await self._client.http.close_session(session.id)


def _turn(messages: Sequence[Message], *, handed: bool) -> dict[str, Any]:
    shown = replies_answer([(message.kind, message.body) for message in messages])
    if handed:
        act = "hand_off"
    elif not messages:
        act = "silent"
    elif shown["cards"]:
        act = "recommend" if len(shown["cards"]) > 1 else "reply"
    else:
        act = "clarify" if shown["choices"] else "reply"
    unlabelled = [message.id for message in messages if message.origin != "bot"]
    return {"act": act, **shown, "handoff": handed, "not_by_bot": len(unlabelled)}
