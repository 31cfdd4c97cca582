"""What can be done in a conversation, in plain Python: what the caller is told, and what the log has then."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.messaging_core.machines.model import DONE, Chat, Entry, Membership, Message, Outcome


@dataclass(slots=True, frozen=True)
class Send:
    """Send a text under a client id; a bot says for which version of the session it was made."""

    actor: int
    client_msg_id: str
    text: str
    version: int | None = None

    def apply(self, chat: Chat, now: int) -> Outcome:
        """Do it in the model. Repetitions first: who is out must not hear "refused" of what everybody sees."""
        key = (self.actor, self.client_msg_id)
        known = chat.answer(key, self.text)
        return known if known is not None else chat.deliver(key, self.text, now, version=self.version)


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
