"""Sign-up, log-in, passwords, devices, keys, over HTTP on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from messaging_core.api import Actor, Core, issue_token, open_service
from messaging_core.conversations import store as conversations
from messaging_core.identity.actions import create_visitor
from messaging_core.settings import Accounts
from tests.support.cast import Cast
from tests.support.clock import FakeClock
from tests.support.web import Web

LIN = {"login": "lin@example.com", "password": "longjing-2026", "name": "林小姐", "device": "手机"}
IN = {"login": "Lin@Example.com", "password": "longjing-2026", "device": "电脑"}


@pytest_asyncio.fixture
async def web(core: Core) -> AsyncIterator[Web]:
    async with Web(core) as made:
        yield made


async def test_who_signs_up_is_logged_in_and_may_log_in_again(web: Web) -> None:
    first = await web.do(None, "POST", "/v1/sign-up", LIN)
    again = await web.do(None, "POST", "/v1/log-in", IN)
    assert again["account"] == first["account"]
    assert (await web.get(again["token"], "/v1/me"))["account"]["name"] == "林小姐"
    devices = (await web.get(again["token"], "/v1/devices"))["items"]
    assert [(device["name"], device["current"]) for device in devices] == [("电脑", True), ("手机", False)]


async def test_one_login_name_is_given_once_even_when_two_ask_at_once(web: Web) -> None:
    answers = await asyncio.gather(*[web.ask(None, "POST", "/v1/sign-up", LIN) for _ in range(4)])
    assert sorted(status for status, _ in answers) == [201, 409, 409, 409]


async def test_an_unknown_account_and_a_wrong_password_get_one_answer_after_the_same_work(web: Web, core: Core) -> None:
    await web.do(None, "POST", "/v1/sign-up", LIN)
    await web.refused(None, "POST", "/v1/log-in", {**IN, "login": "warm-up"})
    told, work = [], []
    for wrong in ({**IN, "password": "wrong"}, {**IN, "login": "nobody@example.com"}):
        before = core.passwords.verified
        told.append(await web.refused(None, "POST", "/v1/log-in", wrong))
        work.append(core.passwords.verified - before)
    assert told[0] == told[1]
    assert told[0]["code"] == "wrong_login"
    assert work == [1, 1]


@pytest.mark.parametrize("login", ["lin@example.com", "nobody@example.com"])
async def test_tries_are_counted_alike_for_every_name(core: Core, clock: FakeClock, login: str) -> None:
    core.settings = core.settings.model_copy(
        update={"accounts": Accounts(argon2_memory_kib=64, argon2_passes=1, log_ins_per_account=3)}
    )
    async with Web(core) as web:
        await web.do(None, "POST", "/v1/sign-up", LIN)
        tries = [await web.refused(None, "POST", "/v1/log-in", {"login": login, "password": "no"}) for _ in range(4)]
    assert [told["code"] for told in tries] == ["wrong_login"] * 3 + ["rate_limited"]
    assert {key: tries[3]["data"][key] for key in ("rule", "limit", "used")} == {
        "rule": "log_ins_per_account",
        "limit": 3,
        "used": 3,
    }
    assert tries[3]["data"]["unlock_at"] > "2026-11-22T08:00:00"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"password": "short"}, "too_short"),
        ({"password": "aaaaaaaaaa"}, "easy_password"),
        ({"password": "Password"}, "easy_password"),
        ({"password": "lin@example.com"}, "easy_password"),
        ({"login": "林小姐"}, "login_form"),
    ],
)
async def test_poor_passwords_and_odd_names_are_refused(web: Web, wrong: dict[str, str], reason: str) -> None:
    told = await web.refused(None, "POST", "/v1/sign-up", {**LIN, **wrong})
    assert told["data"]["reason"] == reason


async def test_a_new_password_ends_every_other_device(web: Web) -> None:
    phone = (await web.do(None, "POST", "/v1/sign-up", LIN))["token"]
    desktop = (await web.do(None, "POST", "/v1/log-in", IN))["token"]
    change = {"password": LIN["password"], "new_password": "biluochun-2027"}
    assert (await web.refused(desktop, "PUT", "/v1/me/password", {**change, "password": "no"}))["code"] == "wrong_login"
    await web.do(desktop, "PUT", "/v1/me/password", change)
    assert (await web.refused(phone, "GET", "/v1/me"))["code"] == "unauthenticated"
    assert (await web.ask(desktop, "GET", "/v1/me"))[0] == 200
    assert (await web.refused(None, "POST", "/v1/log-in", IN))["code"] == "wrong_login"
    await web.do(None, "POST", "/v1/log-in", {**IN, "password": "biluochun-2027"})


async def test_devices_are_ended_one_or_all_others_and_hold_no_more_than_their_own(web: Web) -> None:
    tokens = [(await web.do(None, "POST", "/v1/sign-up", LIN))["token"]]
    tokens += [(await web.do(None, "POST", "/v1/log-in", IN))["token"] for _ in range(3)]
    other = await web.do(None, "POST", "/v1/sign-up", {**LIN, "login": "mi@example.com"})
    devices = (await web.get(tokens[0], "/v1/devices"))["items"]
    assert (await web.refused(other["token"], "DELETE", f"/v1/devices/{devices[0]['id']}"))["code"] == "not_found"
    await web.do(tokens[0], "DELETE", f"/v1/devices/{devices[0]['id']}")
    assert (await web.do(tokens[0], "DELETE", "/v1/devices")) == {"ended": 2}
    assert [(await web.ask(token, "GET", "/v1/me"))[0] for token in tokens] == [200, 401, 401, 401]
    await web.do(tokens[0], "POST", "/v1/log-out")
    assert (await web.ask(tokens[0], "GET", "/v1/me"))[0] == 401


async def test_a_device_says_when_it_was_last_seen(web: Web, clock: FakeClock) -> None:
    token = (await web.do(None, "POST", "/v1/sign-up", LIN))["token"]
    clock.advance(seconds=3600)
    await web.get(token, "/v1/me")
    for _ in range(100):
        (device,) = (await web.get(token, "/v1/devices"))["items"]
        if device["last_seen_at"] == "2026-11-22T09:00:00.000000Z":
            break
        await asyncio.sleep(0.01)
    assert device["last_seen_at"] == "2026-11-22T09:00:00.000000Z"


async def test_an_account_that_the_operator_made_gets_a_login_once(web: Web, cast: Cast) -> None:
    own = {"login": "xiaomi", "password": "xiaomi-12345"}
    await web.do(cast.tokens["mi"], "PUT", "/v1/me/login", own)
    assert (await web.refused(cast.tokens["mi"], "PUT", "/v1/me/login", own))["code"] == "already_exists"
    assert (await web.do(None, "POST", "/v1/log-in", own))["account"]["id"] == str(cast.id("mi"))


async def test_staff_log_in_for_their_enterprise_and_for_no_other(web: Web, cast: Cast) -> None:
    own = {"login": "qiao", "password": "laoqiao-12345"}
    await web.do(cast.tokens["qiao"], "PUT", "/v1/me/login", own)
    (employer,) = (await web.get(cast.tokens["qiao"], "/v1/me/enterprises"))["items"]
    assert (employer["enterprise_id"], employer["role"]) == (str(cast.enterprise_id), "agent")
    inside = await web.do(None, "POST", "/v1/log-in", {**own, "enterprise_id": employer["enterprise_id"]})
    assert (await web.get(inside["token"], "/v1/me"))["staff_role"] == "agent"
    told = await web.refused(None, "POST", "/v1/log-in", {**own, "enterprise_id": str(cast.id("lin"))})
    assert told["data"]["reason"] == "staff_only"


async def _visitor(core: Core, cast: Cast) -> tuple[str, Actor, int]:
    """Return a visitor's token, himself and his conversation."""
    shop = Actor(cast.enterprise_id, "enterprise", "月茶", cast.enterprise_id, scopes=frozenset({"visit"}))
    issued = await core.run(lambda unit: create_visitor(unit, shop, name="访客"))
    visitor = Actor(issued.account_id, "visitor", "访客", cast.enterprise_id)
    place = await core.run(lambda unit: open_service(unit, visitor, enterprise_id=cast.enterprise_id))
    return issued.secret, visitor, place


