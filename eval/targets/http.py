"""What all targets behind HTTP share: one client, every failure with a word for counting."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from eval.errors import SampleError, TargetError

_PROBE_S = 5.0


class HttpCaller:
    """Posts JSON and returns JSON; a try that fails raises SampleError, never anything of httpx."""

    def __init__(self, url: str, *, timeout_s: float, headers: Mapping[str, str] | None = None) -> None:
        self.url = url
        self._client = httpx.AsyncClient(timeout=timeout_s, headers=dict(headers or {}), trust_env=False)

    async def probe(self) -> None:
        """Raise TargetError when nobody listens, or the address is none."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise TargetError("not_an_address", url=self.url)
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            async with asyncio.timeout(_PROBE_S):
                _, writer = await asyncio.open_connection(parts.hostname, port)
            writer.close()
        except (OSError, TimeoutError, ValueError) as error:
            raise TargetError("target_down", url=self.url, why=str(error) or type(error).__name__) from error

    async def post(self, body: object, *, path: str = "") -> Any:
        """Post `body` and return the answer's JSON."""
        try:
            answer = await self._client.post(self.url + path, json=body)
        except httpx.TimeoutException as error:
            raise SampleError("timeout", f"{self.url}: {type(error).__name__}") from error
        except httpx.HTTPError as error:
            raise SampleError("unreachable", f"{self.url}: {error or type(error).__name__}") from error
        if answer.status_code >= 400:
            raise SampleError("refused", f"HTTP {answer.status_code}: {answer.text[:120]}")
        try:
            # Python's JSON lets NaN through; the runner then names the field.
            return json.loads(answer.content)
        except ValueError as error:
            raise SampleError("nonsense", f"not JSON: {answer.text[:80]!r}") from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def field(value: object, path: str) -> Any:
    """Return what stands at a path like `intent.name` or `intents.0.score`; raise SampleError when it is not there."""
    for step in path.split(".") if path else ():
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            raise SampleError("nonsense", f"the answer has no {path!r}")
    return value
