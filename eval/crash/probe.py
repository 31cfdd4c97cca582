"""What an operator sees from outside: health, readiness, and whether something can be written."""

from __future__ import annotations

import httpx

from eval.crash.node import Node
from messaging_core.client import ApiError, HttpApi, NetworkError


class Probe:
    """Asks one server. Nothing in here is part of the comparison: it writes an account, no messages."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._made = 0

    async def status(self, path: str) -> int:
        """Return the HTTP status of a path, 0 when nobody answers."""
        # A connection of its own each time, as a supervisor's check has.
        async with httpx.AsyncClient(trust_env=False, timeout=40.0) as client:
            try:
                return (await client.get(self._node.url + path)).status_code
            except httpx.TransportError:
                return 0

    async def write(self) -> str:
        """Write something; return an empty string, or the code of the refusal."""
        self._made += 1
        async with HttpApi(self._node.url, self._node.operator_token, timeout_s=40.0) as api:
            try:
                await api.create_account(f"probe {self._made}")
            except ApiError as error:
                return error.code
            except NetworkError:
                return "no answer"
        return ""