async def _say(web: Web, token: str, place: int, key: str) -> Any:
    body = {"client_msg_id": key, "kind": "text", "body": {"text": "龙井还有货吗"}}
    return await web.do(token, "POST", f"/v1/conversations/{place}/messages", body)


async def test_a_visitor_who_signs_up_keeps_his_conversation(web: Web, core: Core, cast: Cast) -> None:
    token, visitor, place = await _visitor(core, cast)
    await _say(web, token, place, "m1")
    made = await web.do(token, "POST", "/v1/visitors/sign-up", LIN)
    assert made["account"]["id"] == str(visitor.account_id)
    assert made["account"]["kind"] == "personal"
    assert (await web.ask(token, "GET", "/v1/me"))[0] == 401
    await _say(web, made["token"], place, "m2")
    items = (await web.get(made["token"], f"/v1/conversations/{place}/messages"))["items"]
    assert [item["client_msg_id"] for item in items] == ["m2", "m1"]


@pytest.mark.parametrize("has_been_here", [False, True])
async def test_a_visitor_who_logs_in_brings_his_conversation_along(
    web: Web, core: Core, cast: Cast, has_been_here: bool
) -> None:
    own = {"login": "lin", "password": LIN["password"]}
    await web.do(cast.tokens["lin"], "PUT", "/v1/me/login", own)
    before = None
    if has_been_here:
        before = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    token, visitor, place = await _visitor(core, cast)
    await _say(web, token, place, "m1")
    made = await web.do(token, "POST", "/v1/visitors/log-in", own)
    assert made["account"]["id"] == str(cast.id("lin"))
    assert (await web.ask(token, "GET", "/v1/me"))[0] == 401
    assert await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id)) == place
    await _say(web, made["token"], place, "m2")
    events = (await web.get(made["token"], f"/v1/conversations/{place}/events"))["items"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    (joined,) = [event["data"] for event in events if event["kind"] == "member.joined" and "was" in event["data"]]
    assert (joined["account_id"], joined["was"]) == (str(cast.id("lin")), str(visitor.account_id))
    listed = {item["id"] for item in (await web.get(made["token"], "/v1/conversations"))["items"]}
    assert listed == {str(place)} | ({str(before)} if before else set())
    for name in (made["token"], cast.tokens["bot"]):
        assert (await web.get(name, f"/v1/accounts/{visitor.account_id}"))["account"]["name"] == "访客"
    member = await core.read(lambda c: conversations.find_member(c, place, visitor.account_id))
    assert member is not None and member.left_seq is not None


@pytest.mark.parametrize(
    ("account_first", "wanted"), [(None, True), (True, True), (False, False)], ids=["never", "before", "since"]
)
async def test_what_a_visitor_said_of_offers_holds_until_his_account_says_otherwise(
    web: Web, core: Core, cast: Cast, clock: FakeClock, account_first: bool | None, wanted: bool
) -> None:
    own = {"login": "lin", "password": LIN["password"]}
    await web.do(cast.tokens["lin"], "PUT", "/v1/me/login", own)
    token, _, _ = await _visitor(core, cast)
    consents = f"/v1/marketing/consents/{cast.enterprise_id}"
    said = [(token, True)]
    if account_first is not None:
        said.insert(0 if account_first else 1, (cast.tokens["lin"], False))
    for who, opted_in in said:
        clock.advance(seconds=1)
        await web.do(who, "PUT", consents, {"opted_in": opted_in})
    made = await web.do(token, "POST", "/v1/visitors/log-in", own)
    items = (await web.get(made["token"], "/v1/marketing/consents"))["items"]
    assert [one["opted_in"] for one in items] == [wanted]


async def test_a_key_does_what_its_scopes_say_until_it_is_revoked(web: Web, cast: Cast, clock: FakeClock) -> None:
    keys, staff = (f"/v1/enterprises/{cast.enterprise_id}/{name}" for name in ("keys", "members"))
    made = await web.do(cast.tokens["boss"], "POST", keys, {"label": "ERP", "scopes": ["read_staff"]})
    poor = await web.do(cast.tokens["boss"], "POST", keys, {"label": "ERP", "scopes": ["orders"]})
    assert (await web.ask(made["key"], "GET", staff))[0] == 200
    assert (await web.refused(poor["key"], "GET", staff))["data"]["reason"] == "scope"
    assert (await web.refused(made["key"], "GET", "/v1/me"))["data"]["reason"] == "scope"
    listed = (await web.get(cast.tokens["boss"], keys))["items"]
    assert [(key["label"], key["scopes"]) for key in listed] == [("ERP", ["orders"]), ("ERP", ["read_staff"])]
    assert made["key"] not in str(listed)
    await web.do(cast.tokens["boss"], "DELETE", f"{keys}/{made['id']}")
    assert (await web.ask(made["key"], "GET", staff))[0] == 401


async def test_a_token_of_the_widget_may_not_be_a_key(core: Core, cast: Cast, web: Web) -> None:
    site = await core.run(lambda unit: issue_token(unit, None, account_id=cast.enterprise_id, scopes=("visit",)))
    told = await web.refused(site.secret, "GET", f"/v1/enterprises/{cast.enterprise_id}/members")
    assert told["data"] == {"reason": "scope", "scope": "read_staff"}
