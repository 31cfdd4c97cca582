"""When a bot speaks in a group: when it is called, or when a question has stayed unanswered. Never over a human.

A bot's message says by `reply_to` which message it answers, and the guard looks at what was said since. Questions are
watched by a timed job, which writes `question.unanswered` into the log for the bots to hear.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from kefu.base.clock import SECOND_US
from messaging_core.conversations import groups_store, store
from messaging_core.conversations.numbering import Numbering
from messaging_core.errors import ruled_out
from messaging_core.kernel.jobs import Job, schedule
from messaging_core.kernel.unit import Unit
from messaging_core.messages import reading_store
from messaging_core.messages.guards import Candidate, Rule, Wait
from messaging_core.messages.model import read_extra
from messaging_core.settings import Groups

UNANSWERED = "group.unanswered"
QUESTION_UNANSWERED = "question.unanswered"
_HUMAN = ("person", "agent")
_ASKS = re.compile(r"[?？]\s*\Z|(?:吗|呢|么|多少|哪里|怎么办|怎么样)[\s。.!！~～]*\Z")


@dataclass(slots=True, frozen=True)
class Said:
    """One message of a group, as etiquette sees it."""

    seq: int
    sender_id: int
    origin: str
    at_us: int
    text: str = ""
    mentions: frozenset[int] = frozenset()
    reply_to: int | None = None


def is_question(text: str) -> bool:
    """Return whether a text asks something, by its end."""
    return _ASKS.search(text) is not None


def is_unanswered(question: Said, since: Sequence[Said]) -> bool:
    """Return whether nobody but the asker has spoken since, neither human nor bot."""
    return not any(said.sender_id != question.sender_id for said in since)


def check_bot_may_speak(
    question: Said | None, since: Sequence[Said], *, bot_id: int, wait_us: int, now_us: int, replies: int
) -> None:
    """Refuse a bot's word in a group.

    Args:
        question: what it answers; None: nothing, or something that is long past.
        since: what was said after that, in order.
        replies: how often it may answer one message.
    """
    if question is None or question.origin not in _HUMAN:
        raise ruled_out("bot_not_asked")
    own = [said for said in since if said.sender_id == bot_id and said.reply_to == question.seq]
    others = [said for said in since if said.origin in _HUMAN and said.sender_id != question.sender_id]
    if len(own) >= replies:
        raise ruled_out("bot_not_asked")
    if bot_id in question.mentions:
        # Called by name it answers among others' talk, but not when one of them has answered for it.
        allowed = not any(said.reply_to == question.seq for said in others)
    else:
        allowed = is_question(question.text) and now_us - question.at_us >= wait_us and not others
    if not allowed:
        raise ruled_out("bot_not_asked")


class Etiquette(Rule):
    """The guard: bots of a batch are held to etiquette, people's questions are watched."""

    def __init__(self, unit: Unit, talks: dict[tuple[int, int], list[Said]], waits: dict[int, int]) -> None:
        self._limits: Groups = unit.tools.settings.groups
        self._now_us = unit.now_us
        self._talks = talks
        self._waits = waits
        self._asked: list[tuple[Candidate, int]] = []

    def judge(self, candidate: Candidate) -> Wait | None:
        """Refuse a bot that nobody has asked."""
        request, row = candidate.request, candidate.row
        if not _speaks_as_bot(candidate):
            return None
        talk = self._talks.get((row.found_id, request.quote.reply_to or 0), [])
        recent = bool(talk) and row.last_seq - talk[0].seq <= self._limits.bot_look_back
        check_bot_may_speak(
            talk[0] if recent else None,
            talk[1:],
            bot_id=request.actor.account_id,
            wait_us=self._waits.get(row.found_id, self._limits.bot_wait_s) * SECOND_US,
            now_us=self._now_us,
            replies=self._limits.bot_replies,
        )
        return None

    def accepted(self, candidate: Candidate) -> None:
        """Remember a question of a group that has a bot."""
        if not _speaks_as_bot(candidate) and candidate.row.found_id in self._waits and _asks(candidate):
            self._asked.append((candidate, self._waits[candidate.row.found_id]))

    def write(self, unit: Unit) -> None:
        """Have the questions looked at when their time is up."""
        for candidate, wait_s in self._asked:
            request = candidate.request
            schedule(
                unit,
                kind=UNANSWERED,
                run_at_us=unit.now_us + wait_s * SECOND_US,
                payload={
                    "conversation_id": str(request.conversation_id),
                    "sender_id": str(request.actor.account_id),
                    "client_msg_id": request.client_msg_id,
                },
                enterprise_id=candidate.row.enterprise_id,
            )


def load(unit: Unit, candidates: Sequence[Candidate]) -> Etiquette | None:
    """Read, for the bots and the questions of the batch, what was said and how long questions wait."""
    limits = unit.tools.settings.groups
    bots = [one for one in candidates if _speaks_as_bot(one)]
    asking = [one for one in candidates if one.row.enterprise_id is not None and _asks(one)]
    if not bots and not asking:
        return None
    wanted = {(one.row.found_id, one.request.quote.reply_to) for one in bots if one.request.quote.reply_to is not None}
    rows = reading_store.find_talk(
        unit.connection, sorted((place, seq, seq + limits.bot_look_back) for place, seq in wanted)
    )
    places = sorted({one.row.found_id for one in (*bots, *asking)})
    waits = groups_store.find_bot_waits(unit.connection, places)
    return Etiquette(
        unit,
        {key: [_said(row) for row in found] for key, found in rows.items()},
        {place: wait if wait is not None else limits.bot_wait_s for place, wait in waits.items()},
    )


def notice_unanswered(unit: Unit, job: Job) -> None:
    """Write down that a question has stayed unanswered, if it has: that is when a group's bot may speak."""
    conversation_id = int(job.payload["conversation_id"])
    conversation = store.lock(unit.connection, conversation_id)
    found = reading_store.find_by_client_id(
        unit.connection, conversation_id, int(job.payload["sender_id"]), job.payload["client_msg_id"]
    )
    if conversation is None or found is None or not groups_store.find_bot_waits(unit.connection, [conversation_id]):
        return
    look_back = unit.tools.settings.groups.bot_look_back
    key = (conversation_id, int(found))
    talk = reading_store.find_talk(unit.connection, [(*key, key[1] + look_back)]).get(key, [])
    said = [_said(row) for row in talk]
    gone_on = not said or conversation.last_seq - said[0].seq > look_back
    if gone_on or not is_question(said[0].text) or not is_unanswered(said[0], said[1:]):
        return
    numbering = Numbering.begin(unit, conversation_id, locked=conversation)
    numbering.add(QUESTION_UNANSWERED, actor_id=None, data={"message_seq": said[0].seq})
    numbering.finish()


def _speaks_as_bot(candidate: Candidate) -> bool:
    return candidate.row.conversation_kind == "group" and candidate.request.actor.kind == "bot"


def _asks(candidate: Candidate) -> bool:
    request = candidate.request
    if candidate.row.conversation_kind != "group" or candidate.origin not in _HUMAN or request.kind != "text":
        return False
    return is_question(str(msgspec.json.decode(request.body)["text"]))


def _said(row: store.MemberRow) -> Said:
    extra = read_extra(row.extra)
    return Said(
        seq=row.seq,
        sender_id=row.sender_id,
        origin=row.origin,
        at_us=row.created_at,
        text=str(msgspec.json.decode(row.body)["text"]) if row.kind == "text" else "",
        mentions=frozenset(map(int, extra.mentions)),
        reply_to=extra.reply_to.seq if extra.reply_to is not None else None,
    )
