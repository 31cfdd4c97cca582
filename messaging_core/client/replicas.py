"""All conversations that this client holds: what each connection tells is put into their replicas. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .frames import Event, Read, Synced, Welcome
from .models import Conversation
from .replica import Applied, Replica

_SYNC_TRIES = 3
_HELLO_CURSORS = 1500  # about 45 KB of the 64 KB that a frame may have


@dataclass(slots=True, frozen=True)
class Opening:
    """What must be told and asked at the start of a connection."""

    reads: list[Read]
    """Read marks that the server does not know: they were lost on the way."""
    syncs: list[str]
    """Conversations that hello did not name and that may have missed something."""


class Replicas(Mapping[str, Replica]):
    """The replicas by conversation id, and the positions from which the server is to go on (`cursors`).

    Start with saved cursors to get what was missed since; without any, `welcome` is the beginning. Conversations that
    are new to us after that beginning are followed from where we joined them: nobody's first message is passed over.
    """

    def __init__(self, cursors: Mapping[str, int] | None = None, *, keep: int = 200) -> None:
        self._saved: dict[str, int] = dict(cursors or {})
        self._replicas: dict[str, Replica] = {}
        self._keep = keep
        self._begun = cursors is not None
        self._self_id = ""
        self._syncing: dict[str, int] = {}  # conversation id -> tries without progress so far
        self._reached: dict[str, int] = {}  # conversation id -> last_seq when the sync began
        self.wanting: dict[str, None] = {}
        """An ordered set: conversations whose summary must be fetched before their numbers are exact."""

    def __getitem__(self, conversation_id: str) -> Replica:
        return self._replicas[conversation_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._replicas)

    def __len__(self) -> int:
        return len(self._replicas)

    @property
    def cursors(self) -> dict[str, int]:
        """Return the last applied `seq` of each conversation."""
        held = {conversation_id: replica.last_seq for conversation_id, replica in self._replicas.items()}
        return {**self._saved, **held}

    @property
    def syncing(self) -> set[str]:
        """Return the conversations of which a `synced` is awaited."""
        return set(self._syncing)

    def hello_cursors(self) -> dict[str, int]:
        """Return the cursors for the next hello, and expect their `synced`.

        Conversations that we have left are not named, and no more than fit into a frame; the rest is asked for one by
        one after the welcome.
        """
        cursors = {
            conversation_id: seq
            for conversation_id, seq in self.cursors.items()
            if conversation_id not in self._replicas or not self._replicas[conversation_id].left
        }
        named = dict(list(cursors.items())[-_HELLO_CURSORS:])
        self._syncing = dict.fromkeys(named, 0)
        self._reached = dict(named)
        return named

    def welcome(self, frame: Welcome) -> Opening:
        """Begin a connection, after a hello with `hello_cursors`."""
        self._self_id = frame.account.id
        named, held = set(self._syncing), list(self.cursors)
        for conversation_id, seq in list(self._saved.items()):
            self._hold(conversation_id, last_seq=seq)
            self.wanting[conversation_id] = None
        reads = []
        for summary in frame.conversations:
            if self._begun and summary.id not in self._replicas:
                held.append(summary.id)
            replica = self.add(summary) if self._begun else self.adopt(summary)
            if replica.read_msg_no > summary.read_msg_no:
                reads.append(Read(conversation_id=summary.id, msg_no=replica.read_msg_no))
        self._begun = True
        # Of a conversation that was neither named nor shown we cannot know whether something was missed.
        shown = {summary.id for summary in frame.conversations}
        syncs = [
            conversation_id
            for conversation_id in held
            if conversation_id not in named
            and (self[conversation_id].behind if conversation_id in shown else not self[conversation_id].left)
        ]
        return Opening(reads=reads, syncs=syncs)

    def add(self, summary: Conversation) -> Replica:
        """Take in a conversation from where we joined it; what happened since is missing (`Replica.behind`)."""
        self._hold(summary.id, last_seq=summary.joined_seq - 1)
        replica = self.adopt(summary)
        replica.known_seq = max(replica.known_seq, summary.last_seq)
        return replica

    def adopt(self, summary: Conversation) -> Replica:
        """Take over a fetched summary; events go on after it when the conversation was not held."""
        replica = self._hold(summary.id, last_seq=summary.last_seq)
        replica.adopt(summary)
        if not replica.needs_summary:
            self.wanting.pop(summary.id, None)
        return replica

    def leave(self, conversation_id: str) -> None:
        """Note that the server has no summary for us: we are not a member any more."""
        self.wanting.pop(conversation_id, None)
        self.stop_sync(conversation_id)
        if conversation_id in self._replicas:
            self._replicas[conversation_id].leave()

    def apply(self, event: Event) -> Applied:
        """Apply an event to its replica. One of an unheld conversation starts a replica that needs a summary."""
        replica = self._replicas.get(event.conversation_id)
        if replica is None:
            replica = self._hold(event.conversation_id, last_seq=event.seq - 1)
        applied = replica.apply(event)
        if replica.needs_summary:
            self.wanting[event.conversation_id] = None
        return applied

    def begin_sync(self, conversation_id: str) -> int | None:
        """Return from where to ask for missing events; None when their answer is on its way already."""
        if conversation_id in self._syncing:
            return None
        replica = self._replicas[conversation_id]
        self._syncing[conversation_id] = 0
        self._reached[conversation_id] = replica.last_seq
        return replica.last_seq

    def synced(self, frame: Synced) -> int | None:
        """Note the end of a catch-up; return from where to ask once more if something is missing still.

        Raise LookupError when the server answers again and again without what is missing.
        """
        tries = self._syncing.pop(frame.conversation_id, 0)
        began = self._reached.pop(frame.conversation_id, -1)
        replica = self._replicas.get(frame.conversation_id)
        if replica is None:
            return None
        replica.known_seq = max(replica.known_seq, frame.seq)
        if not replica.behind:
            return None
        tries = 0 if replica.last_seq > began else tries + 1
        if tries >= _SYNC_TRIES:
            raise LookupError(
                f"conversation {frame.conversation_id}: seq {replica.last_seq + 1} to {replica.known_seq} never came"
            )
        self._syncing[frame.conversation_id] = tries
        self._reached[frame.conversation_id] = replica.last_seq
        return replica.last_seq

    def drop(self, conversation_id: str) -> None:
        """Forget a conversation; the server's copy is behind ours (it was restored from a backup)."""
        self._replicas.pop(conversation_id, None)
        self._saved.pop(conversation_id, None)
        self.wanting.pop(conversation_id, None)
        self.stop_sync(conversation_id)

    def stop_sync(self, conversation_id: str) -> None:
        """Note that the answer to a sync will not come: it was refused."""
        self._syncing.pop(conversation_id, None)
        self._reached.pop(conversation_id, None)

    def _hold(self, conversation_id: str, *, last_seq: int) -> Replica:
        replica = self._replicas.get(conversation_id)
        if replica is None:
            start = self._saved.pop(conversation_id, last_seq)
            replica = Replica(conversation_id, self_id=self._self_id, last_seq=start, keep=self._keep)
            self._replicas[conversation_id] = replica
        return replica
