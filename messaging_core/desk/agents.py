"""What can be done with attendance and the desk's settings: who works, how much each takes, who gets the next one."""

from __future__ import annotations

from sqlalchemy import Connection

from messaging_core.desk import actions, agents_store, store
from messaging_core.desk.agents_store import DeskSettings
from messaging_core.desk.policy import Seat, Status
from messaging_core.errors import forbidden, not_found
from messaging_core.identity.policy import Actor, check_manages
from messaging_core.kernel.unit import Unit


def check_serves(actor: Actor) -> int:
    """Return the enterprise whose customers the actor serves; refuse everybody else."""
    if actor.enterprise_id is None or not actor.serves(actor.enterprise_id):
        raise forbidden("staff_only")
    return actor.enterprise_id


def set_status(unit: Unit, actor: Actor, *, status: Status) -> None:
    """Say that one works, takes a break, or goes home.

    From his first word on an agent's attendance is watched: when he goes, or is not seen for the grace time, his
    sessions return to the queue.
    """
    enterprise_id = check_serves(actor)
    agents_store.update_agent(unit.connection, enterprise_id, actor.account_id, status=status, seen_at=unit.now_us)


def set_capacity(unit: Unit, actor: Actor, *, account_id: int, capacity: int | None) -> None:
    """Set how many sessions an agent may have at once; None: as many as the desk's settings say."""
    enterprise_id = check_serves(actor)
    check_manages(actor, enterprise_id)
    if not agents_store.list_seats(unit.connection, enterprise_id, account_id=account_id):
        raise not_found("member")
    agents_store.update_agent(unit.connection, enterprise_id, account_id, capacity=capacity)


def get_seat(unit: Unit, actor: Actor, *, account_id: int) -> Seat:
    """Return one of the actor's colleagues, or himself."""
    seats = agents_store.list_seats(unit.connection, check_serves(actor), account_id=account_id)
    if not seats:
        raise not_found("member")
    return seats[0]


def change_settings(unit: Unit, actor: Actor, settings: DeskSettings) -> None:
    """Replace the desk's settings."""
    enterprise_id = check_serves(actor)
    check_manages(actor, enterprise_id)
    agents_store.write_settings(unit.connection, enterprise_id, settings)


def find_assignable(connection: Connection, *, enterprise_id: int) -> list[int]:
    """Return the waiting sessions that there is room for, in order of arrival; none where agents take themselves."""
    if not agents_store.read_settings(connection, enterprise_id).auto_assign:
        return []
    seats = agents_store.list_seats(connection, enterprise_id)
    room = sum(seat.room for seat in seats if seat.status == "online")
    return [row.id for row in store.list_queue(connection, enterprise_id, limit=room)] if room else []


def send_home(unit: Unit, *, enterprise_id: int, account_id: int, not_seen_since_us: int) -> None:
    """Return the sessions of an agent who was not seen for the grace time to the queue, and note that he is offline."""
    actions.release_staff(unit, None, enterprise_id=enterprise_id, account_id=account_id, reason="agent_offline")
    # Last: whoever hands him a session holds the conversation first and his row second.
    agents_store.lock_agent(unit.connection, enterprise_id, account_id)
    for watched in agents_store.list_watched(unit.connection):
        if (watched.enterprise_id, watched.account_id) == (enterprise_id, account_id) and (
            watched.seen_at_us <= not_seen_since_us
        ):
            agents_store.update_agent(unit.connection, enterprise_id, account_id, status="offline")
