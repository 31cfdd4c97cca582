"""Reads like the table 'Accounts and privacy': kinds, who may message me, do-not-disturb, terms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from kefu.base.clock import format_time, parse_time
from messaging_core.api import (
    Actor,
    Core,
    SendRequest,
    Sent,
    create_enterprise,
    create_group,
    open_direct,
    open_service,
    put_staff,
)
from messaging_core.errors import CoreError
from messaging_core.identity import contacts
from messaging_core.identity.policy import check_right
from messaging_core.identity.privacy_policy import Relation, Silence, check_may_message, is_silent, silent_until
from messaging_core.identity.roles import KEY_RIGHTS, RIGHTS, STAFF_ROLES
from messaging_core.identity.standing import UNLOCKED, accept_terms, publish_terms
from messaging_core.messages.model import Outcome
from tests.support.cast import Cast
from tests.support.clock import FakeClock
from tests.support.web import Web


@pytest_asyncio.fixture
async def web(core: Core) -> AsyncIterator[Web]:
    async with Web(core) as made:
        yield made


async def send(core: Core, actor: Actor, place: int, key: str, **fields: Any) -> Outcome:
    return await core.send(
        SendRequest(
            actor=actor,
            conversation_id=place,
            client_msg_id=key,
            kind="text",
            v=1,
            body=msgspec.json.encode({"text": "在吗"}),
            settle=lambda _request, _outcome: None,
            **fields,
        )
    )


def told(outcome: Outcome) -> str:
    """Return `sent`, or the rule that refused."""
    return "sent" if isinstance(outcome, Sent) else str(outcome.data.get("rule", outcome.code))


# --- kinds: personal; enterprise; verified enterprise (蓝V) -----------------------------------------------------


def test_the_mark_unlocks_archive_words_export_desk_bots_and_broadcasts() -> None:
    assert UNLOCKED == ("archive", "words", "export", "desk", "bots", "broadcasts")


async def test_desk_and_bots_wait_for_the_mark_which_a_reviewer_gives(web: Web, core: Core, cast: Cast) -> None:
    shop = await core.run(lambda unit: create_enterprise(unit, None, name="路边摊", verified=False))
    await core.run(lambda unit: put_staff(unit, None, enterprise_id=shop, account_id=cast.id("mi"), role="owner"))
    operator = cast.tokens["operator"]
    ask = {"account_id": str(cast.id("mi")), "enterprise_id": str(shop)}
    owner = (await web.do(operator, "POST", "/v1/tokens", ask))["token"]
    wish, bot = {"kind": "service", "enterprise_id": str(shop)}, {"name": "小助手", "kind": "bot"}
    for token, path, body in (
        (cast.tokens["lin"], "/v1/conversations", wish),
        (owner, "/v1/accounts", {**bot, "enterprise_id": str(shop)}),
    ):
        refusal = await web.refused(token, "POST", path, body)
        assert refusal["data"]["reason"] == "not_verified"
        assert refusal["data"]["apply_url"] == f"/v1/enterprises/{shop}/verification-requests"
    requests, queue = f"/v1/enterprises/{shop}/verification-requests", "/v1/operator/verification-requests"
    first = (await web.do(owner, "POST", requests, {"documents": ["营业执照"]}))["request"]
    assert (await web.refused(owner, "POST", requests, {"documents": ["营业执照"]}))["code"] == "already_exists"
    assert [item["id"] for item in (await web.get(operator, queue))["items"]] == [first["id"]]
    await web.do(operator, "POST", f"{queue}/{first['id']}/decide", {"approve": False, "reason": "看不清"})
    again = await web.refused(operator, "POST", f"{queue}/{first['id']}/decide", {"approve": True})
    assert again["code"] == "already_decided"
    second = (await web.do(owner, "POST", requests, {"documents": ["营业执照（清晰）"]}))["request"]
    await web.do(operator, "POST", f"{queue}/{second['id']}/decide", {"approve": True})
    states = [(item["state"], item["reason"]) for item in (await web.get(owner, requests))["items"]]
    assert states == [("approved", ""), ("refused", "看不清")]
    await web.do(cast.tokens["lin"], "POST", "/v1/conversations", wish)
    await web.do(owner, "POST", "/v1/accounts", {**bot, "enterprise_id": str(shop)})
    assert (await web.get(owner, "/v1/me/rights"))["unlocked"] == list(UNLOCKED)


# The table of roles, written a second time as people read it: o owner, a admin, g agent, n analyst, t trainer.
ROLES = {
    "make_owners": "o",
    "manage": "oa",
    "keys": "oa",
    "accept_terms": "oa",
    "verification": "oa",
    "integrations": "oa",
    "coupons": "oa",
    "orders": "oa",
    "serve": "oag",
    "issue_coupons": "oag",
    "read_orders": "oagn",
    "insight": "oan",
    "read_bot": "oagnt",
    "read_staff": "oagnt",
}


@pytest.mark.parametrize("right", RIGHTS)
def test_each_role_may_do_what_the_table_says(right: Any) -> None:
    letters = dict(zip(STAFF_ROLES, "oagnt", strict=True))
    may = {role for role, letter in letters.items() if letter in ROLES[right]}
    assert {role for role in STAFF_ROLES if Actor(1, "personal", "", 7, role).may(right, 7)} == may
    assert not any(Actor(1, "personal", "", 7, role).may(right, 8) for role in STAFF_ROLES), "in another enterprise"
    key = Actor(7, "enterprise", "", 7, scopes=frozenset({right}))
    assert key.may(right, 7) and not key.may(right, 8)
    with pytest.raises(CoreError, match="forbidden"):
        check_right(Actor(1, "personal", ""), right, 7)


def test_keys_never_get_the_staffs_own_rights() -> None:
    assert not {"serve", "manage", "make_owners", "keys", "accept_terms"} & set(KEY_RIGHTS)


# --- who may message me: blacklist > whitelist > everyone / mutual / followers / groups ---------------------------


@pytest.mark.parametrize("who", ["everyone", "mutual", "followers", "groups"])
@pytest.mark.parametrize("bits", range(32))
def test_who_may_message_me(who: Any, bits: int) -> None:
    black, white, follows, followed, grouped = (bool(bits >> place & 1) for place in range(5))
    relation = Relation(who, black, white, follows, followed, grouped)
    scope = {"everyone": True, "mutual": follows and followed, "followers": followed, "groups": grouped}[who]
    expected = "blacklist" if black else "sent" if white or scope else "who_may_message"
    try:
        check_may_message(relation)
        assert expected == "sent"
    except CoreError as refusal:
        assert (refusal.code, refusal.data["rule"]) == ("not_allowed", expected)


async def test_a_direct_message_is_let_through_or_refused_as_its_recipient_has_chosen(core: Core, cast: Cast) -> None:
    place = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    keys = iter(range(100))

    async def writes(name: str = "lin") -> str:
        return told(await send(core, cast[name], place, f"m{next(keys)}"))

    def mi(action: Any, **fields: Any) -> Any:
        return core.run(lambda unit: action(unit, cast["mi"], **fields))

    lin = cast.id("lin")
    assert await writes() == "sent", "everybody may, unless she says otherwise"
    await mi(contacts.set_privacy, who="followers", group_ids=[], findable=True)
    assert await writes() == "who_may_message"
    await core.run(lambda unit: contacts.follow(unit, cast["lin"], account_id=cast.id("mi"), special=False))
    assert await writes() == "sent", "he follows her now"
    await mi(contacts.set_privacy, who="mutual", group_ids=[], findable=True)
    assert await writes() == "who_may_message"
    await mi(contacts.follow, account_id=lin, special=False)
    assert await writes() == "sent", "both follow each other"
    group = await mi(contacts.add_group, name="茶友")
    await mi(contacts.set_privacy, who="groups", group_ids=[group], findable=True)
    assert await writes() == "who_may_message"
    await mi(contacts.put_into_group, group_id=group, account_id=lin)
    assert await writes() == "sent", "he is in the group that may"
    await mi(contacts.take_from_group, group_id=group, account_id=lin)
    await mi(contacts.put_on_list, name="whitelist", account_id=lin)
    assert await writes() == "sent", "the whitelist goes before the scope"
    await mi(contacts.put_on_list, name="blacklist", account_id=lin)
    assert await writes() == "blacklist", "the blacklist goes before all"
    assert await writes("mi") == "sent", "who blocks may still write herself"


async def test_a_refusal_names_its_rule_in_both_languages(web: Web, core: Core, cast: Cast) -> None:
    place = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    await core.run(lambda unit: contacts.set_privacy(unit, cast["mi"], who="mutual", group_ids=[], findable=True))
    body = {"client_msg_id": "m1", "kind": "text", "body": {"text": "在吗"}}
    refusal = await web.refused(cast.tokens["lin"], "POST", f"/v1/conversations/{place}/messages", body)
    assert (refusal["status"], refusal["code"]) == (403, "not_allowed")
    assert {"rule", "limit", "used", "unlock_at", "appeal_url"} <= set(refusal["data"])
    assert (refusal["data"]["rule"], refusal["data"]["who"]) == ("who_may_message", "mutual")
    assert refusal["detail"] == "对方设置了谁可以给自己发消息，消息没有发出。"


async def test_a_customer_may_always_be_answered_where_he_opened_the_conversation(core: Core, cast: Cast) -> None:
    place = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    await core.run(lambda unit: contacts.set_privacy(unit, cast["lin"], who="mutual", group_ids=[], findable=True))
    for blocked in (cast.enterprise_id, cast.id("qiao")):
        await core.run(
            lambda unit, blocked=blocked: contacts.put_on_list(unit, cast["lin"], name="blacklist", account_id=blocked)
        )
    assert told(await send(core, cast["bot"], place, "m1", assignment_version=1)) == "sent"


async def test_a_batch_asks_once_however_many_messages_it_has(core: Core, cast: Cast) -> None:
    places = [
        await core.run(lambda unit, name=name: open_direct(unit, cast["lin"], account_id=cast.id(name)))
        for name in ("mi", "gray", "qiao")
    ]
    await core.run(lambda unit: contacts.put_on_list(unit, cast["gray"], name="blacklist", account_id=cast.id("lin")))
    outcomes = await asyncio.gather(*[send(core, cast["lin"], place, f"m{place}") for place in places])
    assert [told(outcome) for outcome in outcomes] == ["sent", "blacklist", "sent"]


# --- do-not-disturb: own intervals per weekday; silences, never drops; special follows ring through --------------

NIGHT = (Silence(0, 22 * 60, 32 * 60), Silence(5, 0, 1440), Silence(6, 0, 1440))  # Mon 22:00 to Tue 08:00; Sat; Sun
SHANGHAI = [  # 2026-11-23 is a Monday
    ("2026-11-23T21:59:59+08:00", None),
    ("2026-11-23T22:00:00+08:00", "2026-11-24T08:00:00+08:00"),
    ("2026-11-24T07:59:59+08:00", "2026-11-24T08:00:00+08:00"),
    ("2026-11-24T08:00:00+08:00", None),
    ("2026-11-24T23:00:00+08:00", None),
    ("2026-11-28T00:00:00+08:00", "2026-11-30T00:00:00+08:00"),
    ("2026-11-30T00:00:00+08:00", None),
]


@pytest.mark.parametrize(("at", "until"), SHANGHAI)
def test_intervals_go_by_the_wall_clock_and_adjoining_ones_are_one(at: str, until: str | None) -> None:
    found = silent_until(NIGHT, zone="Asia/Shanghai", now_us=parse_time(at))
    assert found == (parse_time(until) if until else None)
    assert is_silent(NIGHT, zone="Asia/Shanghai", now_us=parse_time(at)) == (until is not None)


@pytest.mark.parametrize(
    ("at", "until"),
    [  # New York: 2026-03-08 02:00 becomes 03:00, 2026-11-01 02:00 becomes 01:00
        ("2026-03-08T01:30:00-05:00", "2026-03-08T08:00:00-04:00"),
        ("2026-11-01T01:30:00-04:00", "2026-11-01T08:00:00-05:00"),
    ],
)
def test_a_night_with_a_change_of_the_clock_ends_when_the_wall_says_so(at: str, until: str) -> None:
    nights = [Silence(day, 22 * 60, 32 * 60) for day in range(7)]
    found = silent_until(nights, zone="America/New_York", now_us=parse_time(at))
    assert found is not None and format_time(found) == format_time(parse_time(until))


def test_silence_around_the_clock_is_looked_at_again_in_a_week() -> None:
    always = [Silence(day, 0, 1440) for day in range(7)]
    now = parse_time("2026-11-23T10:00:00Z")
    assert silent_until(always, zone="UTC", now_us=now) == parse_time("2026-11-30T10:00:00Z")


async def test_do_not_disturb_silences_and_never_withholds(web: Web, core: Core, cast: Cast, clock: FakeClock) -> None:
    place = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    mi = cast.tokens["mi"]
    await web.do(mi, "PUT", f"/v1/follows/{cast.id('gray')}", {"special": True})
    at = {"weekday": 7, "start": "15:00", "end": "17:00"}  # the clock stands at Sunday 16:00 in Shanghai
    quiet = await web.do(mi, "PUT", "/v1/do-not-disturb", {"intervals": [at]})
    assert quiet == {
        "time_zone": "Asia/Shanghai",
        "intervals": [at],
        "silent": True,
        "until": "2026-11-22T09:00:00.000000Z",
        "special": [str(cast.id("gray"))],
    }
    assert told(await send(core, cast["lin"], place, "m1")) == "sent"
    assert len((await web.get(mi, f"/v1/conversations/{place}/messages"))["items"]) == 1
    await web.do(mi, "PATCH", "/v1/me", {"time_zone": "America/New_York"})
    assert not (await web.get(mi, "/v1/do-not-disturb"))["silent"], "it is three in the night there"


# --- terms: the versioned 绿色沟通公约 before an enterprise's first send; a new version asks again ----------------


async def test_an_enterprise_accepts_the_pact_before_it_sends_and_again_when_it_changes(
    web: Web, core: Core, cast: Cast
) -> None:
    place = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    version = await core.run(lambda unit: publish_terms(unit, cast["operator"], text_zh="新公约", text_en="new pact"))
    refused = await send(core, cast["bot"], place, "m1", assignment_version=1)
    assert isinstance(refused, CoreError) and refused.code == "not_allowed"
    accept = f"/v1/enterprises/{cast.enterprise_id}/terms"
    assert {key: refused.data[key] for key in ("rule", "version", "accepted", "accept_url")} == {
        "rule": "green_terms",
        "version": 2,
        "accepted": 1,
        "accept_url": accept,
    }
    assert told(await send(core, cast["lin"], place, "m2")) == "sent", "the customer has nothing to accept"
    assert (await web.get(None, "/v1/terms")) == {"version": version, "text": "新公约"}
    assert (await web.refused(cast.tokens["qiao"], "POST", accept, {"version": 2}))["data"]["reason"] == "admin_only"
    stale = await web.refused(cast.tokens["boss"], "POST", accept, {"version": 1})
    assert (stale["code"], stale["data"]) == ("terms_changed", {"limit": 2, "used": 1})
    accepted = await web.do(cast.tokens["boss"], "POST", accept, {"version": 2})
    assert accepted["accepted"] and accepted["accepted_by"] == str(cast.id("boss"))
    assert told(await send(core, cast["bot"], place, "m1", assignment_version=1)) == "sent"


async def test_an_enterprise_that_never_accepted_sends_nothing(core: Core, cast: Cast) -> None:
    shop = await core.run(lambda unit: create_enterprise(unit, None, name="新店", verified=True))
    await core.run(lambda unit: put_staff(unit, None, enterprise_id=shop, account_id=cast.id("mi"), role="owner"))
    mi = Actor(cast.id("mi"), "personal", "小米", shop, "owner")
    place = await core.run(lambda unit: create_group(unit, mi, title="新店会员", member_ids=[], enterprise_id=shop))
    assert told(await send(core, mi, place, "m1")) == "green_terms"
    await core.run(lambda unit: accept_terms(unit, mi, enterprise_id=shop, version=1))
    assert told(await send(core, mi, place, "m1")) == "sent"


# --- people can be found by their log-in name, unless they do not want to ---------------------------------------


async def test_who_does_not_want_to_be_found_looks_like_nobody(web: Web, cast: Cast) -> None:
    await web.do(cast.tokens["mi"], "PUT", "/v1/me/login", {"login": "xiaomi", "password": "xiaomi-12345"})
    found = await web.get(cast.tokens["lin"], "/v1/people?login=XiaoMi")
    assert found["account"]["id"] == str(cast.id("mi"))
    await web.do(cast.tokens["mi"], "PUT", "/v1/privacy", {"who": "everyone", "findable": False})
    hidden = await web.refused(cast.tokens["lin"], "GET", "/v1/people?login=xiaomi")
    nobody = await web.refused(cast.tokens["lin"], "GET", "/v1/people?login=nobody")
    assert hidden == nobody
