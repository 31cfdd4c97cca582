"""A small world in which everybody owns something: the objects that the authorisation matrix asks for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import msgspec
from argon2 import PasswordHasher

from bot.decision import Commitment, Evidence
from bot.turns import store as bot_store
from bot.turns.store import TurnRow
from kefu.base.clock import DAY_US
from messaging_core.api import (
    Core,
    SendRequest,
    Unit,
    accept_terms,
    create_account,
    create_enterprise,
    create_group,
    issue_token,
    open_direct,
    open_service,
    put_staff,
    send_batch,
    set_bot,
    take,
)
from messaging_core.commerce import coupons, coupons_store, orders
from messaging_core.commerce import store as commerce
from messaging_core.commerce.wallet import top_up, transfer
from messaging_core.conversations import groups_store
from messaging_core.conversations.invites import join_by_link, make_link
from messaging_core.conversations.moderation import ban
from messaging_core.desk import notebook
from messaging_core.desk import store as desk
from messaging_core.identity import contacts, logins_store
from messaging_core.identity.actions import create_visitor, revoke_token
from messaging_core.identity.keys import create_key
from messaging_core.identity.policy import Actor
from messaging_core.identity.standing import request_verification
from messaging_core.integrations import store as integrations
from messaging_core.safety import cases_store, words
from messaging_core.safety import store as safety
from messaging_core.settings import Settings
from tests.safety.world_media import add_media
from tests.support.cast import Cast, make_cast
from tests.support.clock import START_US, FakeClock
from tests.support.tables import migrate_all

ACTORS = (
    "anonymous",
    "lin",
    "mi",
    "gray",
    "qiao",
    "zhou",
    "boss",
    "bot",
    "operator",
    "rival",
    "rival_boss",
    "visitor",
    "site_key",
    "revoked",
    "expired",
)
NO_TOKEN = frozenset({"anonymous", "revoked", "expired"})
SITE = "https://moontea.example"
NOWHERE = "4611686018427387904"
"""An id that nothing has."""


@dataclass(slots=True, frozen=True)
class World:
    """Tokens by actor; ids (as text) by the name of what they belong to."""

    tokens: dict[str, str]
    ids: dict[str, str]

    def auth(self, actor: str) -> dict[str, str]:
        """Return the HTTP header that says who asks; anonymous says nothing."""
        return {"Authorization": f"Bearer {self.tokens[actor]}"} if actor in self.tokens else {}


def make_template(folder: Path) -> tuple[Path, World]:
    """Make the world in an SQLite file; tests copy the file."""
    settings = Settings(data=folder, database=f"sqlite:///{folder / 'template.db'}")
    migrate_all(settings)
    return folder / "template.db", asyncio.run(_fill(settings))


async def _fill(settings: Settings) -> World:
    core = Core(settings, clock=FakeClock())
    await core.start()
    try:
        cast = await make_cast(core)
        world = World(dict(cast.tokens), {name: str(actor.account_id) for name, actor in cast.actors.items()})
        world.ids["moon_tea"] = str(cast.enterprise_id)
        visitor = await core.run(lambda unit: _add_outsiders(unit, cast, world))
        await core.run(lambda unit: _add_conversations(unit, cast, visitor, world))
        await core.run(lambda unit: _add_integrations(unit, cast, world))
        for name in ("direct", "group", "service"):
            await _say(core, cast["lin"], int(world.ids[name]), said(name))
        await _say(core, visitor, int(world.ids["visit"]), said("visit"))
        await core.run(lambda unit: _add_turn(unit, cast, visitor, world))
        await core.run(lambda unit: _add_sales(unit, cast, world))
        await add_media(core, cast, world.ids)
        return world
    finally:
        await core.close()


def _add_outsiders(unit: Unit, cast: Cast, world: World) -> Actor:
    """Add Nan (a friend), another enterprise with its people, a visitor, and tokens that no longer work."""
    world.ids["nan"] = str(create_account(unit, None, name="阿南", kind="personal"))
    rival_shop = create_enterprise(unit, None, name="江边咖啡", verified=True)
    world.ids["rival_shop"] = str(rival_shop)
    accept_terms(unit, None, enterprise_id=rival_shop)
    for name, shown, role in (("rival", "江边客服", "agent"), ("rival_boss", "江边老板", "owner")):
        account_id = create_account(unit, None, name=shown, kind="personal")
        put_staff(unit, None, enterprise_id=rival_shop, account_id=account_id, role=role)  # type: ignore[arg-type]
        world.ids[name] = str(account_id)
        world.tokens[name] = issue_token(unit, None, account_id=account_id, enterprise_id=rival_shop).secret
    rival_bot = create_account(unit, None, name="江边机器人", kind="bot", enterprise_id=rival_shop)
    set_bot(unit, None, enterprise_id=rival_shop, bot_account_id=rival_bot)
    world.ids["rival_bot"] = str(rival_bot)

    key = issue_token(unit, None, account_id=cast.enterprise_id, scopes=("visit",), origins=(SITE,))
    world.tokens["site_key"], world.ids["site_key_token"] = key.secret, str(key.id)
    shop = Actor(cast.enterprise_id, "enterprise", "月茶", cast.enterprise_id, scopes=frozenset({"visit"}))
    visitor = create_visitor(unit, shop, name="访客")
    world.tokens["visitor"], world.ids["visitor"] = visitor.secret, str(visitor.account_id)

    revoked = issue_token(unit, None, account_id=cast.id("lin"))
    revoke_token(unit, cast["lin"], token_id=revoked.id)
    expired = issue_token(unit, None, account_id=cast.id("lin"), expires_at_us=START_US - 1)
    world.tokens["revoked"], world.tokens["expired"] = revoked.secret, expired.secret
    for name in ("mi", "bot", "qiao"):
        world.ids[f"{name}_token"] = str(issue_token(unit, None, account_id=cast.id(name)).id)
    _add_people(unit, cast, world)
    return Actor(visitor.account_id, "visitor", "访客", cast.enterprise_id)


def _add_people(unit: Unit, cast: Cast, world: World) -> None:
    """Mi has a log-in name, Lin a phone and a group with Nan, Moon Tea a key; a plain shop waits to be verified."""
    hashed = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("mi-and-her-tea")
    logins_store.insert_login(
        unit.connection, account_id=cast.id("mi"), login="mi.login", password_hash=hashed, changed_at=unit.now_us
    )
    phone = issue_token(unit, None, account_id=cast.id("lin"), label="手机", purpose="device")
    key = create_key(unit, cast["boss"], enterprise_id=cast.enterprise_id, label="ERP", scopes=("orders",))
    world.ids.update(lin_phone=str(phone.id), moon_key=str(key.id))
    plain_shop = create_enterprise(unit, None, name="路边摊", verified=False)
    request = request_verification(unit, cast["operator"], enterprise_id=plain_shop, documents=["营业执照"], note="")
    group, nan = contacts.add_group(unit, cast["lin"], name="老友"), int(world.ids["nan"])
    contacts.put_into_group(unit, cast["lin"], group_id=group, account_id=nan)
    contacts.follow(unit, cast["lin"], account_id=nan, special=True)
    world.ids.update(plain_shop=str(plain_shop), plain_request=str(request), contact_group=str(group))


def _add_conversations(unit: Unit, cast: Cast, visitor: Actor, world: World) -> None:
    """Lin and Mi talk; Lin's group has Mi and Nan; Qiao serves Lin; the bot serves the visitor."""
    direct = open_direct(unit, cast["lin"], account_id=cast.id("mi"))
    group = create_group(unit, cast["lin"], title="茶友群", member_ids=[cast.id("mi"), int(world.ids["nan"])])
    service = open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id)
    visit = open_service(unit, visitor, enterprise_id=cast.enterprise_id)
    sessions = desk.find_open(unit.connection, [service, visit])
    take(unit, cast["qiao"], session_id=sessions[service].id)
    world.ids.update(direct=str(direct), group=str(group), service=str(service), visit=str(visit))
    world.ids.update(session=str(sessions[service].id), visit_session=str(sessions[visit].id))
    phrase = notebook.add_phrase(unit, cast["qiao"], title="问候", text="您好，我是老乔", shared=False)
    note = notebook.add_note(unit, cast["qiao"], session_id=sessions[service].id, text="老客")
    world.ids.update(phrase=str(phrase), note=str(note))
    world.ids.update(seq="2", emoji="👍")
    ban(unit, cast["lin"], conversation_id=group, account_id=int(world.ids["rival"]), reason="")
    link, code = make_link(unit, cast["lin"], conversation_id=group, expires_in_s=None, max_uses=None)
    world.ids.update(link=str(link), code=code)
    groups_store.put_group(unit.connection, group, enterprise_id=None, join_approval=True)
    asks = Actor(int(world.ids["rival_boss"]), "personal", "江边老板")
    join_by_link(unit, asks, code=code, words="")
    world.ids["packet"] = str(_add_packet(unit, cast.id("lin"), direct))
    _add_rules(unit, cast, direct, world)
    world.ids["visit_version"] = str(sessions[visit].assignment_version)


