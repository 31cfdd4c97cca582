"""How loud a message is on its way to the devices: what arrives without a sound says so. Nothing is withheld.

A reader wants no sound in his do-not-disturb hours, and none of whoever writes too fast to him; special follows he
hears all the same. A link holds its reader's hours and special follows, read when it opens and told anew when they
change, and an event says itself whether its sender was too fast, so a push asks no database. Of what is pushed there
are two encodings at most, whoever is in the conversation: with a sound, and without; only who has a special follow
among the senders gets his own.
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
    """Return somebody's do-not-disturb hours and special follows, None when he has neither."""
    silences = privacy_store.find_silences(connection, [account_id])[account_id]
    special = frozenset(contacts_store.list_special(connection, account_id))
    if not silences and not special:
        return None
    return Quiet(privacy_store.find_zone(connection, account_id), silences, special)


def tell_quiet(unit: Unit, account_id: int) -> None:
    """Have the links of an account know its hours and special follows as they are now, once this is committed."""
    unit.quiet[account_id] = msgspec.json.encode(read_quiet(unit.connection, account_id))


def alert_for(quiet: Quiet | None, shown: Shown, *, now_us: int, hushed: bool) -> Alert:
    """Return how a message shows itself to a reader with these hours; `hushed`: its sender writes too fast."""
    return alert_of(
        shown.message_class,
        disturb=quiet is None or not quiet.is_silent(now_us),
        special=quiet is not None and int(shown.sender_id) in quiet.special,
        hushed=hushed,
    )


class Frames:
    """Events on their way to many links, encoded once with their sound and at most once more without."""

    __slots__ = ("_events", "_loud", "_now_us", "_silent")

    def __init__(self, events: list[Event]) -> None:
        self._events = events
        self._now_us = events[-1].at_us
        self._loud: Block | None = None
        self._silent: Block | None = None

    def for_link(self, link: Link) -> Block:
        """Return what a link gets."""
        quiet = link.quiet
        if quiet is not None:
            silent = quiet.is_silent(self._now_us)
            if quiet.special and self._has_own_sound(quiet, silent=silent):
                return self._encode(quiet)
            if silent:
                if self._silent is None:
                    self._silent = self._encode(quiet)
                return self._silent
        if self._loud is None:
            self._loud = self._encode(None)
        return self._loud

    def _has_own_sound(self, quiet: Quiet, *, silent: bool) -> bool:
        """Return whether a special follow is heard that others do not hear."""
        return any(
            event.actor_id in quiet.special and (silent or event.hushed_until_us > self._now_us)
            for event in self._events
        )

    def _encode(self, quiet: Quiet | None) -> Block:
        now_us = self._now_us
        return Block(
            [
                event.frame()
                if quiet is None and event.hushed_until_us <= now_us
                else _frame(event, quiet, now_us=now_us)
                for event in self._events
            ]
        )


def frames_for(link: Link, events: list[Event], *, now_us: int) -> list[bytes]:
    """Return events as one link may see them, and as loud as they are for it now."""
    own, quiet = link.actor.account_id, link.quiet
    return [event.frame_for(own) if event.only_for else _frame(event, quiet, now_us=now_us) for event in events]


def _frame(event: Event, quiet: Quiet | None, *, now_us: int) -> bytes:
    """Return an event as loud as it is; `alert` stands there when that differs from what the class says."""
    hushed = event.hushed_until_us > now_us
    silent = quiet is not None and quiet.is_silent(now_us)
    if not (hushed or silent) or event.kind != MESSAGE_SENT or event.message is None:
        return event.frame()
    if quiet is not None and event.actor_id in quiet.special:
        return event.frame()
    if hushed:  # none but interactive messages are
        return event.frame(alert=alert_of("interactive", disturb=not silent, special=False, hushed=True))
    usual = read_shown(event.message).message_class
    alert = alert_of(usual, disturb=False, special=False)
    return event.frame(alert=alert if alert != alert_of(usual, disturb=True, special=False) else None)
