"""The feed of one conversation on this node: which links are live in it and how far they are."""

from __future__ import annotations

from messaging_core.delivery.link import Link
from messaging_core.delivery.quiet import Frames, frames_for
from messaging_core.kernel.event_log import MEMBER_LEFT, Event


class Feed:
    """`head` is the last `seq` that all live links have; with no live link, the last one heard of."""

    __slots__ = (
        "_ahead",
        "coming",
        "conversation_id",
        "head",
        "heard",
        "live",
        "parked",
        "refs",
        "repairing",
        "rests_until",
        "waiting",
    )

    def __init__(self, conversation_id: int) -> None:
        self.conversation_id = conversation_id
        self.head = 0
        self.heard = 0
        """The highest `seq` that a wake-up or an early event has told of."""
        self.live: set[Link] = set()
        self.coming: dict[Link, dict[int, tuple[int, bytes]]] = {}
        """Links that are not live yet, with the read cursors that moved meanwhile: by account its place and frame."""
        self.refs = 0
        """Links that are live or catching up; at zero the feed is dropped."""
        self.parked: dict[int, Event] | None = None
        """Events that came before one that is missing."""
        self.repairing = False
        self.waiting: list[Event] | None = None
        """Committed events that are held back until `rests_until` (seconds on the hub's timer); None: none are due."""
        self.rests_until = 0.0
        self._ahead: dict[Link, int] = {}
        """Live links that have read further in the database than this node has heard yet."""

    def go_live(self, link: Link, cursor: int) -> bool:
        """Let a link in that has all up to `cursor`; False when more has happened meanwhile."""
        if cursor < self.head:
            return False
        if not self.live:
            self.head = cursor
        elif cursor > self.head:
            self._ahead[link] = cursor  # the others have not: the head stays where they are
        self.live.add(link)
        held = self.coming.pop(link, None)
        if held:
            link.push_frames([frame for _, frame in held.values()])
        return True

    def pause(self, link: Link) -> None:
        """Take a link out of the live ones until it has caught up."""
        self.drop(link)
        self.coming[link] = {}

    def keep_cursor(self, account_id: int, msg_no: int, frame: bytes) -> None:
        """Keep a read cursor for those who are not live yet: their summaries may be older, and no log has it."""
        for held in self.coming.values():
            if account_id not in held or held[account_id][0] < msg_no:
                held[account_id] = (msg_no, frame)

    def drop(self, link: Link) -> None:
        """Take a link out of the live ones."""
        self.live.discard(link)
        self._ahead.pop(link, None)
        if not self.live:
            # Nobody waits for the early ones any more; who comes reads them in the log.
            self.head = max(self.head, self.heard, *(self.parked or (0,)))
            self.parked = None

    def accept(self, events: list[Event]) -> list[Event]:
        """Push committed events in order of `seq`, each once; return those whose turn has come.

        Events that come too early (commits on PostgreSQL are heard of out of order) wait in `parked`. Who left gets
        the event that says so, and nothing after it.
        """
        if not self.live:
            self.head = max(self.head, events[-1].seq)
            return events
        ready: list[Event] = []
        head = self.head
        for event in events:
            if event.seq == head + 1:
                ready.append(event)
                head = event.seq
            elif event.seq > head:
                if self.parked is None:
                    self.parked = {}
                self.parked[event.seq] = event
        while self.parked and head + 1 in self.parked:
            head += 1
            ready.append(self.parked.pop(head))
        if self.parked is not None:
            self.parked = {seq: event for seq, event in self.parked.items() if seq > head} or None
        self.head = head
        first = 0
        for place, event in enumerate(ready):
            if event.kind == MEMBER_LEFT:
                self._push(ready[first : place + 1])
                first = place + 1
                for link in [link for link in self.live if link.actor.account_id == event.account_id]:
                    self.drop(link)
        self._push(ready[first:])
        return ready

    def _push(self, events: list[Event]) -> None:
        if not events or not self.live:
            return
        # What only one may see is framed for each link; everything else once for all, and once more for the silent.
        frames = None if any(event.only_for for event in events) else Frames(events)
        for link in tuple(self.live):
            seen = self._ahead.get(link, 0) if self._ahead else 0
            if frames is not None and seen < events[0].seq:
                link.push(frames.for_link(link))
            elif seen < events[-1].seq:
                unseen = [event for event in events if event.seq > seen]
                link.push_frames(frames_for(link, unseen, now_us=events[-1].at_us))
        if self._ahead:
            self._ahead = {link: seq for link, seq in self._ahead.items() if seq > events[-1].seq}
