"""What conversations should do, in plain Python: the log, who is in it, who has read how far."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace


@dataclass(slots=True, frozen=True)
class Entry:
    """One numbered change."""

    kind: str
    actor: int
    account: int | None = None
    word: str = ""
    """Role, title or reason."""
    message: Message | None = None


@dataclass(slots=True, frozen=True)
class Message:
    """A message as its sender meant it."""

    sender: int
    client_msg_id: str
    text: str
    msg_no: int
    liked: tuple[int, ...] = ()


@dataclass(slots=True)
class Membership:
    """One account's place; `spells` are the stretches of the log that were its to see."""

    role: str
    joined_at: int
    read: int
    spells: list[tuple[int, int | None]]
    joined: int = 1

    @property
    def present(self) -> bool:
        """Return whether the account is a member now."""
        return self.spells[-1][1] is None

    def may_see(self, seq: int) -> bool:
        """Return whether it was a member when this was said."""
        return any(first <= seq and (last is None or seq <= last) for first, last in self.spells)


@dataclass(slots=True, frozen=True)
class Outcome:
    """What the caller is told: a refusal's code, or for a send its place."""

    refused: str | None = None
    seq: int = 0
    msg_no: int = 0
    duplicate: bool = False


DONE = Outcome()


@dataclass(slots=True)
class Chat:
    """One conversation."""

    kind: str
    title: str
    log: list[Entry] = field(default_factory=list)
    members: dict[int, Membership] = field(default_factory=dict)
    sent: dict[tuple[int, str], tuple[str, int, int]] = field(default_factory=dict)
    """(sender, client id) -> text, seq, msg_no."""
    last_msg_no: int = 0
    limit: int = 200
    past: dict[int, list[Entry]] = field(default_factory=dict)
    """What entries were before their message was changed: a device that was there has seen them so."""
    deleted: set[tuple[int, int]] = field(default_factory=set)
    """(account, msg_no) of what somebody has deleted for himself."""
    sent_at: dict[int, int] = field(default_factory=dict)
    reactions: dict[int, dict[str, list[int]]] = field(default_factory=dict)

    @property
    def last_seq(self) -> int:
        """Return the number of the last change."""
        return len(self.log)

    def present(self) -> list[int]:
        """Return the members of now."""
        return [account for account, member in self.members.items() if member.present]

    def place(self, account: int) -> Membership | None:
        """Return a present membership."""
        member = self.members.get(account)
        return member if member is not None and member.present else None

    def add(self, entry: Entry) -> int:
        """Write a change and return its number."""
        self.log.append(entry)
        return len(self.log)

    def rewrite(self, message: Message) -> None:
        """Give a message another form wherever the log brings it."""
        for place, entry in enumerate(self.log):
            if entry.message is not None and entry.message.msg_no == message.msg_no:
                self.past.setdefault(place + 1, []).append(entry)
                self.log[place] = replace(entry, message=message)

    def copy(self) -> Chat:
        """Return an independent copy."""
        return copy.deepcopy(self)


def create(kind: str, *, title: str, creator: int, others: list[int], now: int, limit: int = 200) -> Chat:
    """Return a new conversation with its first event."""
    chat = Chat(kind, title, limit=limit)
    chat.add(Entry("conversation.created", creator, word=title))
    first = "owner" if kind == "group" else "member"
    for account in [creator, *others]:
        role = first if account == creator else "member"
        chat.members[account] = Membership(role, now, 0, [(1, None)])
    return chat


@dataclass(slots=True, frozen=True)
class Send:
    """Send a text under a client id."""

    actor: int
    client_msg_id: str
    text: str

    def apply(self, chat: Chat, now: int) -> Outcome:
        """Do it in the model."""
        known = chat.sent.get((self.actor, self.client_msg_id))
        if known is not None:
            text, seq, msg_no = known
            if text != self.text:
                return Outcome(refused="client_msg_id_reused")
            return Outcome(seq=seq, msg_no=msg_no, duplicate=True)
        member = chat.place(self.actor)
        if member is None:
            return Outcome(refused="not_a_member")
        chat.last_msg_no += 1
        message = Message(self.actor, self.client_msg_id, self.text, chat.last_msg_no)
        seq = chat.add(Entry("message.sent", self.actor, message=message))
        chat.sent[self.actor, self.client_msg_id] = (self.text, seq, chat.last_msg_no)
        chat.sent_at[seq] = now
        member.read = chat.last_msg_no
        return Outcome(seq=seq, msg_no=chat.last_msg_no)


@dataclass(slots=True, frozen=True)
class Add:
    """Add people to a group."""

    actor: int
    accounts: tuple[int, ...]

    def apply(self, chat: Chat, now: int) -> Outcome:
        """Do it in the model."""
        own = chat.place(self.actor)
        if own is None:
            return Outcome(refused="not_a_member")
        if chat.kind != "group" or own.role == "member":
            return Outcome(refused="forbidden")
        new = [account for account in dict.fromkeys(self.accounts) if chat.place(account) is None]
        if new and len(chat.present()) + len(new) > chat.limit:
            return Outcome(refused="group_full")
        for account in new:
            seq = chat.add(Entry("member.joined", self.actor, account, "member"))
            before = chat.members.get(account)
            spells: list[tuple[int, int | None]] = [*(before.spells if before else []), (seq, None)]
            chat.members[account] = Membership("member", now, chat.last_msg_no, spells, joined=seq)
        return DONE


