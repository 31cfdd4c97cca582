"""One account under load: it talks, reads, is cut off and comes back; all that it is told is kept."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from eval.crash.crowd import Room, Somebody
from eval.crash.evidence import Numbers, Receipt, Witness, line_of_event
from messaging_core.client import (
    Ack,
    Backoff,
    ClientError,
    ErrorFrame,
    Event,
    Heard,
    KefuClient,
    ReadCursor,
    Welcome,
)

_BURSTS = (1, 1, 1, 2, 3, 8)
_READS = 0.4
_RESTARTS = 0.02
_OUTBOX = 100_000


class Person:
    """An account, its client (several, one after the other) and what they were told.

    Args:
        url: the server, or the gate in front of it.
        rooms: where it talks; `first`: the conversations it is in from the start.
        folder: where it keeps what it has not sent.
        window: sends on the wire at once per conversation.
    """

    def __init__(
        self,
        who: Somebody,
        *,
        url: str,
        rooms: list[Room],
        first: set[str],
        folder: Path,
        rng: random.Random,
        window: int,
    ) -> None:
        self._who = who
        self._url = url
        self._rooms = rooms
        self._random = rng
        self._window = window
        self._outbox_file = folder / f"{who.account_id}.outbox"
        self._client: KefuClient | None = None
        self._cursors = dict.fromkeys(first, 0)
        self.said = 0
        self.restarts = 0
        self.connections = 0
        self.refused_for_now: Counter[str] = Counter()
        """Codes of refusals for the moment, after which the client tries again by itself."""
        self.refused_frames: Counter[str] = Counter()
        """Codes of refusals of other frames than messages: read marks and syncs of somebody who was just removed."""
        self.witness = Witness(account_id=who.account_id, begins=dict.fromkeys(first, 0))

    @property
    def client(self) -> KefuClient:
        """Return the present client."""
        assert self._client is not None, "enter first"
        return self._client

    async def enter(self) -> None:
        """Start a client where the last one stopped."""
        self._client = KefuClient(
            self._url,
            self._who.token,
            cursors=self._cursors,
            outbox_file=self._outbox_file,
            outbox_limit=_OUTBOX,
            outbox_window=self._window,
            keep_messages=5,
            backoff=Backoff(base_s=0.05, cap_s=1.0, uniform=self._random.uniform),
        )
        self._client.on(self._hear)
        await self._client.__aenter__()

    async def leave(self) -> None:
        """End the client; what it has not sent stays in its file."""
        if self._client is not None:
            self._cursors = self._client.cursors
            await self._client.aclose()

    async def talk(self, draw: Callable[[int], int | None], *, pause_s: float) -> None:
        """Send messages in bursts, `pause_s` seconds apart on average, until `draw` says None."""
        try:
            await self._talk(draw, pause_s)
        except ClientError:
            return  # the client has ended for good, and has logged why; that counts as broken

    async def _talk(self, draw: Callable[[int], int | None], pause_s: float) -> None:
        while True:
            await asyncio.sleep(self._random.expovariate(1 / pause_s))
            granted = draw(self._random.choice(_BURSTS))
            if granted is None:
                return
            for _ in range(granted):
                self._say()
            if self._random.random() < _READS:
                self._read()
            if self._random.random() < _RESTARTS:
                self.restarts += 1
                await self.leave()
                await self.enter()

    def _say(self) -> None:
        room = self._random.choices(self._rooms, [room.weight for room in self._rooms])[0]
        self.said += 1
        client_msg_id = f"{self._who.account_id}-{self.said}"
        text = f"第 {self.said} 条 " + "茶" * self._random.randrange(60)
        self.witness.sent.setdefault(room.conversation_id, {})[client_msg_id] = text
        self.client.enqueue(room.conversation_id, kind="text", body={"text": text}, client_msg_id=client_msg_id)

    def _read(self) -> None:
        places = [place for place, replica in self.client.states.items() if not replica.left]
        if places:
            place = self._random.choice(places)
            last = self.client.state(place).last_msg_no
            self.client.read(place, self._random.randint(last // 2, last))

    def settle(self) -> None:
        """Note what the client shows and what still waits, at the end of the run."""
        witness = self.witness
        witness.unsettled = [(entry.send.conversation_id, entry.send.client_msg_id) for entry in self.client.outbox]
        witness.held = {
            place: Numbers(
                last_seq=replica.last_seq,
                last_msg_no=replica.last_msg_no,
                read_msg_no=replica.read_msg_no,
                unread=replica.unread,
            )
            for place, replica in self.client.states.items()
            if not replica.left
        }

    def _hear(self, frame: Heard) -> None:
        """Keep what was told. An error in here would only be logged by the client, so there is nothing to fail."""
        witness = self.witness
        if isinstance(frame, Event):
            witness.views.setdefault(frame.conversation_id, []).append(line_of_event(frame))
        elif isinstance(frame, Ack):
            witness.receipts.append(_receipt(frame))
        elif isinstance(frame, Welcome):
            self.connections += 1
        elif isinstance(frame, ReadCursor):
            if frame.account_id == witness.account_id:
                known = witness.read.get(frame.conversation_id, 0)
                witness.read[frame.conversation_id] = max(known, frame.msg_no)
        elif isinstance(frame, ErrorFrame):
            self._hear_refusal(frame)

    def _hear_refusal(self, frame: ErrorFrame) -> None:
        error = frame.to_error()
        place, client_msg_id = frame.data.get("conversation_id"), frame.data.get("client_msg_id")
        if error.transient:
            self.refused_for_now[error.code] += 1
        elif isinstance(place, str) and isinstance(client_msg_id, str):
            self.witness.refused[place, client_msg_id] = error.code
        else:
            self.refused_frames[error.code] += 1


def _receipt(ack: Ack) -> Receipt:
    return Receipt(
        conversation_id=ack.conversation_id,
        client_msg_id=ack.client_msg_id,
        message_id=ack.message_id or "",
        seq=ack.seq or 0,
        msg_no=ack.msg_no or 0,
        duplicate=ack.duplicate,
    )
