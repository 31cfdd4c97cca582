"""HTTP to a core's application without a socket in between: what one person asks and is told."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import httpx

from messaging_core.api import Core
from messaging_core.app import create_app


class Web:
    """The application of one core; `ask` answers (status, JSON)."""

    def __init__(self, core: Core) -> None:
        self.app = create_app(core)
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self._http = httpx.AsyncClient(transport=transport, base_url="http://kefu.test")

    async def __aenter__(self) -> Web:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def ask(self, token: str | None, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Make a request as the holder of a token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self._http.request(method, path, headers=headers, json=body)
        return answer.status_code, answer.json() if answer.content else None

    async def get(self, token: str | None, path: str) -> Any:
        """Return what a GET answers; it must be allowed."""
        status, answer = await self.ask(token, "GET", path)
        assert status == 200, answer
        return answer

    async def do(self, token: str | None, method: str, path: str, body: Any = None) -> Any:
        """Return what a request answers; it must be allowed."""
        status, answer = await self.ask(token, method, path, body)
        assert status < 300, answer
        return answer

    async def refused(self, token: str | None, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Return the refusal of a request; it must be refused."""
        status, answer = await self.ask(token, method, path, body)
        assert status >= 400, answer
        return dict(answer)
