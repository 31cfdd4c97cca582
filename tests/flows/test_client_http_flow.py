"""Every operation of the server has a typed call in the client: each is made once, against the real server."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from PIL import Image

from messaging_core.client import ApiError, HttpApi
from messaging_core.client.bot_models import BotTurn, Evidence, Preview, Promise, Reply, TurnMessage
from messaging_core.client.http_contacts import Silence
from tests.support.server_process import ServerProcess


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of its own, which asks pages on loopback what they say of themselves."""
    previews = {"KEFU_LINKS__PREVIEWS": "true", "KEFU_LINKS__PRIVATE_HOSTS": "true"}
    running = ServerProcess(tmp_path_factory.mktemp("http") / "data", settings=previews).start()
    running.wait_ready()
    yield running
    running.kill()


class _House:
    """Clients over one pool, which writes down what they asked for."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self.asked: set[tuple[str, str]] = set()
        self.pool = httpx.AsyncClient(event_hooks={"request": [self._note]}, timeout=60)

    def api(self, token: str | None) -> HttpApi:
        """Return the calls of one token."""
        return HttpApi(self._server.url, token, client=self.pool)

    async def load(self, path: str) -> httpx.Response:
        """Load an address of the server as a page does: without a token."""
        return await self.pool.get(f"{self._server.url}{path}")

    async def _note(self, request: httpx.Request) -> None:
        path = re.sub(r"(?<=/reactions/).+", "{id}", request.url.path)
        self.asked.add((request.method, re.sub(r"\d{4,}|(?<=/(?:pins/))\d+|(?<=messages/)\d+", "{id}", path)))


async def test_every_operation_has_a_call(server: ServerProcess) -> None:
    house = _House(server)
    operator = house.api(server.operator_token)
    described = (await house.pool.get(f"{server.url}/openapi.json")).json()["paths"]
    operations = {
        (method.upper(), re.sub(r"\{\w+\}", "{id}", path))
        for path, methods in described.items()
        for method in methods
        if path.startswith("/v1/")
    }

    people = await _identity(house, operator)
    await _people(house, people)
    await _contacts(house, people)
    await _standing(house, operator, people)
    await _founding(house, operator)
    await _conversations(house, people)
    await _acts(house, people)
    await _groups(house, people)
    await _desk(house, people)
    await _notebook(house, people)
    await _money(house, operator, people)
    await _orders(house, people)
    await _media(house, people)
    await _emoji(house, operator, people)
    await _cards(house, people)
    await _previews(house, people)
    await _rules(house, operator, people)
    await _bot(house, people)
    await _integrations(house, operator, people)

    assert operations
    assert operations - house.asked == set()
    await house.pool.aclose()


@pytest.mark.parametrize(
    ("struct", "schema"),
    [
        (BotTurn, "Turn"),
        (TurnMessage, "TurnMessage"),
        (Evidence, "Evidence"),
        (Promise, "Promise"),
        (Preview, "Preview"),
        (Reply, "Reply"),
    ],
)
async def test_what_only_a_trained_bot_answers_has_the_fields_that_the_server_describes(
    server: ServerProcess, struct: type[msgspec.Struct], schema: str
) -> None:
    async with httpx.AsyncClient() as pool:
        schemas = (await pool.get(f"{server.url}/openapi.json")).json()["components"]["schemas"]
    assert {field.encode_name for field in msgspec.structs.fields(struct)} == set(schemas[schema]["properties"])


async def _identity(house: _House, operator: HttpApi) -> dict[str, str]:
    ids, people = {}, {}
    for name in ("lin", "mi", "boss", "qiao", "zhou"):
        ids[name] = (await operator.create_account(name, idempotency_key=f"make-{name}")).id
    shop = await operator.create_enterprise("月茶")
    assert shop.kind == "enterprise"
    await operator.set_verification(shop.id, True)
    await operator.accept_terms(shop.id, (await operator.terms()).version)
    await operator.set_staff(shop.id, ids["boss"], "owner")
    for name in ids:
        enterprise_id = shop.id if name not in ("lin", "mi") else None
        if name in ("qiao", "zhou"):
            await operator.set_staff(shop.id, ids[name], "agent")
        people[name] = (await operator.create_token(ids[name], enterprise_id=enterprise_id)).token
    boss = house.api(people["boss"])
    assert {member.role for member in await boss.staff(shop.id)} == {"owner", "agent"}
    bot = await boss.create_account("小助手", kind="bot", enterprise_id=shop.id)
    await boss.set_bot(shop.id, bot.id)
    await boss.set_bot(shop.id, None)

    site_key = await boss.create_token(
        shop.id,
        enterprise_id=shop.id,
        scopes=["visit"],
        origins=["https://moon-tea.example"],
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    site = await house.api(site_key.token).site()
    assert (site.id, site.name, site.verified) == (shop.id, "月茶", True)
    visitor = await house.api(site_key.token).create_visitor("路人")
    assert (await house.api(visitor.token).me()).id == visitor.account.id

    lin = house.api(people["lin"])
    assert (await lin.me()).name == "lin"
    assert (await lin.account(shop.id)).verified
    spare = await lin.create_token(ids["lin"], label="spare")
    listed = (await lin.tokens()).items
    assert {token.id: token.label for token in listed}[spare.id] == "spare"
    await lin.revoke_token(spare.id)
    with pytest.raises(ApiError, match="unauthenticated"):
        await house.api(spare.token).me()
    return people | {f"{name}_id": id_ for name, id_ in ids.items()} | {"shop_id": shop.id, "bot_id": bot.id}


async def _people(house: _House, people: dict[str, str]) -> None:
    boss, anybody = house.api(people["boss"]), house.api(None)
    made = await anybody.sign_up("nan@example.com", "nan-and-tea", "阿南", device="手机")
    nan = house.api((await anybody.log_in("nan@example.com", "nan-and-tea", device="电脑")).token)
    assert [(device.name, device.current) for device in await nan.devices()] == [("电脑", True), ("手机", False)]
    await nan.revoke_device(made.device_id)
    assert await nan.revoke_other_devices() == 0
    assert (await nan.change_profile(name="南先生", time_zone="Asia/Tokyo")).name == "南先生"
    await nan.change_password("nan-and-tea", "nan-and-coffee")
    assert await nan.employers() == []
    await nan.log_out()
    await boss.set_login("boss", "boss-and-tea")
    assert [employer.role for employer in await boss.employers()] == ["owner"]

    for name in ("signs-up", "logs-in"):
        site_key = await boss.create_token(people["shop_id"], scopes=["visit"])
        visitor = await house.api(site_key.token).create_visitor("路人")
        guest = house.api(visitor.token)
        chat = await guest.create_service(people["shop_id"])
        if name == "signs-up":
            made = await guest.visitor_signs_up("guest", "guest-and-tea", "新客")
            assert made.account.id == visitor.account.id
        else:
            made = await guest.visitor_logs_in("nan@example.com", "nan-and-coffee")
        person = house.api(made.token)
        assert (await person.create_service(people["shop_id"])).id == chat.id
        assert chat.session is not None
        await person.close_session(chat.session.id)

    key = await boss.create_key(people["shop_id"], ["read_staff"], label="ERP")
    assert len(await house.api(key.key).staff(people["shop_id"])) == 3
    assert [(found.id, found.label, found.scopes) for found in await boss.keys(people["shop_id"])] == [
        (key.id, "ERP", ["read_staff"])
    ]
    await boss.revoke_key(people["shop_id"], key.id)


async def _contacts(house: _House, people: dict[str, str]) -> None:
    lin, mi, lin_id, mi_id = house.api(people["lin"]), house.api(people["mi"]), people["lin_id"], people["mi_id"]
    assert not (await lin.follow(mi_id, special=True)).mutual
    await mi.follow(lin_id)
    assert (await lin.relation(mi_id)).mutual
    assert [(found.account.id, found.special, found.mutual) for found in (await lin.follows()).items] == [
        (mi_id, True, True)
    ]
    assert [found.account.name for found in (await lin.followers()).items] == ["mi"]
    await mi.unfollow(lin_id)
    group = await lin.add_contact_group("茶友")
    await lin.put_into_group(group.id, mi_id)
    assert [member.id for member in (await lin.contact_group(group.id)).members] == [mi_id]
    await lin.rename_contact_group(group.id, "老友")
    assert (await lin.set_privacy("groups", group_ids=[group.id])).group_ids == [group.id]
    assert [(found.name, found.members, found.may_message) for found in await lin.contact_groups()] == [
        ("老友", 1, True)
    ]
    await lin.take_from_group(group.id, mi_id)
    await lin.remove_contact_group(group.id)
    await lin.block(mi_id)
    await lin.allow(mi_id)
    for listed in (await lin.blacklist(), await lin.whitelist()):
        assert [found.account.id for found in listed.items] == [mi_id]
    await lin.unblock(mi_id)
    await lin.disallow(mi_id)
    await lin.set_privacy("everyone")
    assert (await lin.privacy()).who == "everyone"
    assert (await lin.look_up("boss")).id == people["boss_id"]
    always = [Silence(weekday=day, start="00:00", end="00:00") for day in range(1, 8)]
    quiet = await lin.set_do_not_disturb(always)
    assert (quiet.silent, quiet.special) == (True, [mi_id])
    again = await lin.do_not_disturb()
    assert msgspec.structs.replace(again, until=None) == msgspec.structs.replace(quiet, until=None)
    assert [quiet.rings(sender) for sender in (mi_id, people["boss_id"])] == [True, False]
    await lin.set_do_not_disturb([])


async def _standing(house: _House, operator: HttpApi, people: dict[str, str]) -> None:
    boss = house.api(people["boss"])
    rights = await boss.rights()
    assert (rights.role, rights.verified, "manage" in rights.rights, "bots" in rights.unlocked) == (
        "owner", True, True, True,
    )  # fmt: skip
    shop = await operator.create_enterprise("路边摊")
    await operator.set_staff(shop.id, people["boss_id"], "owner")
    owner = house.api((await operator.create_token(people["boss_id"], enterprise_id=shop.id)).token)
    request = await owner.request_verification(shop.id, ["营业执照"], note="请审核")
    assert [found.id for found in (await operator.verification_requests()).items] == [request.id]
    refused = await operator.decide_verification(request.id, approve=False, reason="执照看不清")
    assert [(found.state, found.reason) for found in await owner.verification_requests_of(shop.id)] == [
        ("refused", "执照看不清")
    ]
    assert refused.reviewed_at is not None
    assert not (await owner.accepted_terms(shop.id)).accepted
    assert (await owner.accept_terms(shop.id, 1)).accepted
    assert await operator.publish_terms("新公约", "the new pact") == 2
    assert (await boss.terms()).version == 2
    with pytest.raises(ApiError, match="terms_changed"):
        await boss.accept_terms(people["shop_id"], 1)
    await boss.accept_terms(people["shop_id"], 2)


async def _founding(house: _House, operator: HttpApi) -> None:
    founded = await operator.found_enterprise(
        "竹里茶铺", owner_login="zhu@example.com", owner_name="竹老板", owner_password="zhu-and-tea", verified=True
    )
    line = (await operator.enterprises(limit=1)).items[0]
    assert (line.id, line.name, line.owners, line.accepted_terms) == (founded.account.id, "竹里茶铺", ["竹老板"], False)
    owner = house.api((await house.api(None).log_in("zhu@example.com", "zhu-and-tea", device="电脑")).token)
    assert [one.enterprise_id for one in await owner.employers()] == [founded.account.id]
    told = await operator.send_notice("今晚维护", to={"account_id": founded.owner.id}, text="两点到三点")
    assert told.recipients == 1


async def _conversations(house: _House, people: dict[str, str]) -> None:
    lin, mi = house.api(people["lin"]), house.api(people["mi"])
    chat = await lin.create_direct(people["mi_id"])
    assert await lin.create_direct(people["mi_id"]) == chat
    assert (await lin.account(people["mi_id"])).name == "mi"
    ack = await lin.send(chat.id, client_msg_id="c-1", kind="text", body={"text": "在吗"})
    assert (ack.status, ack.msg_no) == ("sent", 1)
    (message,) = await mi.messages(chat.id, limit=10)
    assert (message.id, message.body) == (ack.message_id, {"text": "在吗"})
    page = await mi.events(chat.id, after_seq=0)
    assert [event.kind for event in page.items] == ["conversation.created", "message.sent"]
    assert page.last_seq == ack.seq
    await mi.mark_read(chat.id, 1)

    group = await lin.create_group("茶友群")
    await lin.add_members(group.id, [people["mi_id"]])
    await lin.rename(group.id, "春茶群")
    await lin.set_role(group.id, people["mi_id"], "admin")
    members = (await lin.members(group.id)).items
    assert {member.name: member.role for member in members} == {"lin": "owner", "mi": "admin"}
    await lin.remove_member(group.id, people["mi_id"])
    assert (await lin.conversation(group.id)).title == "春茶群"
    assert {summary.id for summary in (await lin.conversations(limit=1)).items} == {group.id}
    assert {summary.id async for summary in lin.all_conversations()} == {chat.id, group.id}
    answer = await lin.poll({chat.id: 1}, wait_ms=0)
    assert answer.cursors[chat.id] == page.last_seq


async def _acts(house: _House, people: dict[str, str]) -> None:
    lin, mi = house.api(people["lin"]), house.api(people["mi"])
    chat = await lin.create_direct(people["mi_id"])
    sent = await lin.send(chat.id, client_msg_id="a-1", kind="text", body={"text": "周五见"})
    assert sent.seq is not None
    assert (await mi.message(chat.id, sent.seq)).body == {"text": "周五见"}
    assert (await mi.react(chat.id, sent.seq, "👍")).reactions == {"👍": [people["mi_id"]]}
    assert (await mi.react(chat.id, sent.seq, "👍", on=False)).reactions == {}
    assert (await lin.edit(chat.id, sent.seq, body={"text": "周六见"})).edited_at is not None
    assert [version.body for version in await mi.versions(chat.id, sent.seq)] == [{"text": "周五见"}]
    readers = await lin.readers(chat.id, sent.seq)
    assert (readers.read_count, readers.member_count, readers.items) == (0, 1, [])
    answer = await mi.send(chat.id, client_msg_id="a-2", kind="text", body={"text": "好"}, reply_to=sent.seq)
    assert answer.seq is not None
    forwarded = await lin.forward(
        chat.id, client_msg_id="a-3", from_conversation_id=chat.id, seqs=[sent.seq], merged=True, title="摘录"
    )
    assert [item.seq for item in forwarded.items] == [answer.seq + 1]
    await mi.delete_for_me(chat.id, sent.seq)
    assert (await mi.message(chat.id, sent.seq)).kind == "deleted"
    assert (await lin.recall(chat.id, sent.seq)).kind == "recalled"
    assert (await mi.keep(chat.id, pinned=True, muted=True)).muted
    assert (await mi.put_draft(chat.id, "还没写完")).draft == "还没写完"
    assert (await mi.conversations(box="main")).items[0].own.draft == "还没写完"
    assert (await mi.unread()).muted > 0


async def _groups(house: _House, people: dict[str, str]) -> None:
    lin, mi, mi_id = house.api(people["lin"]), house.api(people["mi"]), people["mi_id"]
    group = await lin.create_group("秋茶群", [mi_id])
    sent = await lin.send(
        group.id, client_msg_id="g-1", kind="text", body={"text": "@mi"}, mentions=[mi_id], mention_all=True
    )
    assert sent.seq is not None
    assert (await mi.conversation(group.id)).mentions == [sent.msg_no]
    assert (await lin.change_group(group.id, notice="周日开仓", join_approval=True)).join_approval
    assert (await lin.group(group.id)).notice == "周日开仓"
    await lin.silence_group(group.id, 60)
    await lin.silence_member(group.id, mi_id, 60)
    await lin.set_nickname(group.id, mi_id, "米老师")
    await lin.pin_message(group.id, sent.seq)
    await lin.pin_message(group.id, sent.seq, on=False)
    await lin.ban(group.id, mi_id, reason="广告")
    assert [ban.name for ban in (await lin.bans(group.id)).items] == ["mi"]
    await lin.unban(group.id, mi_id)
    made = await lin.make_invite_link(group.id, max_uses=1)
    assert (await mi.look_at_invite(made.code)).title == "秋茶群"
    assert (await mi.join_by_invite(made.code, words="茶友")).status == "waiting"
    assert [request.words for request in await lin.join_requests(group.id)] == ["茶友"]
    await lin.decide_join_request(group.id, mi_id, accept=True)
    assert [link.uses for link in (await lin.invite_links(group.id)).items] == [1]
    await lin.revoke_invite_link(group.id, made.link.id)
    assert (await lin.group_acts(group.id, limit=1)).items[0].act == "link.revoked"
    boss = house.api(people["boss"])
    community = await boss.create_group("月茶社群", enterprise_id=people["shop_id"])
    assert people["bot_id"] in [bot.account_id for bot in await boss.group_bots(community.id)]


async def _desk(house: _House, people: dict[str, str]) -> None:
    lin, qiao, zhou, boss = (house.api(people[name]) for name in ("lin", "qiao", "zhou", "boss"))
    await boss.set_bot(people["shop_id"], people["bot_id"])
    chat = await lin.create_service(people["shop_id"])
    assert chat.session is not None
    session = await lin.request_agent(chat.session.id, reason="要退货")
    assert (session.state, session.reason) == ("queued", "要退货")
    assert [found.id for found in (await qiao.sessions(state="queued")).items] == [session.id]
    assert [(waiting.id, waiting.position) for waiting in await qiao.queue()] == [(session.id, 1)]
    assert await lin.place(session.id) == 1
    assert (await qiao.take(session.id)).agent_id == people["qiao_id"]
    assert (await qiao.transfer(session.id, people["zhou_id"])).agent_id == people["zhou_id"]
    assert [found.id for found in (await zhou.sessions(mine=True)).items] == [session.id]
    assert (await zhou.hand_back(session.id)).state == "bot"
    closed = await lin.close_session(session.id)
    assert closed.state == "closed"
    assert closed.assignment_version > session.assignment_version
    rated = await lin.rate(session.id, 5, text="很快")
    assert (rated.stars, rated.stars_text) == (5, "很快")
    await boss.remove_staff(people["shop_id"], people["zhou_id"])

    settings = msgspec.structs.replace(await boss.desk_settings(), auto_assign=False, capacity=4)
    assert await boss.set_desk_settings(settings) == settings
    assert (await qiao.set_status("away")).status == "away"
    assert (await boss.set_capacity(people["qiao_id"], 2)).own_capacity == 2
    seats = {seat.account_id: (seat.status, seat.capacity, seat.load) for seat in await boss.agents()}
    assert seats[people["qiao_id"]] == ("away", 2, 0)


async def _notebook(house: _House, people: dict[str, str]) -> None:
    lin, qiao = house.api(people["lin"]), house.api(people["qiao"])
    phrase = await qiao.add_phrase("问好", "您好，请问有什么可以帮您？")
    reworded = await qiao.change_phrase(phrase.id, "问好", "您好！")
    assert reworded.text == "您好！"
    assert await qiao.phrases() == [reworded]
    await qiao.remove_phrase(phrase.id)
    assert await qiao.phrases() == []

    chat = await lin.create_service(people["shop_id"])
    assert chat.session is not None
    assert (await qiao.set_session_labels(chat.session.id, ["退货"])).session_labels == ["退货"]
    assert (await qiao.set_customer_labels(chat.session.id, ["老客户"])).customer_labels == ["老客户"]
    (note,) = (await qiao.add_note(chat.session.id, "喜欢龙井")).notes
    assert (note.author_id, note.text) == (people["qiao_id"], "喜欢龙井")
    await qiao.remove_note(note.id)
    file = await qiao.desk_file(chat.session.id)
    assert (file.session.id, file.session_labels, file.notes) == (chat.session.id, ["退货"], [])


async def _money(house: _House, operator: HttpApi, people: dict[str, str]) -> None:
    lin, mi = house.api(people["lin"]), house.api(people["mi"])
    for _ in range(2):  # the same key pays once
        assert await operator.top_up(people["lin_id"], 1000, idempotency_key="pay-1") == 1000
    chat = await lin.create_direct(people["mi_id"])
    sent = await lin.send_packet(chat.id, client_msg_id="p-1", total_fen=888, note="恭喜")
    again = await lin.send_packet(chat.id, client_msg_id="p-1", total_fen=888, note="恭喜")
    assert (again.packet.id, again.duplicate) == (sent.packet.id, True)
    assert (await mi.open_packet(sent.packet.id)).amount_fen == 888
    packet = await lin.packet(sent.packet.id)
    assert (packet.state, [share.amount_fen for share in packet.opened]) == ("emptied", [888])
    wallet = await lin.wallet()
    assert (wallet.balance_fen, [entry.amount_fen for entry in wallet.items]) == (112, [-888, 1000])


async def _orders(house: _House, people: dict[str, str]) -> None:
    lin, boss, shop = house.api(people["lin"]), house.api(people["boss"]), people["shop_id"]
    soon = datetime.now(UTC) + timedelta(days=1)
    coupon = await boss.create_coupon(shop, "新客立减", ends_at=soon, amount_fen=500, min_spend_fen=1000, per_person=2)
    await boss.set_preloaded_coupon(shop, coupon.id)
    chat = await lin.create_service(shop)
    assert [(grant.title, grant.given_by) for grant in (await lin.coupons()).items] == [("新客立减", "preload")]
    assert [found.preloaded for found in (await boss.coupons_of(shop)).items] == [True]
    key = house.api((await boss.create_key(shop, ["issue_coupons", "coupons", "orders", "insight"])).key)
    await lin.send(chat.id, client_msg_id="ask", kind="text", body={"text": "有优惠吗"})
    given = await key.issue_coupon(chat.id, coupon.id, client_msg_id="c-1")
    assert (await key.issue_coupon(chat.id, coupon.id, client_msg_id="c-1")).grant.id == given.grant.id
    redeemed = await key.redeem_coupon(given.grant.id, order_id="MT-1", total_fen=2000)
    assert (redeemed.off_fen, redeemed.grant.state) == (500, "redeemed")
    await boss.close_coupon(shop, coupon.id)
    order = await key.report_order(shop, "MT-1", title="明前龙井", total_fen=1500, conversation_id=chat.id)
    assert (order.customer_id, order.conversation_id) == (people["lin_id"], chat.id)
    assert [found.order_id for found in (await boss.orders(shop, conversation_id=chat.id)).items] == ["MT-1"]
    assert [(share.orders, share.total_fen) for share in await key.attribution(shop)] == [(1, 1500)]
    assert (await lin.send_order_card(chat.id, "MT-1", client_msg_id="o-1")).seq > given.seq


def _picture(shade: int) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, 80, 80)).save(out, "PNG")
    return out


async def _media(house: _House, people: dict[str, str]) -> None:
    lin, mi, boss = (house.api(people[name]) for name in ("lin", "mi", "boss"))
    data = _picture(1).getvalue()
    begun = await lin.begin_upload("image", len(data), idempotency_key="up-1")
    assert (begun.state, begun.offset, begun.bytes) == ("uploading", 0, len(data))
    assert await lin.upload_state(begun.id) == begun
    with pytest.raises(ApiError, match="not_found"):
        await mi.upload_state(begun.id)
    done = await lin.add_part(begun.id, 0, data)
    assert done.media is not None
    assert (done.state, done.media.mime, done.media.width, done.media.height) == ("ready", "image/png", 64, 48)
    chat = await lin.create_direct(people["mi_id"])
    with pytest.raises(ApiError, match="not_found"):
        await mi.load_media(done.id)
    sent = await lin.send(chat.id, client_msg_id="pic", kind="image", body={"media_id": done.id})
    assert sent.seq is not None
    assert (await mi.message(chat.id, sent.seq)).body["media"]["width"] == 64
    assert Image.open(io.BytesIO(await mi.load_media(done.id))).size == (64, 48)
    assert Image.open(io.BytesIO(await mi.load_media(done.id, thumb=True))).format == "WEBP"
    (link,) = await mi.media_links([done.id, "1234"])
    shown = await house.load(link.url)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert (await house.load(f"/v1/media/{done.id}")).status_code == 401
    assert await boss.media_links([done.id]) == []
    with pytest.raises(ApiError, match="upload_in_use"):
        await lin.abandon_upload(done.id)
    spare = await lin.upload(_picture(2), "image")
    await lin.abandon_upload(spare.id)
    with pytest.raises(ApiError, match="not_found"):
        await lin.upload_state(spare.id)


async def _emoji(house: _House, operator: HttpApi, people: dict[str, str]) -> None:
    lin, mi, boss = (house.api(people[name]) for name in ("lin", "mi", "boss"))
    pack = await boss.create_emoji_pack("月茶表情", idempotency_key="pack-1")
    assert (pack.enterprise_id, pack.state, pack.emoji) == (people["shop_id"], "draft", [])
    for name, shade in (("喝茶", 3), ("倒茶", 4)):
        media_id = (await boss.upload(_picture(shade), "emoji")).id
        pack = await boss.add_emoji(pack.id, name=name, media_id=media_id)
    kept, spare = pack.emoji
    await boss.remove_emoji(pack.id, spare.id)
    assert (await boss.emoji_pack(pack.id)).emoji == [kept]
    assert (await boss.submit_emoji_pack(pack.id)).state == "in_review"
    with pytest.raises(ApiError, match="forbidden"):
        await boss.review_emoji_pack(pack.id, approve=True)
    assert [one.id for one in (await operator.emoji_packs(whose="review")).items] == [pack.id]
    assert (await lin.emoji_packs()).items == []
    assert (await operator.review_emoji_pack(pack.id, approve=True)).state == "approved"
    assert [one.id for one in (await lin.emoji_packs()).items] == [pack.id]
    chat = await lin.create_direct(people["mi_id"])
    body = {"pack_id": pack.id, "emoji_id": kept.id}
    sent = await lin.send(chat.id, client_msg_id="tea", kind="brand_emoji", body=body)
    assert sent.seq is not None
    assert (await mi.message(chat.id, sent.seq)).body["name"] == "喝茶"
    assert (await boss.withdraw_emoji_pack(pack.id)).state == "draft"
    assert (await lin.emoji_packs()).items == []
    with pytest.raises(ApiError, match="not_found"):
        await lin.send(chat.id, client_msg_id="tea-2", kind="brand_emoji", body=body)


async def _cards(house: _House, people: dict[str, str]) -> None:
    lin, mi, boss, qiao = (house.api(people[name]) for name in ("lin", "mi", "boss", "qiao"))
    community = await qiao.create_group("月茶会", [people["lin_id"]], enterprise_id=people["shop_id"])
    form = {"fields": [{"key": "phone", "label": "手机", "kind": "phone"}], "consent": "仅用于回访"}
    buttons = [
        {"key": "go", "label": "去看看", "act": "open", "url": "https://moontea.example/sale"},
        {"key": "leave", "label": "预约", "act": "form", "form": form},
    ]
    sent = await qiao.send(
        community.id, client_msg_id="card", kind="card", body={"title": "限时福利", "buttons": buttons}
    )
    assert sent.seq is not None
    for _ in range(2):  # counted once
        pressed = await lin.press_button(community.id, sent.seq, "go")
    assert (pressed.act, pressed.url) == ("open", "https://moontea.example/sale")
    with pytest.raises(ApiError, match="not_a_member"):
        await mi.press_button(community.id, sent.seq, "go")
    phone = {"phone": "13800000000"}
    with pytest.raises(ApiError, match="invalid_request"):
        await lin.leave_details(community.id, sent.seq, "leave", phone, consent=False)
    lead = await lin.leave_details(community.id, sent.seq, "leave", phone, consent=True)
    assert [(found.id, found.answers, found.consent) for found in (await boss.leads()).items] == [
        (lead.id, phone, "仅用于回访")
    ]
    assert {one.button: one.people for one in await qiao.presses(community.id, sent.seq)} == {"go": 1, "leave": 1}
    with pytest.raises(ApiError, match="not_found"):
        await mi.withdraw_lead(lead.id)
    await lin.withdraw_lead(lead.id)
    assert (await boss.leads()).items == []


@asynccontextmanager
async def _page(html: str) -> AsyncIterator[str]:
    """Serve one page on loopback; yield its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n"
        writer.write(f"{head}{html}".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as page:
        yield f"http://127.0.0.1:{page.sockets[0].getsockname()[1]}/tea"


async def _previews(house: _House, people: dict[str, str]) -> None:
    lin, mi = house.api(people["lin"]), house.api(people["mi"])
    async with _page("<title>龙井</title><meta name=description content='新茶'>") as url:
        preview = await lin.link_preview(url)
    assert preview is not None
    assert (preview.title, preview.description) == ("龙井", "新茶")
    assert await mi.link_preview(url) == preview, "kept: the page is gone"
    async with _page("<p>nothing") as silent:
        assert await lin.link_preview(silent) is None


async def _rules(house: _House, operator: HttpApi, people: dict[str, str]) -> None:
    lin, mi, boss = (house.api(people[name]) for name in ("lin", "mi", "boss"))
    talk = await lin.create_direct(people["mi_id"])
    waits = await lin.send(talk.id, client_msg_id="w1", kind="text", body={"text": "一起去网络赌场"})
    assert (waits.status, waits.rule, waits.seq) == ("held", "screening", None)
    assert [one.status for one in await lin.pending(conversation_id=talk.id)] == ["held"]
    await lin.recall_pending(talk.id, "w1")
    await lin.consent(people["shop_id"], opted_in=True)
    assert [one["opted_in"] for one in await lin.consents()] == [True]
    await lin.send(talk.id, client_msg_id="w2", kind="text", body={"text": "一起去网络赌场"})
    await mi.report(talk.id, people["lin_id"], reason="spam", text="总是这样")
    cases = await operator.cases()
    assert [case["kind"] for case in cases] == ["held", "report"]
    decided = await operator.decide(cases[0]["id"], "confirm", note="赌博")
    assert (decided["state"], decided["verdict"]) == ("decided", "confirm")
    context = (await operator.case(cases[1]["id"]))["context"]
    assert context[0]["body"] == {"text": "在吗"}
    await lin.appeal("说的是电影", conversation_id=talk.id, client_msg_id="w2")
    assert [(one.text, one.state, one.verdict) for one in await lin.appeals()] == [("说的是电影", "open", None)]
    assert (await lin.standing()).score == (await operator.standing_of(people["lin_id"])).score == 80
    assert "screening" in [rule["rule"] for rule in await operator.rules()]
    assert await operator.shadow("level_1") == []
    with pytest.raises(ApiError, match="not_found"):
        await operator.label_shadow("1234", right=True)
    await boss.add_words(people["shop_id"], ["对门茶行"])
    assert [one["word"] for one in await boss.words(people["shop_id"])] == ["对门茶行"]
    await boss.remove_word(people["shop_id"], "对门茶行")


async def _bot(house: _House, people: dict[str, str]) -> None:
    """The enterprise has settings and sessions, but no trained bot: what needs one is refused."""
    lin, boss = house.api(people["lin"]), house.api(people["boss"])
    chat = await lin.create_service(people["shop_id"])
    assert chat.session is not None
    assert (await boss.bot_settings()).version == 0
    stored = await boss.set_bot_settings({"name": "小茶"})
    assert (stored.version, stored.settings["name"]) == (1, "小茶")
    assert await boss.bot_settings() == stored
    assert (await boss.bot_turns(chat.id)).items == []
    assert (await boss.bot_ledger(conversation_id=chat.id)).items == []
    summary = await boss.bot_summary(chat.id)
    assert (summary.session_id, summary.turn_id, summary.summary) == (chat.session.id, None, "")
    assert await lin.bot_questions(people["shop_id"], typed="发货") == []
    with pytest.raises(ApiError, match="not_found"):
        await boss.bot_turn("1234")
    with pytest.raises(ApiError, match="not_found"):
        await boss.preview("有龙井吗")
    with pytest.raises(ApiError, match="not_found"):
        await lin.give_feedback("1234", "up")


async def _integrations(house: _House, operator: HttpApi, people: dict[str, str]) -> None:
    boss = house.api(people["boss"])
    webhook = await boss.create_webhook("https://moon-tea.example/hook", kinds=["message.sent"])
    assert webhook.secret
    assert [(found.id, found.secret) for found in await boss.webhooks()] == [(webhook.id, None)]
    await boss.remove_webhook(webhook.id)
    assert await boss.webhooks() == []
    assert (await operator.parked()).items == []
    with pytest.raises(ApiError, match="not_found"):
        await operator.retry_parked("1234")
    await operator.drop_parked("1234")  # gone is gone
