"""What can be done with a service session. Who answers the customer changes here and nowhere else."""

from __future__ import annotations

from messaging_core.conversations import actions as conversations
from messaging_core.conversations import store as conversation_store
from messaging_core.conversations.numbering import Numbering
from messaging_core.conversations.policy import service_key
from messaging_core.desk import agents_store, policy, store
from messaging_core.errors import CoreError, forbidden, not_found
from messaging_core.identity import store as identity
from messaging_core.identity.policy import Actor
from messaging_core.identity.standing import check_unlocked
from messaging_core.kernel.unit import Unit


def open_service(unit: Unit, actor: Actor, *, enterprise_id: int) -> int:
    """Return the customer's conversation with an enterprise, made if need be, with an open session."""
    enterprise = identity.find_account(unit.connection, enterprise_id)
    if enterprise is None or enterprise.kind != "enterprise":
        raise not_found("account")
    if actor.kind not in ("personal", "visitor") or (actor.kind == "visitor" and actor.enterprise_id != enterprise_id):
        raise forbidden("customers_only")
    check_unlocked(enterprise, "desk")
    key = service_key(enterprise_id, actor.account_id)
    conversation_id = conversation_store.find_by_key(unit.connection, key)
    if conversation_id is None:
        conversation_id = conversations.create_conversation(
            unit,
            kind="service",
            created_by=actor.account_id,
            roles={actor.account_id: "customer"},
            title=enterprise.name,
            enterprise_id=enterprise_id,
            unique_key=key,
        )
    conversation = conversation_store.lock(unit.connection, conversation_id)
    assert conversation is not None
    if not store.find_open(unit.connection, [conversation_id]):
        numbering = Numbering.begin(unit, conversation_id, locked=conversation)
        open_session(unit, numbering, customer_id=actor.account_id, bot_id=enterprise.bot_account_id)
        numbering.finish()
    return conversation_id


def open_session(unit: Unit, numbering: Numbering, *, customer_id: int, bot_id: int | None) -> None:
    """Open a session in a locked conversation; the enterprise's bot, if it has one, becomes a member."""
    state, session_id = policy.first_state(has_bot=bot_id is not None), unit.new_id()
    conversation = numbering.conversation
    previous = store.find_current(unit.connection, conversation.id)
    store.insert_session(
        unit.connection,
        id=session_id,
        enterprise_id=conversation.enterprise_id,
        conversation_id=conversation.id,
        customer_id=customer_id,
        state=state,
        queued_at=unit.now_us if state == "queued" else None,
        agent_id=None,
        # Versions go on from one session to the next: a late answer to the last one must not fit the new one.
        assignment_version=(previous.assignment_version if previous else 0) + 1,
        reason="",
        opened_at=unit.now_us,
        changed_at=unit.now_us,
        closed_at=None,
    )
    if bot_id is not None:
        _let_bot_in(unit, numbering, bot_id, actor_id=None)
    _tell(unit, numbering, session_id, "session.opened", actor_id=customer_id)


def _let_bot_in(unit: Unit, numbering: Numbering, bot_id: int, *, actor_id: int | None) -> None:
    member = conversation_store.find_member(unit.connection, numbering.conversation.id, bot_id)
    if member is None or member.left_seq is not None:
        bot = identity.find_account(unit.connection, bot_id)
        name = bot.name if bot else ""
        conversations.join(unit, numbering, bot_id, "bot", name=name, actor_id=actor_id, sees_all=True)


def request_agent(unit: Unit, actor: Actor, *, session_id: int, reason: str, summary: str = "") -> None:
    """Put a session into the queue for a human, at the wish of the customer, the bot or staff.

    `summary` is what the agent should know at once; what a customer gives as one is passed over.
    """
    session, numbering = _begin(unit, session_id)
    if actor.account_id != session.customer_id and not actor.serves(session.enterprise_id):
        _check_is_its_bot(unit, actor, session)
    if session.state in ("queued", "agent"):
        return  # the wish is fulfilled already; asking twice must not lose the place in the queue
    policy.check_action(session.state, "request_agent")
    _step(unit, session, state="queued", agent_id=None, reason=reason)
    if summary and actor.account_id != session.customer_id:
        store.update_session(unit.connection, session_id, summary=summary)
    _tell(unit, numbering, session_id, policy.EVENT["request_agent"], actor_id=actor.account_id, reason=reason)
    numbering.finish()


