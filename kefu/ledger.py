"""What the bot promised, and what it was asked, for the command line: through the running server, or the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection

from bot.answers import view_promise
from bot.turns.asked import AskedQuestion, list_asked
from bot.turns.store import LedgerFilter, list_ledger
from kefu.base.clock import parse_time
from kefu.base.errors import ConfigError
from kefu.operator import call, find_server
from kefu.publishing import offline_enterprise, only_enterprise
from messaging_core.settings import Settings

_PAGE = 100
_NEWEST = (1 << 63) - 1


def ledger_filter(wanted: Mapping[str, str | None]) -> LedgerFilter:
    """Return a filter of texts as they are typed or queried; raise ConfigError for a number or time that is none."""
    given = {name: value for name, value in wanted.items() if value}
    try:
        return LedgerFilter(
            conversation_id=int(given["conversation_id"]) if "conversation_id" in given else None,
            customer_id=int(given["customer_id"]) if "customer_id" in given else None,
            kind=given.get("kind"),
            fact=given.get("fact"),
            since_us=parse_time(given["since"]) if "since" in given else None,
            until_us=parse_time(given["until"]) if "until" in given else None,
        )
    except ValueError as error:
        raise ConfigError(f"筛选条件不对：{error} · the filter is wrong") from error


def page(
    connection: Connection, enterprise_id: int, wanted: LedgerFilter, *, before_id: int = _NEWEST, limit: int = _PAGE
) -> list[dict[str, Any]]:
    """Return a page of promises, newest first, as the wire shows them."""
    rows = list_ledger(connection, enterprise_id=enterprise_id, wanted=wanted, before_id=before_id, limit=limit)
    return [view_promise(row) for row in rows]


async def read_ledger(
    settings: Settings, wanted: Mapping[str, str | None], *, most: int, enterprise: str | None, url: str | None
) -> list[dict[str, Any]]:
    """Return promises, newest first; raise ConfigError when they cannot be read."""
    narrowed = ledger_filter(wanted)
    if find_server(settings, url=url) is None:
        return await offline_enterprise(
            settings, enterprise, lambda unit, id: page(unit.connection, id, narrowed, limit=most)
        )
    enterprise_id = enterprise or await only_enterprise(settings, url=url)
    rows: list[dict[str, Any]] = []
    while len(rows) < most:
        query = {name: value for name, value in wanted.items() if value}
        query |= {"before": rows[-1]["id"]} if rows else {}
        path = f"/v1/operator/bots/{enterprise_id}/ledger?{urlencode(query)}"
        found = (await call(settings, "GET", path, url=url))["items"]
        rows += found
        if len(found) < _PAGE:
            break
    return rows[:most]


def asked_row(one: AskedQuestion) -> dict[str, Any]:
    """Return a question that was really asked as the wire shows it."""
    return {"text": one.text, "why": one.why, "times": one.times, "faq_id": one.entry, "turn_id": str(one.turn_id)}


async def read_asked(settings: Settings, *, enterprise: str | None, url: str | None) -> list[dict[str, Any]]:
    """Return the questions that were missed or judged, most often asked first."""
    if find_server(settings, url=url) is None:
        return await offline_enterprise(
            settings,
            enterprise,
            lambda unit, id: [asked_row(one) for one in list_asked(unit.connection, enterprise_id=id)],
        )
    enterprise_id = enterprise or await only_enterprise(settings, url=url)
    answer = await call(settings, "GET", f"/v1/operator/bots/{enterprise_id}/asked", url=url)
    return list(answer["items"])
