"""What can be done to messages that wait, in plain Python: taken back, decided, appealed. None has a number."""

from __future__ import annotations

from dataclasses import dataclass

from tests.messaging_core.machines.model import DONE, Chat, Key, Outcome


@dataclass(slots=True, frozen=True)
class TakeBack:
    """Its sender takes back what waits; nobody has seen it."""

    actor: int
    client_msg_id: str

    def apply(self, chat: Chat, now: int) -> Outcome:
        """Do it in the model."""
        key = (self.actor, self.client_msg_id)
        unsent = chat.unsent.get(key)
        if unsent is None or unsent.waits.status not in ("held", "queued"):
            return Outcome(refused="not_found")
        if chat.cases.get((key, "held")) == "open":
            chat.cases[key, "held"] = "withdrawn"
        chat.keep_back(key, "recalled", unsent.waits.rule, now)
        return DONE


@dataclass(slots=True, frozen=True)
class Decide:
    """A reviewer decides a case: `held` (release, confirm) or `appeal` (grant, reject)."""

    actor: int
    key: Key
    kind: str
    verdict: str

    def apply(self, chat: Chat, now: int) -> Outcome:
        """Do it in the model."""
        if chat.cases[self.key, self.kind] != "open":
            return Outcome(refused="wrong_state")
        chat.cases[self.key, self.kind] = "decided"
        unsent = chat.unsent.get(self.key)
        waiting = "held" if self.kind == "held" else "refused"
        if unsent is None or unsent.waits.status != waiting:
            return DONE
        if self.verdict in ("release", "grant"):
            chat.release(self.key, now)
        elif self.verdict == "confirm":
            chat.keep_back(self.key, "refused", unsent.waits.rule, now)
        return DONE


@dataclass(slots=True, frozen=True)
class Appeal:
    """Its sender asks a reviewer to look again at what was refused; once."""

    actor: int
    client_msg_id: str

    def apply(self, chat: Chat, now: int) -> Outcome:
        """Do it in the model."""
        key = (self.actor, self.client_msg_id)
        unsent = chat.unsent.get(key)
        if unsent is None or unsent.waits.status != "refused":
            return Outcome(refused="not_found")
        if (key, "appeal") in chat.cases:
            return Outcome(refused="already_exists")
        chat.cases[key, "appeal"] = "open"
        return DONE


@dataclass(slots=True, frozen=True)
class Due:
    """A message that was queued is let go; it does this itself, so there is an actor in name only."""

    actor: int
    client_msg_id: str

    def apply(self, chat: Chat, now: int) -> Outcome:
        """Do it in the model."""
        unsent = chat.unsent.get((self.actor, self.client_msg_id))
        if unsent is not None and unsent.waits.is_due(now):
            chat.release((self.actor, self.client_msg_id), now)
        return DONE


Review = TakeBack | Decide | Appeal | Due
