"""A link: one live connection of an account, whatever carries it, and the frames on their way to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from kefu.base.texts import Lang, text
from messaging_core.identity.policy import Actor
from messaging_core.identity.privacy_policy import Quiet


class Block:
    """Frames that go to many links at once: encoded once, framed for the WebSocket once."""

    __slots__ = ("_framed", "frames")

    def __init__(self, frames: list[bytes]) -> None:
        self.frames = frames
        self._framed: bytes | None = None

    @property
    def size(self) -> int:
        """Return the bytes of all frames."""
        return sum(len(frame) for frame in self.frames)

    @property
    def framed(self) -> bytes:
        """Return all frames as unmasked WebSocket text frames, ready to be written."""
        if self._framed is None:
            self._framed = b"".join([frame_text(frame) for frame in self.frames])
        return self._framed


def frame_text(payload: bytes) -> bytes:
    """Return `payload` as one unmasked, final WebSocket text frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


class Carrier(Protocol):
    """What moves the bytes: a WebSocket, or a long poll that waits."""

    def write(self, block: Block) -> int:
        """Send, without waiting; return the bytes that the receiver lags behind."""
        ...

    async def drained(self) -> None:
        """Wait until the receiver has caught up enough for more."""
        ...

    def close(self, code: int) -> None:
        """End the connection."""
        ...


class CatchingUp:
    """A conversation that is being brought to a link, by one task at a time."""

    __slots__ = ("again", "ended")

    def __init__(self) -> None:
        self.again = False
        """The account came (back) in while the task was at work: it must look once more."""
        self.ended = asyncio.Event()


class Link:
    """An account's end of one connection."""

    __slots__ = (
        "actor",
        "carrier",
        "catching_up",
        "closed",
        "conversations",
        "early",
        "held",
        "lag_limit",
        "lang",
        "on_cut",
        "quiet",
        "quiet_told",
        "returning",
        "session_id",
        "watched",
    )

    def __init__(
        self,
        *,
        actor: Actor,
        carrier: Carrier,
        session_id: int,
        lang: Lang,
        lag_limit: int,
        on_cut: Callable[[str], None] = lambda code: None,
    ) -> None:
        self.actor = actor
        self.on_cut = on_cut
        self.carrier = carrier
        self.session_id = session_id
        self.lang = lang
        self.lag_limit = lag_limit
        self.closed = False
        self.conversations: set[int] = set()
        """Those in whose feeds it is: the present memberships of its account."""
        self.catching_up: dict[int, CatchingUp] = {}
        self.returning: set[int] = set()
        """Those in which the account came in while the link was in the feed: it may have left before, unheard yet."""
        self.early: set[int] | None = set()
        """Conversations that came before `welcome` was said; None from then on."""
        self.held: list[bytes] | None = []
        """Frames for its account that came before `welcome` was said, whose summaries may be older; None: unwanted."""
        self.quiet: Quiet | None = None
        """The do-not-disturb hours of its account."""
        self.quiet_told = False
        """Whether they changed since it is registered: what is read meanwhile is older."""
        self.watched: tuple[int, ...] = ()

    def push(self, block: Block) -> None:
        """Send a block; a receiver that lags too far is cut off and told to resume.

        The block itself is no lag: a welcome may be larger than the limit, and a client must be able to get it.
        """
        if self.closed:
            return
        waiting = self.carrier.write(block)
        if waiting > self.lag_limit and waiting - block.size > self.lag_limit:
            self.cut("slow_consumer", 4408)

    def push_frames(self, frames: Iterable[bytes]) -> None:
        """Send frames to this link alone."""
        self.push(Block(list(frames)))

    def cut(self, code: str, close_code: int, *, resume: bool = True, retry_after_ms: int = 500) -> None:
        """Say why and close; with `resume` the client comes back with its cursors and loses nothing."""
        if self.closed:
            return
        self.closed = True
        self.on_cut(code)
        detail = text(f"closing.{code}", self.lang).replace('"', "'")
        frame = (
            f'{{"type":"closing","code":"{code}","resume":{"true" if resume else "false"},'
            f'"retry_after_ms":{retry_after_ms},"detail":"{detail}"}}'
        )
        self.carrier.write(Block([frame.encode()]))
        self.carrier.close(close_code)
