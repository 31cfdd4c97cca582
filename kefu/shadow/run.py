"""A shadow's run: page after page of what was said, and on as it comes when it follows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from kefu.base.errors import ConfigError
from kefu.base.ids import first_id_at, time_of
from kefu.shadow.pair import Pair
from kefu.shadow.records import Compared, Journal
from kefu.shadow.source import PAGE, SaidPage, Source

_POLL_S = 1.0
# A turn is seen when it is committed and numbered when it was opened: so far back one that came late is looked for.
_LATE_US = 15_000_000


@dataclass(slots=True)
class Progress:
    """What a run tells while it goes on: turns without words, and whether another version went live meanwhile."""

    wordless: int = 0
    live_changed_to: str = ""


async def run_shadow(
    source: Source,
    pair: Pair,
    journal: Journal,
    *,
    live: str,
    since_us: int,
    follow: bool,
    compared: Callable[[Compared], None],
    progress: Progress,
) -> None:
    """Compare every turn since a time that the journal does not hold; `compared` hears of each.

    With `follow` it ends only by being cancelled, and waits for a server that is away. Else ConfigError is raised then.
    """
    after_id = first_id_at(since_us)
    wordless: set[int] = set()
    while True:
        try:
            page = await source.page(after_id)
        except ConfigError:
            if not follow:
                raise
            await asyncio.sleep(_POLL_S)
            continue
        if page.live != live:
            progress.live_changed_to = page.live
        await _compare_page(page, pair, journal, wordless, compared)
        progress.wordless = len(wordless)
        if len(page.items) == PAGE:
            after_id = page.items[-1].turn_id
        elif not follow:
            return
        else:
            if page.items:
                after_id = first_id_at(max(since_us, time_of(page.items[-1].turn_id) - _LATE_US))
            await asyncio.sleep(_POLL_S)


async def _compare_page(
    page: SaidPage, pair: Pair, journal: Journal, wordless: set[int], compared: Callable[[Compared], None]
) -> None:
    fresh = [one for one in page.items if one.texts and one.turn_id not in journal.compared]
    wordless.update(one.turn_id for one in page.items if not one.texts)
    # A session that is half compared is heard from its beginning on, so that its next turn finds its memory.
    open_sessions = {one.session_id for one in fresh}
    for said in page.items:
        if said.turn_id in journal.compared:
            if said.session_id in open_sessions:
                await pair.remember(said, page.settings)
        elif said.texts:
            one = await pair.compare(said, page.settings)
            journal.add(one)
            compared(one)