def take(unit: Unit, actor: Actor, *, session_id: int) -> None:
    """Take a session over: from the queue, from the bot, or from a colleague; never more than one's capacity."""
    session, numbering = _begin(unit, session_id, staff=actor)
    policy.check_action(session.state, "take")
    if session.agent_id == actor.account_id:
        return
    _hand_to(unit, numbering, session, agent_id=actor.account_id, actor=actor)
    numbering.finish()


def transfer(unit: Unit, actor: Actor, *, session_id: int, agent_id: int | None) -> None:
    """Give one's session to a colleague, or with None back to the queue."""
    session, numbering = _begin(unit, session_id, staff=actor)
    _check_has_it(actor, session)
    policy.check_action(session.state, "transfer")
    if agent_id is None:
        _release_agent(unit, numbering, session, actor, reason="handed_back")
        _step(unit, session, state="queued", agent_id=None, reason="transfer")
        _tell(unit, numbering, session_id, "session.queued", actor_id=actor.account_id, reason="transfer")
    else:
        role = identity.find_staff_role(unit.connection, session.enterprise_id, agent_id)
        if role not in ("owner", "admin", "agent"):
            raise not_found("member")
        _hand_to(unit, numbering, session, agent_id=agent_id, actor=actor)
    numbering.finish()


def hand_back(unit: Unit, actor: Actor, *, session_id: int) -> None:
    """Give a session back to the bot, or to the queue where the enterprise has none."""
    session, numbering = _begin(unit, session_id, staff=actor)
    policy.check_action(session.state, "hand_back")
    _check_has_it(actor, session)
    _release_agent(unit, numbering, session, actor, reason="handed_back")
    enterprise = identity.find_account(unit.connection, session.enterprise_id)
    bot_id = enterprise.bot_account_id if enterprise is not None else None
    if bot_id is not None:  # it may have been chosen after the session was opened
        _let_bot_in(unit, numbering, bot_id, actor_id=actor.account_id)
    _step(unit, session, state=policy.first_state(has_bot=bot_id is not None), agent_id=None, reason="")
    _tell(unit, numbering, session_id, policy.EVENT["hand_back"], actor_id=actor.account_id)
    numbering.finish()


def close(unit: Unit, actor: Actor, *, session_id: int) -> None:
    """End a session; the customer's next message opens a new one."""
    session, numbering = _begin(unit, session_id)
    if actor.account_id != session.customer_id and not actor.serves(session.enterprise_id):
        _check_is_its_bot(unit, actor, session)
        policy.check_bot_may_close(session.state, current=session.assignment_version)
    policy.check_action(session.state, "close")
    _release_agent(unit, numbering, session, actor, reason="closed")
    _step(unit, session, state="closed", agent_id=session.agent_id, reason=session.reason, closed_at=unit.now_us)
    _tell(unit, numbering, session_id, policy.EVENT["close"], actor_id=actor.account_id)
    numbering.finish()


def release_staff(
    unit: Unit, actor: Actor | None, *, enterprise_id: int, account_id: int, reason: str = "transfer"
) -> None:
    """Put the sessions of somebody who serves no more into the queue; he sees and says nothing in them from now.

    They keep their place in time: who waited before stands before who came since.
    """
    for found in store.list_of_agent(unit.connection, enterprise_id, account_id):
        session, numbering = _begin(unit, found.id)
        if session.agent_id == account_id:  # it may have moved on before it was locked
            _release_agent(unit, numbering, session, actor, reason="removed")
            _step(unit, session, state="queued", agent_id=None, reason=reason)
            actor_id = actor.account_id if actor is not None else None
            _tell(unit, numbering, session.id, "session.queued", actor_id=actor_id, reason=reason)
        numbering.finish()


def assign(unit: Unit, *, session_id: int) -> bool:
    """Give a waiting session to the agent with the most room; return False when nobody has any, or it waits no more."""
    session, numbering = _begin(unit, session_id)
    assigned = False
    if session.state == "queued":
        seats = agents_store.list_seats(unit.connection, session.enterprise_id)
        seat = policy.choose_seat(seats, not_account_id=session.customer_id)
        if seat is not None:
            try:
                _hand_to(unit, numbering, session, agent_id=seat.account_id, actor=None)
                assigned = True
            except CoreError as refusal:
                # Another session was given to him meanwhile: the next look takes somebody else.
                if refusal.code != "agent_full":
                    raise
    numbering.finish()
    return assigned


