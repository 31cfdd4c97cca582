"""Fetching a page for its preview: every address is checked before it is asked, redirects too; all is bounded."""

from __future__ import annotations

import asyncio
from urllib.parse import urljoin

import httpx

from messaging_core.kernel.outward import Unreachable, pin
from messaging_core.links.policy import read_preview
from messaging_core.messages.kinds.link import Preview
from messaging_core.settings import Links

_TYPES = ("text/html", "application/xhtml+xml")
_MOVED = frozenset({301, 302, 303, 307, 308})


async def fetch_preview(url: str, rules: Links) -> Preview | None:
    """Return what a page says of itself, None when it says nothing, is no page or does not answer in time.

    Raises Unreachable for an inner address, on whichever redirect it is met.
    """
    try:
        async with asyncio.timeout(rules.timeout_s):
            return await _fetch(url, rules)
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL):
        return None


async def _fetch(url: str, rules: Links) -> Preview | None:
    async with httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=rules.timeout_s) as client:
        for _ in range(rules.redirects + 1):
            pinned, headers, extensions = await pin(url, allow_private=rules.private_hosts)
            headers |= {"User-Agent": "kefu-preview/1", "Accept": "text/html", "Accept-Encoding": "identity"}
            async with client.stream("GET", pinned, headers=headers, extensions=extensions) as answer:
                if answer.status_code in _MOVED and "location" in answer.headers:
                    url = urljoin(url, answer.headers["location"])
                    continue
                kind = answer.headers.get("content-type", "")
                # Asked to come uncompressed: a page that does not keep to that could swell without end.
                plain = answer.headers.get("content-encoding", "identity") == "identity"
                if answer.status_code != 200 or not kind.lower().startswith(_TYPES) or not plain:
                    return None
                page = b""
                async for part in answer.aiter_raw():
                    page += part
                    if len(page) >= rules.page_bytes:
                        break
                return await asyncio.to_thread(read_preview, page[: rules.page_bytes], kind)
    raise Unreachable("重定向太多 · too many redirects")