def _add_rules(unit: Unit, cast: Cast, direct: int, world: World) -> None:
    """Lin's message waits for a reviewer; Gray was frozen once; a rule in shadow mode has met Mi; a word is listed."""
    words.add_words(unit, cast["boss"], enterprise_id=cast.enterprise_id, words=["对门茶行"], category="rival")
    waits = msgspec.json.encode({"text": "一起去网络赌场"})
    send_batch(unit, [SendRequest(cast["lin"], direct, "waits", "text", 1, waits, lambda _request, _outcome: None)])
    world.ids["case"] = str(cases_store.list_cases(unit.connection, state="open", kind=None, after_id=0, limit=1)[0].id)
    frozen = safety.sanction(unit, cast.id("gray"), "level_2", episode=1, ends_at_us=unit.now_us)
    shadow = safety.sanction(unit, cast.id("mi"), "level_1", episode=1, shadow=True)
    safety.note_sanctions(unit.connection, [frozen, shadow])
    world.ids.update(sanction=str(frozen["id"]), shadow=str(shadow["id"]))


def _add_packet(unit: Unit, sender_id: int, conversation_id: int) -> int:
    """Add Lin's red packet without its message, which other rows do not expect."""
    packet_id = unit.new_id()
    top_up(unit, None, account_id=sender_id, amount_fen=100_000)
    transfer(unit, from_id=sender_id, to_id=packet_id, amount_fen=888, kind="packet_sent", packet_id=packet_id)
    commerce.insert_packet(
        unit.connection,
        id=packet_id,
        enterprise_id=None,
        conversation_id=conversation_id,
        sender_id=sender_id,
        client_msg_id="packet",
        split="random",
        note="请喝茶",
        total_fen=888,
        shares=1,
        remaining_shares=1,
        state="open",
        created_at=unit.now_us,
        expires_at=unit.now_us + DAY_US,
    )
    return packet_id


