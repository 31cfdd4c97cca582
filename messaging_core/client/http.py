"""Every command and query of protocol 1 over HTTP, typed."""

from __future__ import annotations

import httpx

from .http_acts import ActCalls
from .http_admin import AdminCalls
from .http_agents import AgentCalls
from .http_bot import BotCalls
from .http_commerce import CommerceCalls
from .http_contacts import ContactCalls
from .http_conversations import ConversationCalls
from .http_desk import DeskCalls
from .http_groups import GroupCalls
from .http_media import MediaCalls
from .http_notebook import NotebookCalls
from .http_orders import OrderCalls
from .http_own import OwnCalls
from .http_people import PeopleCalls
from .http_safety import SafetyCalls
from .http_standing import StandingCalls
from .http_transport import HttpTransport


class HttpApi(
    ConversationCalls,
    OwnCalls,
    GroupCalls,
    ActCalls,
    DeskCalls,
    AgentCalls,
    NotebookCalls,
    CommerceCalls,
    OrderCalls,
    SafetyCalls,
    MediaCalls,
    BotCalls,
    PeopleCalls,
    ContactCalls,
    StandingCalls,
    AdminCalls,
):
    """One method a command or query. All raise ApiError when refused and NetworkError when there was no answer.

    `idempotency_key` makes a repeated POST give the first answer again. `client` lends a pool of connections to many.
    """

    __slots__ = ()

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        lang: str = "zh",
        timeout_s: float = 15.0,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        super().__init__(HttpTransport(url, token, lang=lang, timeout_s=timeout_s, client=client))

    async def __aenter__(self) -> HttpApi:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections, unless they were lent."""
        await self._http.aclose()
