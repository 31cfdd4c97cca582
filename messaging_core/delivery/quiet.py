"""Do-not-disturb on the way to the devices: what arrives while its reader wants no sound says so. Nothing is withheld.

A link holds its reader's own hours, read when it opens and told anew when they change, so a push asks no database. Of
what is pushed there are two encodings at most, whoever is in the conversation: with a sound, and without; only who has
a special follow among the senders gets his own.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from messaging_core.delivery.classes import Alert, MessageClass, alert_of
from messaging_core.delivery.link import Block, Link
from messaging_core.identity import contacts_store, privacy_store
from messaging_core.identity.privacy_policy import Quiet
from messaging_core.kernel.event_log import MESSAGE_SENT, Event
from messaging_core.kernel.unit import Unit


class Shown(msgspec.Struct):
    """What decides how loud a message is."""

    sender_id: str
    message_class: MessageClass = msgspec.field(default="interactive", name="class")


read_shown = msgspec.json.Decoder(Shown).decode


def read_quiet(connection: Connection, account_id: int) -> Quiet | None:
    """Return somebody's do-not-disturb hours, None when he has none."""
    silences = privacy_store.find_silences(connection, [account_id])[account_id]
    if not silences:
        return None
    zone = privacy_store.find_zone(connection, account_id)
    return Quiet(zone, silences, frozenset(contacts_store.list_special(connection, account_id)))


def tell_quiet(unit: Unit, account_id: int) -> None:
    """Have the links of an account know its hours as they are now, once this is committed."""
    unit.quiet[account_id] = msgspec.json.encode(read_quiet(unit.connection, account_id))


def alert_for(quiet: Quiet | None, shown: Shown, *, now_us: int) -> Alert:
    """Return how a message shows itself to a reader with these hours."""
    return alert_of(
        shown.message_class,
        disturb=quiet is None or not quiet.is_silent(now_us),
        special=quiet is not None and int(shown.sender_id) in quiet.special,
    )


class Frames:
    """Events on their way to many links, encoded once with their sound and at most once more without."""

    __slots__ = ("_events", "_loud", "_silent")

    def __init__(self, events: list[Event]) -> None:
        self._events = events
        self._loud: Block | None = None
        self._silent: Block | None = None

    def for_link(self, link: Link) -> Block:
        """Return what a link gets."""
        quiet = link.quiet
        if quiet is None or not quiet.is_silent(self._events[-1].at_us):
            if self._loud is None:
                self._loud = Block([event.frame() for event in self._events])
            return self._loud
        if any(event.actor_id in quiet.special for event in self._events):
            return Block([_frame(event, quiet) for event in self._events])
        if self._silent is None:
            self._silent = Block([_frame(event, quiet) for event in self._events])
        return self._silent


def frames_for(link: Link, events: list[Event], *, now_us: int) -> list[bytes]:
    """Return events as one link may see them, and as loud as they are for it now."""
    own, quiet = link.actor.account_id, link.quiet
    if quiet is None or not quiet.is_silent(now_us):
        return [event.frame_for(own) for event in events]
    return [event.frame_for(own) if event.only_for else _frame(event, quiet) for event in events]


def _frame(event: Event, quiet: Quiet) -> bytes:
    """Return an event that arrives in silence; `alert` stands there when it differs from what the class says."""
    if event.kind != MESSAGE_SENT or event.message is None or event.actor_id in quiet.special:
        return event.frame()
    usual = read_shown(event.message).message_class
    alert = alert_of(usual, disturb=False, special=False)
    return event.frame(alert=alert if alert != alert_of(usual, disturb=True, special=False) else None)
