"""From the model's actions to the messenger's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import select

from messaging_core.api import Actor
from messaging_core.conversations import actions
from messaging_core.desk import actions as desk
from messaging_core.desk.store import service_sessions
from messaging_core.kernel.unit import Unit
from messaging_core.messages import acts
from messaging_core.safety import actions as safety
from tests.messaging_core.machines.actions_model import Act, Action, Add, Remove, Rename, SetRole
from tests.messaging_core.machines.desk_model import Desk, ServiceChat
from tests.messaging_core.machines.model import Chat, Outcome
from tests.messaging_core.machines.review_model import Appeal, Decide, Review, TakeBack

AnyAction = Action | Desk | Review


def apply(action: AnyAction, chat: Chat, now: int) -> Outcome:
    """Do something in the model."""
    if isinstance(action, Desk):
        assert isinstance(chat, ServiceChat)
        return action.apply(chat, now)
    return action.apply(chat, now)


def to_work(actor: Actor, conversation_id: int, action: AnyAction, *, about: int = 0) -> Callable[[Unit], None]:
    """Return what does an action, other than sending, in a transaction; `about`: a message's `seq`, or a case."""

    def work(unit: Unit) -> None:
        if isinstance(action, Add):
            actions.add_members(unit, actor, conversation_id=conversation_id, account_ids=list(action.accounts))
        elif isinstance(action, Remove):
            actions.remove_member(unit, actor, conversation_id=conversation_id, account_id=action.account)
        elif isinstance(action, SetRole):
            role: Any = action.role
            actions.set_role(unit, actor, conversation_id=conversation_id, account_id=action.account, role=role)
        elif isinstance(action, Rename):
            actions.rename(unit, actor, conversation_id=conversation_id, title=action.title)
        elif isinstance(action, Act):
            _to_message(unit, actor, conversation_id, action, about)
        elif isinstance(action, Desk):
            _at_the_desk(unit, actor, conversation_id, action)
        elif isinstance(action, Decide):
            verdict: Any = action.verdict
            safety.decide(unit, actor, case_id=about, verdict=verdict, note="")
        elif isinstance(action, TakeBack):
            safety.recall_pending(unit, actor, conversation_id=conversation_id, client_msg_id=action.client_msg_id)
        elif isinstance(action, Appeal):
            key = action.client_msg_id
            safety.appeal_message(unit, actor, conversation_id=conversation_id, client_msg_id=key, text="误会")

    return work


def _to_message(unit: Unit, actor: Actor, conversation_id: int, action: Act, seq: int) -> None:
    if action.what == "recall":
        acts.recall(unit, actor, conversation_id=conversation_id, seq=seq)
    elif action.what == "edit":
        raw = msgspec.json.encode({"text": "改过了"})
        acts.edit(unit, actor, conversation_id=conversation_id, seq=seq, kind="text", v=1, raw=raw)
    elif action.what == "delete":
        acts.delete_for_me(unit, actor, conversation_id=conversation_id, seq=seq)
    else:
        on = action.what == "like"
        acts.react(unit, actor, conversation_id=conversation_id, seq=seq, emoji="👍", on=on)


def _at_the_desk(unit: Unit, actor: Actor, conversation_id: int, action: Desk) -> None:
    query = (
        select(service_sessions.c.id)
        .where(service_sessions.c.conversation_id == conversation_id)
        .order_by(service_sessions.c.assignment_version)
        .offset(action.number)
        .limit(1)
    )
    session_id = unit.connection.execute(query).scalar_one()
    if action.what == "request_agent":
        desk.request_agent(unit, actor, session_id=session_id, reason="")
    elif action.what == "transfer":
        desk.transfer(unit, actor, session_id=session_id, agent_id=action.to)
    else:
        getattr(desk, action.what)(unit, actor, session_id=session_id)
