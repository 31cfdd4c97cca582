"""Operator's commands: they go through the running server, which alone may touch a live workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from kefu.base.errors import ConfigError
from kefu.workspace import operator_file
from messaging_core.app import find_running
from messaging_core.settings import Settings

_SLOW_S = 60.0


def find_server(settings: Settings, *, url: str | None) -> str | None:
    """Return the address of the server: the one that was named, or the one that runs on the workspace."""
    return url or find_running(settings)


def operator_token(settings: Settings) -> str:
    """Return the workspace's token; raise ConfigError when it cannot be read."""
    try:
        return operator_file(settings).read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(
            f"{operator_file(settings)}: 读不到运营者令牌 · the operator's token cannot be read: {error}"
        ) from error


async def call(
    settings: Settings, method: str, path: str, *, url: str | None, body: Mapping[str, object] | None = None
) -> Any:
    """Ask the server as the operator and return its answer; raise ConfigError with what it says when it refuses."""
    base = find_server(settings, url=url)
    if base is None:
        raise ConfigError(
            "这个工作目录没有正在运行的服务，先 kefu serve，或用 --url 指定"
            " · no server is running on this workspace; start it with `kefu serve`, or name it with --url"
        )
    headers = {"Authorization": f"Bearer {operator_token(settings)}"}
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=_SLOW_S) as client:
        try:
            answer = await client.request(method, path, headers=headers, json=body)
        except httpx.HTTPError as error:
            raise ConfigError(f"{base}: 没有应答 · does not answer: {error!r}") from error
    if answer.status_code >= 400:
        raise ConfigError(str(answer.json().get("detail", answer.text)))
    return answer.json() if answer.content else None


async def list_parked(settings: Settings, *, url: str | None) -> list[dict[str, Any]]:
    """Return all parked events."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        query = f"?limit=100{f'&cursor={cursor}' if cursor else ''}"
        page = await call(settings, "GET", f"/v1/operator/parked{query}", url=url)
        rows += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return rows


async def retry_parked(settings: Settings, parked_id: str, *, url: str | None) -> bool:
    """Hand an event to its subscriber once more; return whether it was digested."""
    return bool((await call(settings, "POST", f"/v1/operator/parked/{parked_id}/retry", url=url))["digested"])


async def drop_parked(settings: Settings, parked_id: str, *, url: str | None) -> None:
    """Give an event up."""
    await call(settings, "DELETE", f"/v1/operator/parked/{parked_id}", url=url)
