"""What the server adds to links: the preview that it has fetched itself, if it has one."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kefu.base.clock import HOUR_US
from messaging_core.kernel.unit import Unit
from messaging_core.links import store
from messaging_core.links.policy import url_hash
from messaging_core.messages.completing import Completed, Completion
from messaging_core.messages.kinds.link import Link, Preview, StoredLink
from messaging_core.messages.model import SendRequest

_encode = msgspec.json.Encoder().encode


def complete_links(unit: Unit, requests: Sequence[SendRequest]) -> list[Completion]:
    """Add what the page says of itself; nothing is fetched here, a send never waits for a foreign machine."""
    links = [msgspec.json.decode(request.body, type=Link) for request in requests]
    hashes = [url_hash(link.url) for link in links]
    since_us = unit.now_us - unit.tools.settings.links.keep_h * HOUR_US
    known = store.find_previews(unit.connection, hashes, since_us=since_us)
    completions: list[Completion] = []
    for link, key in zip(links, hashes, strict=True):
        row = known.get(key)
        preview = Preview(row.title, row.description, row.site) if row is not None else None
        completions.append(Completed(_encode(StoredLink(link.url, link.note, preview))))
    return completions