def _add_sales(unit: Unit, cast: Cast, world: World) -> None:
    """Lin has a coupon of Moon Tea and has placed an order there; there is another coupon for all."""
    made = {
        "enterprise_id": cast.enterprise_id,
        "amount_fen": 500,
        "percent": None,
        "min_spend_fen": 0,
        "starts_at_us": unit.now_us,
        "ends_at_us": unit.now_us + DAY_US,
        "total": None,
        "per_person": 100,
        "url": "",
        "note": "",
    }
    coupon = coupons.create_coupon(unit, cast["boss"], title="立减五元", **made)
    world.ids.update(coupon=str(coupon), grant=str(unit.new_id()))
    coupons_store.insert_grant(
        unit.connection,
        id=int(world.ids["grant"]),
        coupon_id=coupon,
        enterprise_id=cast.enterprise_id,
        account_id=cast.id("lin"),
        conversation_id=int(world.ids["service"]),
        given_by="agent",
        given_by_id=cast.id("qiao"),
        client_msg_id="grant",
        state="issued",
        issued_at=unit.now_us,
    )
    orders.report(
        unit,
        cast["boss"],
        orders.ToldOrder("MT-1", "明前龙井", 26_800, "paid", unit.now_us),
        enterprise_id=cast.enterprise_id,
        conversation_id=int(world.ids["service"]),
    )


def _add_integrations(unit: Unit, cast: Cast, world: World) -> None:
    world.ids.update(webhook=str(unit.new_id()), parked=str(unit.new_id()))
    integrations.insert_webhook(
        unit.connection,
        id=int(world.ids["webhook"]),
        enterprise_id=cast.enterprise_id,
        url="http://127.0.0.1:9/hook",
        secret="whsec_only-for-tests",
        kinds="session.closed",
        bot_account_id=None,
        created_at=unit.now_us,
    )
    integrations.park(
        unit.connection,
        id=int(world.ids["parked"]),
        consumer="gone",
        enterprise_id=cast.enterprise_id,
        conversation_id=int(world.ids["service"]),
        seq=1,
        attempts=5,
        error="'no'",
        parked_at=unit.now_us,
    )


def _add_turn(unit: Unit, cast: Cast, visitor: Actor, world: World) -> None:
    """The bot has called a human for the visitor, and promised something."""
    world.ids.update(turn=str(unit.new_id()), reply=str(unit.new_id()))
    turn = TurnRow(
        id=int(world.ids["turn"]),
        enterprise_id=cast.enterprise_id,
        conversation_id=int(world.ids["visit"]),
        session_id=int(world.ids["visit_session"]),
        customer_id=visitor.account_id,
        first_seq=4,
        last_seq=4,
        outcome="handed_off",
        act="hand_off",
        reason="human_wish",
        intent="price",
        confidence=0.9,
        offer_human=False,
        handoff_reason="human_wish",
        summary="想问龙井",
        versions="{}",
        settings_version=0,
        restarts=0,
        started_at=unit.now_us,
        decided_at=unit.now_us,
        committed_at=unit.now_us,
        error=None,
    )
    bot_store.insert_turn(unit.connection, turn)
    bot_store.insert_messages(unit.connection, turn, [(int(world.ids["reply"]), "bot", 5)])
    bot_store.insert_evidence(unit.connection, turn, [Evidence("rule", "rule:of-the-world", "说了人工")])
    promise = Commitment("price", "MT-1001/price", "v1", "26800", "268 元", 0)
    bot_store.insert_ledger(unit.connection, turn, [(unit.new_id(), int(world.ids["reply"]), promise)], at=unit.now_us)


def said(conversation: str) -> str:
    """Return what has been said in a conversation of the world."""
    return f"龙井还有货吗（{conversation}）"


async def _say(core: Core, actor: Actor, conversation_id: int, text: str) -> None:
    await core.send(
        SendRequest(
            actor=actor,
            conversation_id=conversation_id,
            client_msg_id="first",
            kind="text",
            v=1,
            body=msgspec.json.encode({"text": text}),
            settle=lambda _request, _outcome: None,
        )
    )
