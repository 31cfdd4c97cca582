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
class Waits:
    """Why a message has no number, or got none."""

    status: str
    """held, queued, refused, recalled."""
    rule: str
    until: int | None = None
    since: int = 0

    def is_due(self, now: int) -> bool:
        """Return whether it was queued and its time has come."""
        return self.status == "queued" and self.until is not None and self.until <= now


@dataclass(slots=True, frozen=True)
class Unsent:
    """A message that waits, and what became of one that was not let go."""

    text: str
    version: int | None
    waits: Waits


@dataclass(slots=True, frozen=True)
class Outcome:
    """What the caller is told: a refusal's code, for a send its place, or why it has none."""

    refused: str | None = None
    seq: int = 0
    msg_no: int = 0
    duplicate: bool = False
    rule: str = ""
    """Of a refused send: the rule that it met."""
    waits: Waits | None = None


DONE = Outcome()
LISTED = "刷单返利"
"""Words that hold a message for a reviewer."""
Key = tuple[int, str]
"""(sender, client id) of a message."""


@dataclass(slots=True)
class Chat:
    """One conversation."""

    kind: str
    title: str
    log: list[Entry] = field(default_factory=list)
    members: dict[int, Membership] = field(default_factory=dict)
    sent: dict[Key, tuple[str, int, int]] = field(default_factory=dict)
    """Text, seq, msg_no."""
    unsent: dict[Key, Unsent] = field(default_factory=dict)
    cases: dict[tuple[Key, str], str] = field(default_factory=dict)
    """(message, `held` or `appeal`) -> open, decided, withdrawn: a reviewer's cases."""
    told: list[tuple[Key, Waits]] = field(default_factory=list)
    """What senders were told unasked of what waits."""
    last_msg_no: int = 0
    limit: int = 200
    past: dict[int, list[Entry]] = field(default_factory=dict)
    """What entries were before their message was changed: a device that was there has seen them so."""
    deleted: set[tuple[int, int]] = field(default_factory=set)
    """(account, msg_no) of what somebody has deleted for himself."""
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

    # --- sending ---------------------------------------------------------------------------------------------

    def answer(self, key: Key, text: str) -> Outcome | None:
        """Return what a repetition is told; None when it is none."""
        reused = Outcome(refused="client_msg_id_reused")
        if key in self.sent:
            said, seq, msg_no = self.sent[key]
            return Outcome(seq=seq, msg_no=msg_no, duplicate=True) if said == text else reused
        unsent = self.unsent.get(key)
        if unsent is None:
            return None
        if unsent.text != text:
            return reused
        if unsent.waits.status == "refused":
            return Outcome(refused="not_allowed", rule=unsent.waits.rule)
        return Outcome(waits=unsent.waits, duplicate=True)

    def deliver(self, key: Key, text: str, now: int, *, version: int | None, released: bool = False) -> Outcome:
        """Number a message, have it wait, or refuse it; `released`: it has waited."""
        member = self.place(key[0])
        refused = self.refuses(member, version)
        if refused is not None or member is None:
            return Outcome(refused=refused)
        word = self.judge(member, text, now, released=released)
        if word is not None and word.waits is not None:
            self.unsent[key] = Unsent(text, version, word.waits)
            if word.waits.status == "held":
                self.cases[key, "held"] = "open"
        if word is not None:
            return word
        self.unsent.pop(key, None)
        self.accepted(member, text, now)
        self.last_msg_no += 1
        message = Message(*key, text, self.last_msg_no)
        seq = self.add(Entry("message.sent", key[0], message=message))
        self.sent[key] = (text, seq, self.last_msg_no)
        if not released or member.read == self.last_msg_no - 1:
            member.read = self.last_msg_no
        return Outcome(seq=seq, msg_no=self.last_msg_no)

    def refuses(self, member: Membership | None, version: int | None) -> str | None:
        """Return why somebody may not speak."""
        return "not_a_member" if member is None else None

    def judge(self, member: Membership, text: str, now: int, *, released: bool) -> Outcome | None:
        """Return the rule that keeps a message back; None: it may go."""
        if LISTED in text and not released and member.role != "bot":
            return Outcome(waits=Waits("held", "screening", since=now))
        return None

    def accepted(self, member: Membership, text: str, now: int) -> None:
        """Note what follows from a message that goes out, before it takes its number."""

    def release(self, key: Key, now: int) -> None:
        """Let go what waits; whoever may not speak any more, or not so, hears that."""
        unsent = self.unsent[key]
        outcome = self.deliver(key, unsent.text, now, version=unsent.version, released=True)
        if outcome.refused is not None:
            self.keep_back(key, "refused", outcome.rule or outcome.refused, now)
        elif outcome.waits is not None:
            self.told.append((key, outcome.waits))

    def keep_back(self, key: Key, status: str, rule: str, now: int) -> None:
        """End a message that waits without a number."""
        unsent = self.unsent[key]
        waits = replace(unsent.waits, status=status, rule=rule, since=now)
        self.unsent[key] = replace(unsent, waits=waits)
        self.told.append((key, replace(waits, until=None)))

    # --- changing --------------------------------------------------------------------------------------------

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


def read(chat: Chat, account: int, msg_no: int) -> bool:
    """Move a read cursor; return whether it moved."""
    member = chat.place(account)
    wanted = min(msg_no, chat.last_msg_no)
    if member is None or wanted <= member.read:
        return False
    member.read = wanted
    return True
