"""The bot's routes: settings that turn it on, decisions with evidence, promises, thumbs, previews, summaries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.decision import Decision, Evidence, Reply
from bot.dialogue.state import DialogueState
from bot.retrieval.questions import Question
from bot.routes import add_bot
from bot.turn import Turn
from bot.turns.asked import list_asked
from bot.turns.settings_store import find_settings, list_versions
from messaging_core.api import Core, find_bot, find_session
from messaging_core.app import create_app
from tests.bot.worker.deciders import Deciding, call_human
from tests.bot.worker.world import Shop
from tests.support.cast import Cast, make_cast

# One database is enough here: what both must bear is in test_turns.py and the state machine.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def decider() -> Deciding:
    return Deciding()


@pytest_asyncio.fixture
async def http(core: Core, decider: Deciding) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(core)
    add_bot(app, lambda _enterprise_id: decider)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://kefu.test") as client:
        yield client


async def put(http: httpx.AsyncClient, cast: Cast, body: dict[str, Any], who: str = "boss") -> httpx.Response:
    return await http.put("/v1/bot/settings", json=body, headers=cast.auth(who))


async def test_turning_it_on_makes_its_account_and_sessions_open_with_it(core: Core, http: httpx.AsyncClient) -> None:
    cast = await make_cast(core, with_bot=False)
    assert await core.read(lambda c: find_bot(c, cast.enterprise_id)) is None
    answer = await put(http, cast, {"auto_reply": True, "name": "小月"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["version"], told["settings"]["name"]) == (1, "小月")
    bot_id = await core.read(lambda c: find_bot(c, cast.enterprise_id))
    assert str(bot_id) == told["bot_account_id"]
    shop = Shop(core, cast)
    conversation = await shop.ask()
    session = await core.read(lambda c: find_session(c, conversation))
    assert session is not None and session.state == "bot"


async def test_off_and_on_again_it_is_the_same_account_under_its_new_name(core: Core, http: httpx.AsyncClient) -> None:
    cast = await make_cast(core, with_bot=False)
    first = (await put(http, cast, {"auto_reply": True})).json()["bot_account_id"]
    off = await put(http, cast, {"auto_reply": False})
    assert off.json()["bot_account_id"] == first
    assert await core.read(lambda c: find_bot(c, cast.enterprise_id)) is None
    again = await put(http, cast, {"auto_reply": True, "name": "阿月"})
    assert again.json()["bot_account_id"] == first
    shown = await http.get(f"/v1/accounts/{first}", headers=cast.auth("operator"))
    assert shown.json()["account"]["name"] == "阿月"
    versions = await core.read(lambda c: list_versions(c, cast.enterprise_id))
    assert [stored.version for stored in versions] == [3, 2, 1]
    assert [stored.settings.auto_reply for stored in versions] == [True, False, True]


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({"name": "x" * 41}, "body.name", "too_long"),
        ({"deadline_ms": 10}, "body.deadline_ms", "too_small"),
        ({"no_such_key": 1}, "body", "wrong_form"),
        ({"hours": {"zone": "Mars/Base"}}, "body.hours.zone", "wrong_form"),
        ({"hours": {"days": [[["25:00", "26:00"]]] * 7}}, "body.hours.days[0][0][0]", "wrong_form"),
        ({"hours": {"days": []}}, "body.hours.days", "wrong_form"),
        ({"hours": {"days": [[["09:00", "09:00"]]] + [[]] * 6}}, "body.hours.days[0][0]", "empty"),
        ({"triggers": {"misses": 0}}, "body.triggers.misses", "too_small"),
        ({"stages": {"understand": "no_such.v9"}}, "body.stages", "wrong_choice"),
        ({"greeting": "好\u0007"}, "body.greeting", "wrong_form"),
    ],
)
async def test_wrong_settings_are_refused_with_place_and_cure_and_change_nothing(
    core: Core, cast: Cast, http: httpx.AsyncClient, body: dict[str, Any], field: str, reason: str
) -> None:
    answer = await put(http, cast, body)
    assert answer.status_code == 422
    data = answer.json()["data"]
    assert (data["field"], data["reason"]) == (field, reason), data
    assert (await core.read(lambda c: find_settings(c, cast.enterprise_id))).version == 0


async def test_staff_read_decisions_with_messages_and_evidence(shop: Shop, http: httpx.AsyncClient) -> None:
    conversation = await shop.ask()
    await shop.say(conversation, "龙井多少钱")
    await shop.hears(conversation, "您说：龙井多少钱")
    query, agent = {"conversation_id": str(conversation)}, shop.cast.auth("qiao")
    page = (await http.get("/v1/bot/turns", params=query, headers=agent)).json()
    (turn,) = page["items"]
    assert (turn["outcome"], turn["evidence"][0]["source"]) == ("replied", "test:1")
    assert [message["origin"] for message in turn["messages"]] == ["person", "bot"]
    one = await http.get(f"/v1/bot/turns/{turn['id']}", headers=agent)
    assert one.json()["turn"] == turn
    ledger = (await http.get("/v1/bot/ledger", params=query, headers=agent)).json()
    assert ledger["items"][0]["message_id"] == turn["messages"][1]["message_id"]


async def test_only_the_conversations_customer_gives_thumbs_and_the_last_one_counts(
    shop: Shop, http: httpx.AsyncClient
) -> None:
    conversation = await shop.ask()
    await shop.say(conversation, "在吗")
    await shop.hears(conversation, "您说：在吗")
    (turn,) = await shop.turns(conversation)
    reply = next(row.message_id for row in await shop.rows("bot_turn_messages", turn_id=turn.id) if row.origin == "bot")

    async def thumb(who: str, value: str, message_id: int = reply) -> int:
        body = {"message_id": str(message_id), "value": value}
        return (await http.post("/v1/bot/feedback", json=body, headers=shop.cast.auth(who))).status_code

    assert await thumb("mi", "down") == 404
    assert await thumb("qiao", "down") == 404
    assert await thumb("lin", "up", reply + 1) == 404
    for value in ("up", "down"):
        assert await thumb("lin", value) == 200
    (row,) = await shop.rows("bot_feedback")
    assert (row.value, row.turn_id) == ("down", turn.id)
    shown = await http.get(f"/v1/bot/turns/{turn.id}", headers=shop.cast.auth("qiao"))
    assert shown.json()["turn"]["messages"][1]["feedback"] == "down"
    assert await thumb("lin", "none") == 200
    assert await shop.rows("bot_feedback") == []


async def test_a_preview_shows_what_would_be_said_and_stores_nothing(
    shop: Shop, http: httpx.AsyncClient, decider: Deciding
) -> None:
    answer = await http.post("/v1/bot/preview", json={"text": "有龙井吗"}, headers=shop.cast.auth("qiao"))
    told = answer.json()
    assert told["replies"] == [{"kind": "text", "v": 1, "body": {"text": "您说：有龙井吗"}}]
    assert told["took_ms"] >= 0
    assert decider.turns[0].state == DialogueState()
    assert await shop.rows("bot_turns") == []


async def test_the_summary_of_a_handoff_is_there_for_the_agent(shop: Shop, http: httpx.AsyncClient) -> None:
    conversation = await shop.ask()
    query = {"conversation_id": str(conversation)}
    empty = (await http.get("/v1/bot/summary", params=query, headers=shop.cast.auth("qiao"))).json()
    assert (empty["turn_id"], empty["summary"]) == (None, "")
    shop.decider.answer = call_human
    await shop.say(conversation, "找真人")
    await shop.settled(conversation, 1)
    told = (await http.get("/v1/bot/summary", params=query, headers=shop.cast.auth("qiao"))).json()
    assert (told["reason"], told["summary"]) == ("human_wish", "想要人工：找真人")


async def test_the_ledger_tells_what_was_promised_to_whom(shop: Shop, http: httpx.AsyncClient) -> None:
    agent = shop.cast.auth("qiao")
    for who in ("lin", "mi"):
        conversation = await shop.ask(who)
        await shop.say(conversation, "龙井多少钱", who)
        await shop.hears(conversation, "您说：龙井多少钱")

    async def told(**wanted: str) -> list[dict[str, Any]]:
        answer = await http.get("/v1/bot/ledger", params=wanted, headers=agent)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    lin = str(shop.cast.id("lin"))
    assert {one["customer_id"] for one in await told()} == {lin, str(shop.cast.id("mi"))}
    (promise,) = await told(customer_id=lin)
    assert (promise["said"], promise["fact_version"]) == ("您说：龙井多少钱", "v1")
    assert len(await told(kind="price", fact="MT-1")) == 2
    assert await told(fact="MT-2") == await told(kind="stock") == []
    assert await told(until="2001-01-01T00:00:00Z") == []
    assert len(await told(since="2001-01-01T00:00:00Z")) == 2


async def test_what_was_missed_or_judged_is_listed_with_its_nearest_entry(shop: Shop, core: Core) -> None:
    def miss(turn: Turn) -> Decision:
        near = (Evidence("faq", "faq:ship", "什么时候发货", 0.3),)
        return Decision("clarify", "faq_close", (Reply("text", {"text": "您是想问哪一个？"}),), turn.state, near)

    shop.decider.answer = miss
    for who in ("lin", "mi"):
        conversation = await shop.ask(who)
        await shop.say(conversation, "东西啥时候走", who)
        await shop.hears(conversation, "您是想问哪一个？")
    found = await core.read(lambda c: list_asked(c, enterprise_id=shop.cast.enterprise_id))
    assert [(one.text, one.why, one.times, one.entry) for one in found] == [("东西啥时候走", "missed", 2, "ship")]
    assert await core.read(lambda c: list_asked(c, enterprise_id=shop.cast.enterprise_id + 1)) == []


async def test_questions_come_from_the_bots_own_faq(shop: Shop, http: httpx.AsyncClient, decider: Deciding) -> None:
    query = {"enterprise_id": str(shop.cast.enterprise_id), "typed": "发"}
    answer = await http.get("/v1/bot/questions", params=query, headers=shop.cast.auth("lin"))
    assert answer.json() == {"items": []}, "a decider without an FAQ suggests nothing"

    class Told:
        def typed(self, text: str, *, heat: object, limit: int) -> list[Question]:
            return [Question("ship", f"{text}货吗？", 1.0)][:limit]

    decider.questions = Told()  # type: ignore[attr-defined]
    answer = await http.get("/v1/bot/questions", params=query, headers=shop.cast.auth("lin"))
    assert answer.json() == {"items": [{"id": "ship", "question": "发货吗？"}]}