def rate(unit: Unit, actor: Actor, *, session_id: int, stars: int, text: str) -> None:
    """Record how content the customer is with a session that is closed; he may change his mind."""
    session = store.find_session(unit.connection, session_id)
    if session is None or session.customer_id != actor.account_id:
        raise not_found("session")
    policy.check_action(session.state, "rate")
    store.update_session(unit.connection, session_id, stars=stars, stars_text=text)


def _begin(unit: Unit, session_id: int, *, staff: Actor | None = None) -> tuple[store.SessionRow, Numbering]:
    """Lock the session's conversation and return the session as it is then."""
    found = store.find_session(unit.connection, session_id)
    if found is None or (staff is not None and not staff.serves(found.enterprise_id)):
        raise not_found("session")
    numbering = Numbering.begin(unit, found.conversation_id)
    session = store.find_session(unit.connection, session_id)
    assert session is not None
    return session, numbering


def _hand_to(
    unit: Unit, numbering: Numbering, session: store.SessionRow, *, agent_id: int, actor: Actor | None
) -> None:
    if agent_id == session.customer_id:
        # He is in the conversation already, as the customer; as its agent he would lose that place at the end.
        raise forbidden("own_session")
    agents_store.lock_agent(unit.connection, session.enterprise_id, agent_id)
    for seat in agents_store.list_seats(unit.connection, session.enterprise_id, account_id=agent_id):
        policy.check_room(seat)
    agents_store.update_agent(unit.connection, session.enterprise_id, agent_id, assigned_at=unit.now_us)
    _release_agent(unit, numbering, session, actor, reason="handed_back")
    _step(unit, session, state="agent", agent_id=agent_id, reason=session.reason)
    agent = identity.find_account(unit.connection, agent_id)
    actor_id = actor.account_id if actor is not None else None
    conversations.join(
        unit,
        numbering,
        agent_id,
        "agent",
        name=agent.name if agent else "",
        actor_id=actor_id,
        sees_all=True,
    )
    _tell(unit, numbering, session.id, policy.EVENT["take"], actor_id=actor_id)


def _release_agent(
    unit: Unit, numbering: Numbering, session: store.SessionRow, actor: Actor | None, *, reason: str
) -> None:
    if session.agent_id is None:
        return
    member = conversation_store.find_member(unit.connection, session.conversation_id, session.agent_id)
    if member is not None and member.left_seq is None:
        actor_id = actor.account_id if actor is not None else None
        conversations.leave(unit, numbering, session.agent_id, actor_id=actor_id, reason=reason)


def _step(
    unit: Unit,
    session: store.SessionRow,
    *,
    state: policy.State,
    agent_id: int | None,
    reason: str,
    closed_at: int | None = None,
) -> None:
    queued_at = session.queued_at
    if state == "queued":
        # Who was with an agent waits since he first came into the queue; who was with the bot, since now.
        queued_at = queued_at if session.state == "agent" and queued_at is not None else unit.now_us
    elif state == "bot":
        queued_at = None
    store.update_session(
        unit.connection,
        session.id,
        queued_at=queued_at,
        state=state,
        agent_id=agent_id,
        reason=reason,
        assignment_version=session.assignment_version + 1,
        changed_at=unit.now_us,
        closed_at=closed_at,
    )


def _tell(
    unit: Unit, numbering: Numbering, session_id: int, kind: str, *, actor_id: int | None, reason: str = ""
) -> None:
    session = store.find_session(unit.connection, session_id)
    assert session is not None
    data: dict[str, object] = {
        "session_id": str(session.id),
        "state": session.state,
        "assignment_version": session.assignment_version,
        "agent_id": str(session.agent_id) if session.agent_id is not None else None,
        "agent_name": session.agent_name,
    }
    if reason:
        data["reason"] = reason
    numbering.add(kind, actor_id=actor_id, data=data)


def _check_has_it(actor: Actor, session: store.SessionRow) -> None:
    if session.agent_id != actor.account_id and actor.staff_role not in ("owner", "admin"):
        raise forbidden("assigned_only")


def _check_is_its_bot(unit: Unit, actor: Actor, session: store.SessionRow) -> None:
    member = conversation_store.find_member(unit.connection, session.conversation_id, actor.account_id)
    if actor.kind != "bot" or member is None or member.left_seq is not None:
        raise CoreError("not_found", what="session")