@dataclass(slots=True, frozen=True)
class Remove:
    """Remove somebody, or leave."""

    actor: int
    account: int

    def apply(self, chat: Chat, now: int) -> Outcome:
        """Do it in the model."""
        own, target = chat.place(self.actor), chat.place(self.account)
        if own is None:
            return Outcome(refused="not_a_member")
        if chat.kind != "group":
            return Outcome(refused="forbidden")
        if target is None:
            return Outcome(refused="not_found")
        rank = {"owner": 2, "admin": 1, "member": 0}
        itself = self.actor == self.account
        if not itself and rank[own.role] <= rank[target.role]:
            return Outcome(refused="forbidden")
        seq = chat.add(Entry("member.left", self.actor, self.account, "left" if itself else "removed"))
        target.spells[-1] = (target.spells[-1][0], seq)
        if target.role == "owner" and chat.present():
            heir = min(
                chat.present(), key=lambda who: (chat.members[who].role != "admin", chat.members[who].joined_at, who)
            )
            chat.members[heir].role = "owner"
            chat.add(Entry("member.role_changed", self.actor, heir, "owner"))
        return DONE


@dataclass(slots=True, frozen=True)
class SetRole:
    """Appoint, dismiss, hand over."""

    actor: int
    account: int
    role: str

    def apply(self, chat: Chat, now: int) -> Outcome:
        """Do it in the model."""
        own, target = chat.place(self.actor), chat.place(self.account)
        if own is None:
            return Outcome(refused="not_a_member")
        if chat.kind != "group" or own.role != "owner":
            return Outcome(refused="forbidden")
        if target is None:
            return Outcome(refused="not_found")
        if self.actor == self.account:
            return Outcome(refused="forbidden")
        if target.role == self.role:
            return DONE
        target.role = self.role
        chat.add(Entry("member.role_changed", self.actor, self.account, self.role))
        if self.role == "owner":
            own.role = "admin"
            chat.add(Entry("member.role_changed", self.actor, self.actor, "admin"))
        return DONE


@dataclass(slots=True, frozen=True)
class Rename:
    """Give another title."""

    actor: int
    title: str

    def apply(self, chat: Chat, now: int) -> Outcome:
        """Do it in the model."""
        own = chat.place(self.actor)
        if own is None:
            return Outcome(refused="not_a_member")
        if chat.kind != "group" or own.role == "member":
            return Outcome(refused="forbidden")
        chat.title = self.title
        chat.add(Entry("conversation.renamed", self.actor, word=self.title))
        return DONE


@dataclass(slots=True, frozen=True)
class Act:
    """Do something to a message that stands: `recall`, `edit`, `like`, `unlike`, `delete` (for oneself)."""

    actor: int
    what: str
    at: int

    def seq(self, chat: Chat) -> int:
        """Return where the message stands; 1, where none is, when there is none."""
        sent = [seq for seq, entry in enumerate(chat.log, start=1) if entry.kind == "message.sent"]
        return sent[self.at % len(sent)] if sent else 1

    def apply(self, chat: Chat, now: int) -> Outcome:
        """Do it in the model."""
        own, seq = chat.place(self.actor), self.seq(chat)
        message = chat.log[seq - 1].message
        if own is None:
            return Outcome(refused="not_a_member")
        gone = message is not None and (self.actor, message.msg_no) in chat.deleted
        if message is None or seq < own.spells[-1][0] or (gone and self.what != "delete"):
            return Outcome(refused="not_found")
        if self.what == "delete":
            if not gone:
                chat.deleted.add((self.actor, message.msg_no))
                chat.add(Entry("message.deleted", self.actor, message=message))
            return DONE
        if self.what in ("like", "unlike"):
            return self._react(chat, seq, message)
        return self._change(chat, seq, message, own)

    def _react(self, chat: Chat, seq: int, message: Message) -> Outcome:
        if message.text == "<recalled>":
            return Outcome(refused="not_found")
        who = chat.reactions.setdefault(seq, {}).setdefault("👍", [])
        if (self.actor in who) == (self.what == "like"):
            return DONE
        if self.what == "like":
            who.append(self.actor)
        else:
            who.remove(self.actor)
        chat.rewrite(replace(message, liked=tuple(who)))
        chat.add(Entry("message.reacted", self.actor, message=replace(message, liked=tuple(who))))
        return DONE

    def _change(self, chat: Chat, seq: int, message: Message, own: Membership) -> Outcome:
        recalled = message.text == "<recalled>"
        if self.what == "recall" and recalled:
            return DONE
        rank = {"owner": 2, "admin": 1, "member": 0}
        above = chat.kind == "group" and rank[own.role] > rank[chat.members[message.sender].role]
        if message.sender != self.actor and not (above and self.what == "recall"):
            return Outcome(refused="forbidden")
        if recalled:
            return Outcome(refused="forbidden")
        if self.what == "recall":
            changed = replace(message, text="<recalled>", liked=())
            chat.reactions.pop(seq, None)
        else:
            changed = replace(message, text="改过了")
            if changed == message:
                return DONE
        chat.rewrite(changed)
        chat.add(Entry(f"message.{self.what}ed", self.actor, message=changed))
        return DONE


Action = Send | Add | Remove | SetRole | Rename | Act


def read(chat: Chat, account: int, msg_no: int) -> bool:
    """Move a read cursor; return whether it moved."""
    member = chat.place(account)
    wanted = min(msg_no, chat.last_msg_no)
    if member is None or wanted <= member.read:
        return False
    member.read = wanted
    return True
