"""Frames besides messages that wait for the wire. A newer one of the same sort takes the older one's place."""

from __future__ import annotations

from .frames import AnyClientFrame, Ping, Read, Sync, Typing, Watch

ControlFrame = Read | Typing | Watch | Sync | Ping


class Control:
    """At most one waiting frame of a sort and conversation, so the queue is bounded by the number of conversations.

    They belong to one connection: `clear` forgets them, and what matters is asked anew after `welcome`.
    """

    __slots__ = ("_due", "_frames")

    def __init__(self) -> None:
        self._frames: dict[tuple[str, str], ControlFrame] = {}
        self._due: dict[tuple[str, str], float] = {}

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, frame: ControlFrame, *, not_before_s: float = 0.0) -> None:
        """Queue a frame, for now or for a later time of the same clock as `take`."""
        key = (type(frame).__name__, _target(frame))
        self._frames[key] = frame
        if not_before_s:
            self._due[key] = not_before_s
        else:
            self._due.pop(key, None)

    def take(self, now_s: float) -> list[AnyClientFrame]:
        """Return the frames that are due, in the order they were first put, and forget them."""
        if not self._frames:
            return []
        ready = [key for key in self._frames if self._due.get(key, 0.0) <= now_s]
        for key in ready:
            self._due.pop(key, None)
        return [self._frames.pop(key) for key in ready]

    def wait_s(self, now_s: float) -> float | None:
        """Return the seconds until the next postponed frame is due; None when none is postponed."""
        return max(0.0, min(self._due.values()) - now_s) if self._due else None

    def clear(self) -> None:
        """Forget everything: the connection is gone."""
        self._frames.clear()
        self._due.clear()


def _target(frame: ControlFrame) -> str:
    if isinstance(frame, Watch):
        return ""
    if isinstance(frame, Ping):
        return frame.ref if isinstance(frame.ref, str) else ""
    return frame.conversation_id
