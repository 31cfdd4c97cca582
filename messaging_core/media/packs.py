"""Emoji packs of enterprises: made and submitted by their managers, approved or refused by a reviewer, used by all."""

from __future__ import annotations

from sqlalchemy import Connection

from messaging_core.errors import CoreError, forbidden, invalid, not_found
from messaging_core.identity.policy import Actor, check_manages, check_operator
from messaging_core.kernel.unit import Unit
from messaging_core.media import actions, packs_store, store

# From which states a pack may go where; only what is not before others' eyes can be changed.
_EDITABLE = ("draft", "refused")
_STEPS = {
    "submit": (_EDITABLE, "in_review"),
    "approve": (("in_review",), "approved"),
    "refuse": (("in_review",), "refused"),
    "withdraw": (("in_review", "approved"), "draft"),
}


def create_pack(unit: Unit, actor: Actor, *, name: str) -> int:
    """Make an empty pack of the actor's enterprise and return its id."""
    if actor.enterprise_id is None:
        raise forbidden("staff_only")
    check_manages(actor, actor.enterprise_id)
    pack_id = unit.new_id()
    packs_store.insert_pack(
        unit.connection,
        id=pack_id,
        enterprise_id=actor.enterprise_id,
        name=name,
        state="draft",
        reason="",
        created_by=actor.account_id,
        created_at=unit.now_us,
        reviewed_by=None,
        reviewed_at=None,
    )
    return pack_id


def add_emoji(unit: Unit, actor: Actor, *, pack_id: int, media_id: int, name: str) -> int:
    """Put one's own upload of the use `emoji` into a pack and return the emoji's id."""
    pack = _managed(unit, actor, pack_id)
    _check_state(pack, _EDITABLE)
    row = actions.get_own(unit.connection, actor, media_id, lock=True)
    if row.state != "ready" or row.use != "emoji":
        raise invalid("wrong_choice", "body.media_id", limit="emoji")
    count, place = packs_store.next_place(unit.connection, pack_id)
    limit = unit.tools.settings.media.pack_emoji
    if count >= limit:
        raise invalid("too_long", "emoji", limit=limit)
    emoji_id = unit.new_id()
    packs_store.insert_emoji(
        unit.connection,
        id=emoji_id,
        enterprise_id=pack.enterprise_id,
        pack_id=pack_id,
        media_id=media_id,
        name=name,
        place=place,
    )
    store.keep(unit.connection, [media_id])
    return emoji_id


def remove_emoji(unit: Unit, actor: Actor, *, pack_id: int, emoji_id: int) -> None:
    """Take a picture out of a pack; messages that show it keep it."""
    pack = _managed(unit, actor, pack_id)
    _check_state(pack, _EDITABLE)
    row = packs_store.find_emoji(unit.connection, emoji_id)
    if row is None or row.pack_id != pack_id:
        raise not_found("emoji")
    packs_store.delete_emoji(unit.connection, emoji_id)


def submit(unit: Unit, actor: Actor, *, pack_id: int) -> None:
    """Lay a pack before a reviewer; an empty one is refused."""
    pack = _managed(unit, actor, pack_id)
    if packs_store.next_place(unit.connection, pack_id)[0] == 0:
        raise invalid("empty", "emoji")
    _step(unit, pack, "submit")


def withdraw(unit: Unit, actor: Actor, *, pack_id: int) -> None:
    """Take a pack back: nobody can send it from now on. Its enterprise's right, and the operator's."""
    _step(unit, _managed(unit, actor, pack_id), "withdraw")


def review(unit: Unit, actor: Actor, *, pack_id: int, approve: bool, reason: str) -> None:
    """Approve a pack, or refuse it with a reason that its enterprise reads."""
    check_operator(actor)
    pack = packs_store.find_pack(unit.connection, pack_id, lock=True)
    if pack is None:
        raise not_found("emoji_pack")
    if not approve and not reason.strip():
        raise invalid("missing", "body.reason")
    _step(unit, pack, "approve" if approve else "refuse", reason="" if approve else reason, actor=actor)


def get_pack(connection: Connection, actor: Actor, pack_id: int) -> packs_store.PackRow:
    """Return a pack to those who may see it: approved all, others their staff and reviewers."""
    pack = packs_store.find_pack(connection, pack_id)
    if pack is None or not (pack.state == "approved" or actor.is_operator or actor.serves(pack.enterprise_id)):
        raise not_found("emoji_pack")
    return pack


def _managed(unit: Unit, actor: Actor, pack_id: int) -> packs_store.PackRow:
    pack = packs_store.find_pack(unit.connection, pack_id, lock=True)
    if pack is None or not (actor.is_operator or actor.enterprise_id == pack.enterprise_id):
        raise not_found("emoji_pack")
    check_manages(actor, pack.enterprise_id)
    return pack


def _check_state(pack: packs_store.PackRow, wanted: tuple[str, ...]) -> None:
    if pack.state not in wanted:
        raise CoreError("wrong_pack_state", pack_state=pack.state)


def _step(unit: Unit, pack: packs_store.PackRow, step: str, *, reason: str = "", actor: Actor | None = None) -> None:
    wanted, state = _STEPS[step]
    _check_state(pack, wanted)
    changes: dict[str, object] = {"state": state, "reason": reason}
    if actor is not None:
        changes.update(reviewed_by=actor.account_id, reviewed_at=unit.now_us)
    packs_store.update_pack(unit.connection, pack.id, **changes)
