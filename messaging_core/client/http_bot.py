"""The HTTP calls about an enterprise's bot: its settings, what it did and why, what it promised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Raw, Struct

from .bot_models import BotSummary, BotTurn, Preview, Promise, Question, StoredBotSettings
from .http_transport import HttpTransport
from .models import Page


class _TurnBox(Struct):
    turn: BotTurn


class _Questions(Struct):
    items: list[Question]


class BotCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def bot_settings(self) -> StoredBotSettings:
        """Return the settings in force. A manager's right."""
        return await self._http.request(StoredBotSettings, "GET", "/v1/bot/settings")

    async def set_bot_settings(self, settings: Mapping[str, Any]) -> StoredBotSettings:
        """Store the settings as the next version; fields that are left out get their defaults. A manager's right."""
        return await self._http.request(StoredBotSettings, "PUT", "/v1/bot/settings", body=settings)

    async def bot_turns(
        self, conversation_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[BotTurn]:
        """Return a page of a conversation's turns with their evidence, newest first."""
        query = {"conversation_id": conversation_id, "limit": limit, "cursor": cursor}
        return await self._http.request(Page[BotTurn], "GET", "/v1/bot/turns", query=query)

    async def bot_turn(self, turn_id: str) -> BotTurn:
        """Return one turn with its evidence."""
        return (await self._http.request(_TurnBox, "GET", f"/v1/bot/turns/{turn_id}")).turn

    async def bot_ledger(
        self,
        *,
        conversation_id: str | None = None,
        customer_id: str | None = None,
        kind: str | None = None,
        fact: str | None = None,
        since: str | None = None,
        until: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Promise]:
        """Return a page of what the bot has promised, newest first; `fact` is the beginning of a fact's id."""
        query = {
            "conversation_id": conversation_id, "customer_id": customer_id, "kind": kind, "fact": fact,
            "since": since, "until": until, "limit": limit, "cursor": cursor,
        }  # fmt: skip
        return await self._http.request(Page[Promise], "GET", "/v1/bot/ledger", query=query)

    async def bot_questions(
        self, enterprise_id: str, *, typed: str | None = None, like: str | None = None, limit: int | None = None
    ) -> list[Question]:
        """Return questions of the FAQ: for what is being `typed`, next to the entry `like`, or those asked most."""
        query = {"enterprise_id": enterprise_id, "typed": typed, "like": like, "limit": limit}
        return (await self._http.request(_Questions, "GET", "/v1/bot/questions", query=query)).items

    async def give_feedback(self, message_id: str, value: str) -> None:
        """Say, as the customer, what one thinks of a reply: `up`, `down`, or `none` to take it back."""
        await self._http.request(Raw, "POST", "/v1/bot/feedback", body={"message_id": message_id, "value": value})

    async def preview(self, text: str) -> Preview:
        """Return what the bot would do if a new customer said this; nothing is sent or stored.

        Raises ApiError `not_found` where the enterprise has no trained bot.
        """
        return await self._http.request(Preview, "POST", "/v1/bot/preview", body={"text": text})

    async def bot_summary(self, conversation_id: str) -> BotSummary:
        """Return what an agent should know of a conversation at once."""
        query = {"conversation_id": conversation_id}
        return await self._http.request(BotSummary, "GET", "/v1/bot/summary", query=query)
