"""How long a shadow's notes are kept, and how a person is taken out of them: they hold what customers wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from kefu.base.clock import DAY_US, Clock
from kefu.base.errors import ConfigError
from kefu.shadow.records import Compared, lock_journal, read_journal, rewrite_journal

_log = structlog.get_logger("kefu.shadow")
_PAUSE_S = 3_600.0


def drop_old(folder: Path, *, before_us: int) -> int:
    """Drop turns older than an instant from all journals and return how many; one that a shadow writes to is passed
    over: that shadow drops them itself when it starts.
    """
    return _drop(folder, lambda one: one.at_us < before_us, wait=False)


def forget_customer(folder: Path, account_id: int) -> int:
    """Drop all turns of a customer, and those with words of which nobody knows whose they are; return how many.

    Raises ConfigError while a shadow is running: it would write down again what it still holds.
    """
    return _drop(
        folder, lambda one: one.customer_id == account_id or (not one.customer_id and bool(one.text)), wait=True
    )


async def keep_short(folder: Path, clock: Clock, *, days: int) -> None:
    """Drop what is older than so many days, now and every hour. Never returns: what fails is logged and tried again."""
    while True:
        try:
            dropped = await asyncio.to_thread(drop_old, folder, before_us=clock.now_us() - days * DAY_US)
        except (ConfigError, OSError) as error:
            _log.error("shadow notes are kept too long", error=str(error), days=days)
        else:
            if dropped:
                _log.info("shadow notes dropped", turns=dropped, days=days)
        await asyncio.sleep(_PAUSE_S)


def _drop(folder: Path, unwanted: Callable[[Compared], bool], *, wait: bool) -> int:
    dropped = 0
    for path in sorted(folder.glob("*.jsonl")):
        with path.open("r+b") as file:
            if not lock_journal(file):
                if wait:
                    raise ConfigError(
                        f"{path}: kefu shadow 正在运行，请先停下它再执行一次 · a shadow is running, stop it first"
                    )
                continue
            turns, _ = read_journal(path)
            kept = [one for one in turns if not unwanted(one)]
            if len(kept) == len(turns):
                continue
            dropped += len(turns) - len(kept)
            rewrite_journal(file, kept)
    return dropped
