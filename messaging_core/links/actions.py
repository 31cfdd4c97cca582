"""What can be done with previews: ask for one, which the server fetches once and keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kefu.base.clock import HOUR_US
from messaging_core.errors import CoreError, forbidden
from messaging_core.kernel.outward import Unreachable
from messaging_core.kernel.schema import AnyRow
from messaging_core.kernel.unit import Unit
from messaging_core.links import store
from messaging_core.links.fetch import fetch_preview
from messaging_core.links.policy import url_hash
from messaging_core.messages.kinds.link import Link, Preview
from messaging_core.messages.kinds.link import check as check_link

if TYPE_CHECKING:
    from messaging_core.core import Core


async def get_preview(core: Core, url: str) -> Preview | None:
    """Return what a page says of itself, None when it says nothing; a link sent afterwards shows the same."""
    rules = core.settings.links
    check_link(Link(url), core.settings.limits)
    if not rules.previews:
        raise forbidden("previews_off")
    key, since_us = url_hash(url), core.clock.now_us() - rules.keep_h * HOUR_US
    known = (await core.read(lambda c: store.find_previews(c, [key], since_us=since_us))).get(key)
    if known is not None:
        return to_preview(known)
    try:
        preview = await fetch_preview(url, rules)
    except Unreachable as error:
        raise CoreError("link_unreachable") from error
    if preview is not None:
        found = preview

        def keep(unit: Unit) -> None:
            store.delete_older(unit.connection, than_us=since_us)
            store.put_preview(
                unit.connection,
                url_hash=key,
                title=found.title,
                description=found.description,
                site=found.site,
                fetched_at=unit.now_us,
            )

        await core.run(keep)
    return preview


def to_preview(row: AnyRow) -> Preview:
    """Return a stored preview."""
    return Preview(row.title, row.description, row.site)
