"""One dialogue over the wire, as its customer: says the turns one after the other and notes what comes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from kefu.base.errors import ConfigError
from kefu.replay.judge import judge_dialogue
from kefu.replay.records import PlayedDialogue, Spoken
from kefu.replay.script import Script
from kefu.replay.stage import Stage
from messaging_core.client import Ack, ApiError, Event, Heard, KefuClient

# How long nothing may come before the record is asked whether the turn ended in silence, and how often.
_ASK_AFTER_S = 0.4
# One outcome is one commit: its events come together.
_SETTLE_S = 0.05
_QUEUED = "session.queued"


@dataclass(frozen=True, slots=True)
class PlayOptions:
    """`stay`: a session that was handed off stays with the humans; `patience_s`: when a turn counts as lost."""

    stay: bool = False
    patience_s: float = 15.0
    concurrency: int = 4


@dataclass(slots=True)
class Line:
    """A live connection of one customer with his conversation; hears everything with the time at which it came."""

    client: KefuClient
    conversation_id: str
    events: list[tuple[float, Event]] = field(default_factory=list)
    acked_at_s: dict[str, float] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, frame: Heard) -> None:
        """Take a frame from the client."""
        now_s = asyncio.get_running_loop().time()
        if isinstance(frame, Event) and frame.conversation_id == self.conversation_id:
            self.events.append((now_s, frame))
            self.news.set()
        elif isinstance(frame, Ack):
            self.acked_at_s[frame.client_msg_id] = now_s

    def since(self, seq: int) -> list[tuple[float, Event]]:
        """Return what came after a place in the conversation."""
        return [(at_s, event) for at_s, event in self.events if event.seq > seq]


async def play(script: Script, line: Line, stage: Stage, options: PlayOptions) -> PlayedDialogue:
    """Say everything and return what came of it; raises ConfigError when the server stops answering."""
    begin_seq = line.client.state(line.conversation_id).last_seq
    off = line.client.on(line.hear)
    try:
        spoken = [await _say(burst, line, stage, options) for burst in script.turns]
    except ApiError as error:
        raise ConfigError(f"{script.place}: {error}") from error
    finally:
        off()
    decisions = await stage.all_turns(line.conversation_id)
    events = [event for _, event in line.since(begin_seq)]
    return judge_dialogue(script, line.conversation_id, spoken, decisions, events)


async def _say(burst: tuple[str, ...], line: Line, stage: Stage, options: PlayOptions) -> Spoken:
    """Say one turn, wait for its outcome, and take the session back from the humans unless it shall stay there."""
    limit = 5_000
    entries = [line.client.enqueue(line.conversation_id, kind="text", body={"text": text[:limit]}) for text in burst]
    acks = [await entry.wait() for entry in entries]
    taken = [ack for ack in acks if ack.message_id is not None]
    held_by = next((ack.rule for ack in reversed(acks) if ack.message_id is None), None)
    if not taken:
        return Spoken(burst, (), None, held_by)
    last = taken[-1]
    acked_s = line.acked_at_s.get(last.client_msg_id, 0.0)
    outcome = await _outcome(line, stage, last, options.patience_s)
    reply_s = next((at_s for at_s, event in outcome if is_bot(event)), None)
    queued = next((event for _, event in outcome if event.kind == _QUEUED), None)
    if queued is not None and queued.data is not None and not options.stay:
        await stage.hand_back(str(queued.data["session_id"]))
        await _wait_for(line, queued.seq, "session.handed_back", options.patience_s)
    return Spoken(
        messages=burst,
        message_ids=tuple(str(ack.message_id) for ack in taken),
        latency_ms=(reply_s - acked_s) * 1000 if reply_s is not None else None,
        held_by=held_by,
    )


async def _outcome(line: Line, stage: Stage, last: Ack, patience_s: float) -> list[tuple[float, Event]]:
    """Return what the bot brought after the turn's last message; nothing when it ended in silence, or was lost."""
    loop = asyncio.get_running_loop()
    give_up_s = loop.time() + patience_s
    seq = last.seq or 0
    while loop.time() < give_up_s:
        if any(is_bot(event) or event.kind == _QUEUED for _, event in line.since(seq)):
            await asyncio.sleep(_SETTLE_S)
            return line.since(seq)
        line.news.clear()
        try:
            async with asyncio.timeout(_ASK_AFTER_S):
                await line.news.wait()
        except TimeoutError:
            newest = await stage.newest_turn(line.conversation_id)
            if newest is not None and newest["last_seq"] >= seq and newest["outcome"] == "silent":
                return line.since(seq)
    return line.since(seq)


async def _wait_for(line: Line, seq: int, kind: str, patience_s: float) -> None:
    async with asyncio.timeout(patience_s):
        while not any(event.kind == kind for _, event in line.since(seq)):
            line.news.clear()
            await line.news.wait()


def is_bot(event: Event) -> bool:
    """Return whether an event is a message of the bot that answers something; a greeting answers nothing."""
    message = event.sent
    return message is not None and message.origin == "bot" and not (message.client_msg_id or "").startswith("greeting:")
