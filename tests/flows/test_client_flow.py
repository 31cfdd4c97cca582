"""The Python client and the real server, over a real socket: chats, groups, queues, restarts, long polls, the desk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from messaging_core.client import (
    ApiError,
    ConversationAdded,
    ErrorFrame,
    Heard,
    HttpApi,
    KefuClient,
    PeerTyping,
    Presence,
    ReadCursor,
    Waiting,
)
from tests.flows.people import Person, all_messages, equals_a_refetch, listen, people, texts, until, until_unread
from tests.support.server_process import ServerProcess


async def test_two_people_chat(server: ServerProcess) -> None:
    lin, mi = await people(server, "林小姐", "小米")
    async with lin.client() as hers, mi.client() as his:
        await asyncio.gather(hers.wait_synced(30), his.wait_synced(30))
        heard = listen(his)
        chat = await hers.http.create_direct(mi.id)

        acks = [await hers.send_text(chat.id, text) for text in ("在吗", "龙井还有货吗？")]
        await until(lambda: len(texts(heard, chat.id)) == 2)

        assert texts(heard, chat.id) == ["在吗", "龙井还有货吗？"]
        assert [ack.msg_no for ack in acks] == [1, 2]
        assert his.state(chat.id).unread == 2
        assert hers.state(chat.id).unread == 0
        assert any(isinstance(frame, ConversationAdded) for frame in heard)
        for client in (hers, his):
            await equals_a_refetch(client, chat.id)


async def test_reading_is_seen_by_both_sides_and_by_my_other_device(server: ServerProcess) -> None:
    lin, mi = await people(server, "林小姐", "小米")
    async with lin.client() as hers, mi.client() as his, mi.client() as his_phone:
        chat = await hers.http.create_direct(mi.id)
        await hers.send_text(chat.id, "一")
        await hers.send_text(chat.id, "二")
        for client in (his, his_phone):
            await until_unread(client, chat.id, 2)
        seen = listen(hers)

        his.read(chat.id)

        await until(lambda: his_phone.state(chat.id).unread == 0)
        await until(lambda: any(isinstance(frame, ReadCursor) for frame in seen))
        assert hers.state(chat.id).cursors == {mi.id: 2}
        assert (await his.http.conversation(chat.id)).unread == 0


async def test_typing_and_presence(server: ServerProcess) -> None:
    lin, mi = await people(server, "林小姐", "小米")
    async with lin.client() as hers:
        chat = await hers.http.create_direct(mi.id)
        heard = listen(hers)
        await hers.wait_synced(30)
        hers.watch([mi.id])
        await until(lambda: Presence in map(type, heard))
        async with mi.client() as his:
            await his.wait_synced(30)
            his.typing(chat.id)
            await until(lambda: PeerTyping in map(type, heard))
        online = [frame.online for frame in heard if isinstance(frame, Presence)]
        await until(lambda: [f.online for f in heard if isinstance(f, Presence)][-1] is False)
    assert online[:2] == [False, True]


async def test_who_leads_a_group_hears_at_once_that_somebody_wants_in(server: ServerProcess) -> None:
    lin, mi, qiao, gray = await people(server, "林小姐", "小米", "老乔", "小灰")
    async with lin.client() as hers, mi.client() as his, qiao.client() as new, gray.client() as other:
        await asyncio.gather(*(client.wait_synced(30) for client in (hers, his, new, other)))
        owner, admin, asker, member = (listen(client) for client in (hers, his, new, other))
        group = await hers.http.create_group("茶友群", [mi.id, gray.id])
        await hers.http.set_role(group.id, mi.id, "admin")
        await hers.http.change_group(group.id, join_approval=True)
        link = await hers.http.make_invite_link(group.id)
        await new.http.join_by_invite(link.code, words="老茶客")
        await until(lambda: _waiting(owner) == [1] == _waiting(admin))
        await his.http.decide_join_request(group.id, qiao.id, accept=False)
        await until(lambda: _waiting(owner) == [1, 0] == _waiting(admin))
        assert _waiting(asker) == _waiting(member) == []


def _waiting(heard: list[Heard]) -> list[int]:
    return [frame.count for frame in heard if isinstance(frame, Waiting)]


async def test_a_group_grows_and_shrinks_and_everybody_agrees(server: ServerProcess) -> None:
    lin, mi, qiao = await people(server, "林小姐", "小米", "老乔")
    async with lin.client() as hers, mi.client() as his, qiao.client() as new:
        await asyncio.gather(*(client.wait_synced(30) for client in (hers, his, new)))
        heard = listen(new)
        group = await hers.http.create_group("茶友群", [mi.id])
        await hers.send_text(group.id, "这句老乔看不到")
        await hers.http.add_members(group.id, [qiao.id])
        await hers.http.rename(group.id, "春茶群")
        await hers.http.set_role(group.id, mi.id, "admin")
        await hers.send_text(group.id, "欢迎老乔")
        await until(lambda: texts(heard, group.id) == ["欢迎老乔"])

        for client in (hers, his, new):
            await equals_a_refetch(client, group.id)
            members = await client.load_members(group.id)
            assert {key: member.role for key, member in members.items()} == {
                lin.id: "owner",
                mi.id: "admin",
                qiao.id: "member",
            }
        assert new.state(group.id).unread == 1
        assert his.state(group.id).title == "春茶群"

        await hers.http.remove_member(group.id, qiao.id)
        await hers.send_text(group.id, "老乔走了")
        await until(lambda: new.state(group.id).left)
        await until(lambda: his.state(group.id).member_count == 2)
        assert "老乔走了" not in texts(heard, group.id)
        with pytest.raises(ApiError, match="not_a_member"):
            await new.send_text(group.id, "还在吗")
        assert qiao.id not in (his.state(group.id).members or {})

        await hers.http.add_members(group.id, [qiao.id])
        await hers.send_text(group.id, "又来了")
        await until(lambda: texts(heard, group.id)[-1] == "又来了")
        assert "老乔走了" not in texts(heard, group.id)
        await equals_a_refetch(new, group.id)


async def test_the_same_id_is_the_same_message_and_other_content_is_refused(server: ServerProcess) -> None:
    lin, mi = await people(server, "林小姐", "小米")
    async with lin.client() as hers:
        chat = await hers.http.create_direct(mi.id)

        first = await hers.send_text(chat.id, "在吗", client_msg_id="c-1")
        again = await hers.send_text(chat.id, "在吗", client_msg_id="c-1")
        over_http = await hers.http.send(chat.id, client_msg_id="c-1", kind="text", body={"text": "在吗"})

        assert {(ack.seq, ack.message_id) for ack in (first, again, over_http)} == {(first.seq, first.message_id)}
        assert [ack.duplicate for ack in (first, again, over_http)] == [False, True, True]
        with pytest.raises(ApiError, match="client_msg_id_reused"):
            await hers.send_text(chat.id, "在不在", client_msg_id="c-1")


async def test_long_polling_sends_receives_and_learns_of_new_conversations(server: ServerProcess) -> None:
    lin, mi = await people(server, "林小姐", "小米")
    async with lin.client() as hers, mi.client(long_poll=True) as his:
        await his.wait_synced(30)
        heard = listen(his)
        chat = await hers.http.create_direct(mi.id)
        await hers.send_text(chat.id, "在吗")
        await until(lambda: texts(heard, chat.id) == ["在吗"])

        ack = await his.send_text(chat.id, "在的")
        with pytest.raises(ApiError, match="client_msg_id_reused"):
            await his.send_text(chat.id, "不在", client_msg_id=ack.client_msg_id)
        await hers.send_text(chat.id, "好")
        await until(lambda: texts(heard, chat.id) == ["在吗", "在的", "好"])

        assert his.state(chat.id).unread == 1
        his.read(chat.id)
        await until(lambda: hers.state(chat.id).cursors.get(mi.id) == 3)
        assert await his.ping() < 5
        await equals_a_refetch(his, chat.id)


async def test_a_revoked_token_ends_the_client(server: ServerProcess) -> None:
    (lin,) = await people(server, "林小姐")
    async with lin.client() as hers:
        await hers.wait_synced(30)
        (token,) = (await hers.http.tokens()).items
        reader = asyncio.ensure_future(_read_to_the_end(hers))
        await hers.http.revoke_token(token.id)
        with pytest.raises(Exception, match="撤销"):
            await asyncio.wait_for(reader, 30)
    async with lin.client(lang="en") as again:
        with pytest.raises(ApiError, match="unauthenticated") as raised:
            await again.wait_connected(30)
        assert raised.value.detail.isascii()


async def _read_to_the_end(client: KefuClient) -> None:
    async for _frame in client.events():
        pass


async def test_a_customer_is_served_and_the_desk_sees_it(server: ServerProcess) -> None:
    lin, qiao, boss = await people(server, "林小姐", "老乔", "掌柜")
    async with HttpApi(server.url, server.operator_token) as operator:
        shop = await operator.create_enterprise("月茶", verified=True)
        await operator.accept_terms(shop.id, (await operator.terms()).version)
        await operator.set_staff(shop.id, boss.id, "owner")
        await operator.set_staff(shop.id, qiao.id, "agent")
        token = await operator.create_token(qiao.id, enterprise_id=shop.id, label="desk")
        assert {member.role for member in await operator.staff(shop.id)} == {"owner", "agent"}
    desk = Person(qiao.id, token.token, server.url)
    async with lin.client() as hers, desk.client() as his:
        await asyncio.gather(hers.wait_synced(30), his.wait_synced(30))
        heard = listen(his)
        chat = await hers.http.create_service(shop.id)
        await hers.send_text(chat.id, "有人吗")
        (session,) = (await his.http.sessions()).items
        assert (session.state, session.customer_name, session.conversation_id) == ("queued", "林小姐", chat.id)

        taken = await his.http.take(session.id)
        await until(lambda: chat.id in his.states and his.state(chat.id).session is not None)
        await his.send_text(chat.id, "在的，您好")
        await until(lambda: texts(heard, chat.id) == ["在的，您好"])

        assert (taken.state, taken.agent_id) == ("agent", qiao.id)
        await until(lambda: len(hers.state(chat.id).messages) == 2)
        assert [message.origin for message in hers.state(chat.id).messages] == ["person", "agent"]
        for client in (hers, his):
            await equals_a_refetch(client, chat.id)
        closed = await his.http.close_session(session.id)
        assert closed.state == "closed"
        await until(lambda: hers.state(chat.id).session is None)
        await equals_a_refetch(hers, chat.id)


async def test_a_burst_over_the_rate_limit_is_slowed_down_and_not_lost(tmp_path: Path) -> None:
    limits = {"KEFU_LIMITS__FRAMES_PER_S": "60", "KEFU_LIMITS__FRAMES_BURST": "5"}
    limited = ServerProcess(tmp_path / "data", settings=limits).start()
    try:
        limited.wait_ready()
        lin, mi = await people(limited, "林小姐", "小米")
        async with lin.client() as hers:
            heard = listen(hers)
            chats = [await hers.http.create_direct(mi.id), await hers.http.create_group("茶友群")]
            sends = [hers.send_text(chat.id, str(number)) for number in range(25) for chat in chats]
            await asyncio.wait_for(asyncio.gather(*sends), 60)

            assert any(isinstance(frame, ErrorFrame) and frame.code == "rate_limited" for frame in heard)
            for chat in chats:
                stored = await all_messages(hers.http, chat.id)
                assert [message.body["text"] for message in reversed(stored)] == [str(n) for n in range(25)]
    finally:
        limited.kill()


async def test_errors_of_commands_are_typed_and_in_the_readers_language(server: ServerProcess) -> None:
    (lin,) = await people(server, "林小姐")
    async with HttpApi(server.url, lin.token, lang="en") as http:
        with pytest.raises(ApiError) as raised:
            await http.conversation("1")
        assert (raised.value.code, raised.value.status) == ("not_found", 404)
        assert raised.value.detail.isascii()
        with pytest.raises(ApiError, match="forbidden"):
            await http.create_account("小米")
        first = await http.create_group("茶友群", idempotency_key="k-1")
        assert await http.create_group("茶友群", idempotency_key="k-1") == first
        with pytest.raises(ApiError, match="idempotency_key_reused"):
            await http.create_group("别的群", idempotency_key="k-1")
        assert [conversation.id async for conversation in http.all_conversations()] == [first.id]
