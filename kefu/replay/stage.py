"""Where a replay happens: a running server, seen by its operator, its customers and one of its agents."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from kefu.base.errors import ConfigError
from messaging_core.client import ApiError, HttpApi

_AGENTS_AT_ONCE = 2


class Stage:
    """Makes customers, and lends the rights of an agent to hand sessions back and to read what was decided."""

    def __init__(self, url: str, operator_token: str) -> None:
        self.url = url.rstrip("/")
        # One pool for everybody: a connection a customer would be thousands in a run.
        self._pool = httpx.AsyncClient(
            base_url=self.url, trust_env=False, timeout=30.0, limits=httpx.Limits(max_connections=40)
        )
        self._operator = HttpApi(self.url, operator_token, client=self._pool)
        self._operator_token = operator_token
        self._agent: HttpApi | None = None
        self._agent_token = ""
        self._handing_back = asyncio.Semaphore(_AGENTS_AT_ONCE)
        self.enterprise_id = ""

    async def open(self, enterprise_id: str | None) -> None:
        """Find the enterprise and become one of its agents; raise ConfigError when that cannot be."""
        try:
            self.enterprise_id = enterprise_id or await self._only_enterprise()
            staff = await self._operator.staff(self.enterprise_id)
            serving = [one for one in staff if one.role in ("owner", "admin", "agent")]
            if not serving:
                raise ConfigError("这家企业还没有客服 · the enterprise has no agents")
            owner = next((one for one in serving if one.role == "owner"), serving[0])
            issued = await self._operator.create_token(
                owner.account_id, enterprise_id=self.enterprise_id, label="replay", scopes=["chat"]
            )
        except ApiError as error:
            raise ConfigError(f"{self.url}: {error}") from error
        except httpx.HTTPError as error:
            raise ConfigError(f"{self.url} 没有应答 · does not answer: {error!r}") from error
        self._agent_token = issued.token
        self._agent = HttpApi(self.url, issued.token, client=self._pool)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def new_customer(self, name: str) -> str:
        """Make a customer of his own and return his token."""
        account = await self._operator.create_account(name)
        return await self.token_of(account.id)

    async def known_customers(self) -> dict[str, str]:
        """Return the demo shop's customers: accounts by the shop's id; empty when this is no demo."""
        answer = await self._pool.get("/demo/customers")
        if answer.status_code != 200:
            return {}
        return {row["key"]: row["id"] for row in answer.json()["customers"]}

    async def token_of(self, account_id: str) -> str:
        """Return a fresh token of an account."""
        return (await self._operator.create_token(account_id, label="replay", scopes=["chat"])).token

    def http(self, token: str) -> HttpApi:
        """Return the calls of a customer, over the shared connections."""
        return HttpApi(self.url, token, client=self._pool)

    async def hand_back(self, session_id: str) -> None:
        """Take a session from the queue and give it back to the bot at once."""
        assert self._agent is not None
        async with self._handing_back:
            await self._agent.take(session_id)
            await self._agent.hand_back(session_id)

    async def close_session(self, session_id: str) -> None:
        """End a session, so that the customer's next one begins without memory."""
        assert self._agent is not None
        await self._agent.close_session(session_id)

    async def newest_turn(self, conversation_id: str) -> dict[str, Any] | None:
        """Return the newest decision of a conversation, None while there is none."""
        items, _ = await self._turns(conversation_id, limit=1, cursor=None)
        return items[0] if items else None

    async def all_turns(self, conversation_id: str) -> list[dict[str, Any]]:
        """Return every decision of a conversation with its evidence, oldest first."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            items, cursor = await self._turns(conversation_id, limit=100, cursor=cursor)
            found += items
            if cursor is None:
                return found[::-1]

    async def _turns(
        self, conversation_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        query = {"conversation_id": conversation_id, "limit": str(limit), **({"cursor": cursor} if cursor else {})}
        headers = {"Authorization": f"Bearer {self._agent_token}"}
        answer = await self._pool.get("/v1/bot/turns", params=query, headers=headers)
        answer.raise_for_status()
        page = answer.json()
        return page["items"], page["next_cursor"]

    async def _only_enterprise(self) -> str:
        answer = await self._pool.get("/v1/operator/bots", headers={"Authorization": f"Bearer {self._operator_token}"})
        if answer.status_code != 200:
            raise ConfigError(f"{self.url}: {answer.json().get('detail', answer.text)}")
        ids = [str(row["enterprise_id"]) for row in answer.json()["items"]]
        if len(ids) != 1:
            raise ConfigError("请用 --enterprise 指定企业 · name the enterprise with --enterprise")
        return ids[0]
