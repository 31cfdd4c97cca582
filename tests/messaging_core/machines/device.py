"""What a careful client keeps of what it is sent; it protests at the first frame that breaks the protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec


@dataclass(slots=True)
class Copy:
    """One conversation on a device."""

    cursor: int
    """The last `seq` it has, in an unbroken row from where it began."""
    summary: dict[str, Any] | None
    summary_seq: int
    """Up to which `seq` the summary is true."""
    start: int
    """Where the row began: what came before is history."""
    events: dict[int, dict[str, Any]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    private: set[int] = field(default_factory=set)
    """What another has done for himself alone."""
    repeated: int = 0


class Device:
    """A client of one account: connects, takes frames, remembers across connections."""

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id
        self.copies: dict[int, Copy] = {}
        self.frames_of_connection = 0
        self.synced: dict[int, int] = {}
        self.lossy = False
        """Whether a read cursor may have passed it by: those are not repeated."""
        self.told: list[dict[str, Any]] = []
        """Errors and goodbyes of this connection."""
        self.asked_again = False
        """Whether it has asked for a `sync`, so that events may come twice."""
        self.pending: list[dict[str, Any]] = []
        """What it was told on this connection of its messages that wait."""
        self.told_before: dict[int, int] = {}
        self.wrongs: list[str] = []
        """Frames that broke the protocol."""

    def begin(self, told_before: dict[int, int]) -> None:
        """Start a connection; `told_before`: conversation -> how much had been told of what waits."""
        self.told_before = told_before
        self.frames_of_connection = 0
        self.synced = {}
        self.told = []
        self.pending = []
        self.lossy = self.asked_again = False
        for held in self.copies.values():
            held.repeated = 0

    def rewind(self, conversation_id: int, seq: int) -> None:
        """Forget what came after `seq`, as a client does that was restored from an older backup."""
        kept = self.copies[conversation_id]
        kept.cursor = seq
        kept.events = {place: event for place, event in kept.events.items() if place <= seq}
        kept.hidden = {place for place in kept.hidden if place <= seq}
        kept.private = {place for place in kept.private if place <= seq}
        kept.start = min(kept.start, seq)

    def take(self, raw: bytes) -> None:
        """Digest one frame."""
        frame = msgspec.json.decode(raw)
        self.frames_of_connection += 1
        is_first = self.frames_of_connection == 1
        assert (frame["type"] == "welcome") == is_first, f"frame {self.frames_of_connection} is {frame['type']}"
        getattr(self, f"_on_{frame['type']}")(frame)

    def _on_welcome(self, frame: dict[str, Any]) -> None:
        for raw in frame["conversations"]:
            held = self.copies.get(int(raw["id"]))
            if held is None:
                self._begin_copy(raw)
            elif raw["last_seq"] >= held.summary_seq:
                held.summary, held.summary_seq = raw, raw["last_seq"]

    def _begin_copy(self, summary: dict[str, Any]) -> None:
        seq = summary["last_seq"]
        self.copies[int(summary["id"])] = Copy(cursor=seq, summary=summary, summary_seq=seq, start=seq)

    def _on_conversation(self, frame: dict[str, Any]) -> None:
        summary = frame["conversation"]
        held = self.copies.get(int(summary["id"]))
        if held is not None:
            assert summary["last_seq"] >= held.cursor, "a snapshot takes back what was told already"
        self._begin_copy(summary)

    def _on_event(self, frame: dict[str, Any]) -> None:
        held = self.copies[int(frame["conversation_id"])]
        seq = frame["seq"]
        if frame["kind"] == "hidden":
            last = frame["data"]["to_seq"]
            assert seq <= held.cursor + 1, f"a tombstone at {seq} after {held.cursor}"
            held.repeated += seq <= held.cursor
            if frame["data"].get("private"):
                held.private.add(seq)
                if held.summary is not None and seq == held.summary_seq + 1:
                    held.summary, held.summary_seq = {**held.summary, "last_seq": seq}, seq
            else:
                held.hidden.update(range(held.cursor + 1, last + 1))
            held.cursor = max(held.cursor, last)
            return
        if seq <= held.cursor:
            held.repeated += 1
            known = {**held.events.get(seq, frame), "message": None}
            assert known == {**frame, "message": None}, "a repeated event says something else"
            return
        assert seq == held.cursor + 1, f"a gap: {seq} after {held.cursor}"
        held.cursor = seq
        held.events[seq] = frame
        if held.summary is not None and seq == held.summary_seq + 1:
            held.summary, held.summary_seq = change(held.summary, frame, self.account_id), seq

    def _on_synced(self, frame: dict[str, Any]) -> None:
        conversation_id = int(frame["conversation_id"])
        self.synced[conversation_id] = frame["seq"]
        assert frame["seq"] <= self.copies[conversation_id].cursor, "synced, but not all was sent"

    def _on_cursor(self, frame: dict[str, Any]) -> None:
        held = self.copies.get(int(frame["conversation_id"]))
        if held is not None and held.summary is not None and int(frame["account_id"]) == self.account_id:
            held.summary = _read(held.summary, frame["msg_no"])

    def _on_error(self, frame: dict[str, Any]) -> None:
        self.told.append(frame)
        conversation_id = int(frame["data"].get("conversation_id", 0))
        if frame["code"] == "not_a_member":
            del self.copies[conversation_id]
        elif frame["code"] == "cursor_ahead":
            seq = frame["data"]["seq"]
            self.copies[conversation_id] = Copy(cursor=seq, summary=None, summary_seq=0, start=seq)
            self.synced[conversation_id] = seq

    def _on_pending(self, frame: dict[str, Any]) -> None:
        self.pending.append(frame)

    def _on_closing(self, frame: dict[str, Any]) -> None:
        self.told.append(frame)


def _read(summary: dict[str, Any], msg_no: int) -> dict[str, Any]:
    read = max(summary["read_msg_no"], msg_no)
    return {**summary, "read_msg_no": read, "unread": summary["last_msg_no"] - read}


def change(summary: dict[str, Any], event: dict[str, Any], own_id: int) -> dict[str, Any]:
    """Return a summary after an event, worked out from protocol.md alone."""
    kind, data = event["kind"], event.get("data") or {}
    summary = {**summary, "last_seq": event["seq"]}
    if kind == "message.sent":
        message = event["message"]
        number = message["msg_no"]
        summary.update(last_msg_no=number, unread=number - summary["read_msg_no"], last_message=message)
        loud = {"system": "banner", "marketing": "folded"}.get(message.get("class", ""), "ring")
        offers = message.get("class") == "marketing" and summary["role"] in ("customer", "member")
        summary["own"] = {**summary["own"], "folded": offers and summary["enterprise_id"] is not None}
        summary["alert"] = None if message["sender_id"] == str(own_id) else event.get("alert", loud)
        waited = message.get("released", False) and summary["read_msg_no"] < number - 1
        return _read(summary, number) if message["sender_id"] == str(own_id) and not waited else summary
    if kind == "conversation.renamed":
        summary["title"] = data["title"]
    elif kind == "member.joined":
        summary["member_count"] += 1
    elif kind == "member.left":
        summary["member_count"] -= 1
    elif kind.startswith("session."):
        shown = ("state", "assignment_version", "agent_id", "agent_name")
        session = {"id": data["session_id"], **{key: data[key] for key in shown}}
        summary["session"] = session if data["state"] != "closed" else None  # a list shows open sessions only
    elif kind.startswith("message.") and event["message"]["seq"] == (summary["last_message"] or {}).get("seq"):
        summary["last_message"] = event["message"]
    elif kind == "member.role_changed" and data["account_id"] == str(own_id):
        summary["role"] = data["role"]
    return summary
