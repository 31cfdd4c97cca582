"""The offline queue: order, bounds, idempotency, and what survives the process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from messaging_core.client.errors import ApiError, ClientClosed, OutboxCorrupt, OutboxFull
from messaging_core.client.frames import Ack, Send, encode_body
from messaging_core.client.outbox import Outbox
from messaging_core.client.outbox_file import OutboxFile


def _send(name: str, conversation_id: str = "1", text: str = "在吗") -> Send:
    body = encode_body({"text": text})
    return Send(conversation_id=conversation_id, client_msg_id=name, kind="text", body=body, ref=name)


def _ack(send: Send) -> Ack:
    return Ack(status="sent", conversation_id=send.conversation_id, client_msg_id=send.client_msg_id, seq=1)


def _take_all(outbox: Outbox, now_s: float = 0.0) -> list[str]:
    taken = []
    while (send := outbox.take(now_s)) is not None:
        taken.append(send.client_msg_id)
    return taken


def test_a_conversation_has_one_message_on_the_wire_and_others_do_not_wait_for_it() -> None:
    outbox = Outbox()
    first = _send("a1", "1")
    for send in (first, _send("a2", "1"), _send("b1", "2")):
        outbox.add(send)

    assert _take_all(outbox) == ["a1", "b1"]
    assert outbox.acknowledge(_ack(first))
    assert _take_all(outbox) == ["a2"]


def test_a_wider_window_puts_more_on_the_wire() -> None:
    outbox = Outbox(window=2)
    for name in ("a", "b", "c"):
        outbox.add(_send(name))

    assert _take_all(outbox) == ["a", "b"]


def test_what_flew_when_the_connection_broke_flies_again_in_order() -> None:
    outbox = Outbox(window=3)
    sends = [_send(name) for name in ("a", "b", "c", "d")]
    for send in sends:
        outbox.add(send)
    _take_all(outbox)
    outbox.acknowledge(_ack(sends[1]))

    outbox.rewind()

    assert _take_all(outbox) == ["a", "c", "d"]


def test_a_postponed_message_pauses_its_conversation_and_keeps_its_place() -> None:
    outbox = Outbox()
    for send in (_send("a1", "1"), _send("a2", "1"), _send("b1", "2")):
        outbox.add(send)
    _take_all(outbox)

    assert outbox.postpone("1", "a1", until_s=5.0)

    assert outbox.attempts("1", "a1") == 1
    assert outbox.wait_s(2.0) == 3.0
    assert _take_all(outbox, now_s=4.9) == []
    assert _take_all(outbox, now_s=5.0) == ["a1"]
    assert outbox.wait_s(5.0) is None


def test_the_same_message_is_taken_once_and_other_content_is_refused() -> None:
    outbox = Outbox()

    assert outbox.add(_send("a")) is outbox.add(_send("a"))
    assert len(outbox) == 1
    with pytest.raises(ApiError, match="client_msg_id_reused"):
        outbox.add(_send("a", text="在不在"))


def test_a_full_outbox_takes_nothing_until_something_is_settled() -> None:
    outbox = Outbox(limit=1)
    first = _send("a")
    outbox.add(first)

    with pytest.raises(OutboxFull):
        outbox.add(_send("b"))
    assert outbox.refuse("1", "a", ApiError("not_a_member", 403))
    outbox.add(_send("b"))


async def test_all_who_wait_hear_what_became_of_a_message() -> None:
    outbox = Outbox()
    entry = outbox.add(_send("a"))
    waits = [asyncio.ensure_future(entry.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    waits[0].cancel()

    outbox.acknowledge(_ack(entry.send))

    results = await asyncio.gather(*waits, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1:] == [_ack(entry.send)] * 2


async def test_who_asks_late_hears_it_all_the_same() -> None:
    outbox = Outbox()
    good, bad = outbox.add(_send("a")), outbox.add(_send("b"))
    outbox.acknowledge(_ack(good.send))
    outbox.refuse("1", "b", ApiError("not_a_member", 403))

    assert await good.wait() == _ack(good.send)
    with pytest.raises(ApiError, match="not_a_member"):
        await bad.wait()


async def test_a_refusal_is_raised_where_it_is_awaited() -> None:
    outbox = Outbox()
    entry = outbox.add(_send("a"))
    wait = asyncio.ensure_future(entry.wait())
    await asyncio.sleep(0)

    outbox.refuse("1", "a", ApiError("not_a_member", 403))

    with pytest.raises(ApiError, match="not_a_member"):
        await wait
    assert not outbox.refuse("1", "a", ApiError("not_a_member", 403))


async def test_closing_tells_those_who_wait() -> None:
    outbox = Outbox()
    wait = asyncio.ensure_future(outbox.add(_send("a")).wait())
    await asyncio.sleep(0)

    outbox.close(ClientClosed("over"))

    with pytest.raises(ClientClosed):
        await wait


def _stored(path: Path) -> list[str]:
    file = OutboxFile(path)
    try:
        return [send.client_msg_id for send in file.load()]
    finally:
        file.close()


def test_what_is_unsettled_is_there_after_a_restart_in_order(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    outbox = Outbox(journal=OutboxFile(path))
    outbox.load()
    sends = [_send("a", text="你好"), _send("b", "2"), _send("c")]
    for send in sends:
        outbox.add(send)
    _take_all(outbox)
    outbox.acknowledge(_ack(sends[1]))  # and then the process is killed: nothing is closed

    again = Outbox(journal=OutboxFile(path))
    again.load()

    assert [entry.send for entry in again] == [sends[0], sends[2]]
    assert _take_all(again) == ["a"]


def test_a_torn_last_line_is_dropped_and_the_next_start_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    file = OutboxFile(path)
    file.load()
    file.added(_send("a"))
    file.added(_send("b"))
    file.close()
    path.write_bytes(path.read_bytes()[:-7])

    file = OutboxFile(path)
    assert [send.client_msg_id for send in file.load()] == ["a"]
    file.added(_send("c"))
    file.close()

    assert _stored(path) == ["a", "c"]


def test_a_damaged_line_is_told_and_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    path.write_bytes(b"tea\n{}\n")

    with pytest.raises(OutboxCorrupt, match="line 1"):
        OutboxFile(path).load()
    assert path.read_bytes() == b"tea\n{}\n"


def test_the_file_shrinks_when_messages_are_settled_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    file = OutboxFile(path, compact_lines=10)
    file.load()
    file.added(_send("kept"))
    for number in range(100):
        file.added(_send(f"m{number}"))
        file.settled(_send(f"m{number}"))
    file.close()

    assert path.read_bytes().count(b"\n") <= 1 + 2 * 10
    assert path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [path]
    assert _stored(path) == ["kept"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_refuses_the_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = Outbox(journal=(file := OutboxFile(tmp_path / "outbox.jsonl", compact_lines=1)))
    outbox.load()
    outbox.add(_send("a"))
    (tmp_path / "outbox.jsonl.new").symlink_to("/dev/full")

    assert outbox.acknowledge(_ack(_send("a")))  # settled, though it cannot be noted: told in the log
    file.close()
    with pytest.raises(OSError):
        outbox.add(_send("b"))
    assert len(outbox) == 0


class OutboxMachine(RuleBasedStateMachine):
    """Whatever happens, each conversation's messages are taken in order, and only settled ones disappear."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox = Outbox(limit=50)
        self.now_s = 0.0
        self.count = 0
        self.expected: dict[str, list[str]] = {"1": [], "2": []}
        self.flying: dict[str, str] = {}

    @rule(conversation_id=st.sampled_from(["1", "2"]))
    def add(self, conversation_id: str) -> None:
        self.count += 1
        if len(self.outbox) < 50:
            self.outbox.add(_send(f"m{self.count}", conversation_id))
            self.expected[conversation_id].append(f"m{self.count}")

    @rule()
    def take(self) -> None:
        send = self.outbox.take(self.now_s)
        if send is not None:
            assert send.conversation_id not in self.flying
            assert send.client_msg_id == self.expected[send.conversation_id][0]
            self.flying[send.conversation_id] = send.client_msg_id

    @rule(conversation_id=st.sampled_from(["1", "2"]), good=st.booleans())
    def settle(self, conversation_id: str, good: bool) -> None:
        name = self.flying.pop(conversation_id, None)
        if name is None:
            return
        if good:
            assert self.outbox.acknowledge(_ack(_send(name, conversation_id)))
        else:
            assert self.outbox.refuse(conversation_id, name, ApiError("unknown_kind", 422))
        self.expected[conversation_id].pop(0)

    @rule(conversation_id=st.sampled_from(["1", "2"]), pause_s=st.floats(0.1, 3.0))
    def postpone(self, conversation_id: str, pause_s: float) -> None:
        name = self.flying.pop(conversation_id, None)
        if name is not None:
            assert self.outbox.postpone(conversation_id, name, until_s=self.now_s + pause_s)

    @rule()
    def lose_connection(self) -> None:
        self.flying.clear()
        self.outbox.rewind()

    @rule(passed_s=st.floats(0.1, 5.0))
    def time_passes(self, passed_s: float) -> None:
        self.now_s += passed_s

    @invariant()
    def holds_what_is_unsettled(self) -> None:
        held: dict[str, list[str]] = {"1": [], "2": []}
        for entry in self.outbox:
            held[entry.send.conversation_id].append(entry.send.client_msg_id)
        assert held == self.expected

    def teardown(self) -> None:
        """In the end everything is sent: a connection that lasts empties the outbox in order."""
        self.outbox.rewind()
        while (send := self.outbox.take(self.now_s)) is not None:
            assert send.client_msg_id == self.expected[send.conversation_id].pop(0)
            self.outbox.acknowledge(_ack(send))
        assert self.expected == {"1": [], "2": []}


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
