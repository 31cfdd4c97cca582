"""What can be done with contacts: follow, sort into groups, put on lists; who may write, and when it is silent."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from messaging_core.delivery.quiet import tell_quiet
from messaging_core.errors import CoreError, invalid, not_found
from messaging_core.identity import contacts_store, privacy_store, store
from messaging_core.identity.contacts_store import ListName
from messaging_core.identity.policy import Actor, check_person
from messaging_core.identity.privacy_policy import Silence, Who
from messaging_core.kernel.unit import Unit


def follow(unit: Unit, actor: Actor, *, account_id: int, special: bool) -> None:
    """Follow a person or an enterprise, or say whether a follow is special."""
    check_person(actor)
    _check_other(unit.connection, actor, account_id)
    known = contacts_store.find_follow(unit.connection, follower_id=actor.account_id, followee_id=account_id)
    if known is None:
        limit = unit.tools.settings.accounts.follows
        _check_room("follows", limit, contacts_store.count_follows(unit.connection, actor.account_id))
    contacts_store.put_follow(
        unit.connection, follower_id=actor.account_id, followee_id=account_id, special=special, now_us=unit.now_us
    )
    tell_quiet(unit, actor.account_id)


def unfollow(unit: Unit, actor: Actor, *, account_id: int) -> None:
    """Follow somebody no longer."""
    check_person(actor)
    contacts_store.delete_follow(unit.connection, follower_id=actor.account_id, followee_id=account_id)
    tell_quiet(unit, actor.account_id)


def add_group(unit: Unit, actor: Actor, *, name: str) -> int:
    """Make a contact group and return its id."""
    check_person(actor)
    used = len(contacts_store.list_groups(unit.connection, actor.account_id))
    _check_room("contact_groups", unit.tools.settings.accounts.contact_groups, used)
    group_id = unit.new_id()
    contacts_store.insert_group(
        unit.connection,
        id=group_id,
        owner_id=actor.account_id,
        name=name,
        may_message=False,
        created_at=unit.now_us,
    )
    return group_id


def rename_group(unit: Unit, actor: Actor, *, group_id: int, name: str) -> None:
    """Give one's contact group another name."""
    get_group(unit.connection, actor, group_id)
    contacts_store.rename_group(unit.connection, group_id, name)


def remove_group(unit: Unit, actor: Actor, *, group_id: int) -> None:
    """Remove one's contact group; its members stay contacts."""
    get_group(unit.connection, actor, group_id)
    contacts_store.delete_group(unit.connection, group_id)


def put_into_group(unit: Unit, actor: Actor, *, group_id: int, account_id: int) -> None:
    """Put somebody into one's contact group."""
    get_group(unit.connection, actor, group_id)
    _check_other(unit.connection, actor, account_id)
    inside = [row.account_id for row in contacts_store.list_group_members(unit.connection, group_id)]
    if account_id not in inside:
        _check_room("contact_group_members", unit.tools.settings.accounts.contact_group_members, len(inside))
    contacts_store.put_group_member(unit.connection, group_id, account_id)


def take_from_group(unit: Unit, actor: Actor, *, group_id: int, account_id: int) -> None:
    """Take somebody out of one's contact group."""
    get_group(unit.connection, actor, group_id)
    contacts_store.delete_group_member(unit.connection, group_id, account_id)


def get_group(connection: Connection, actor: Actor, group_id: int) -> contacts_store.ContactRow:
    """Return one's own contact group; nobody else's exists."""
    check_person(actor)
    row = contacts_store.find_group(connection, group_id)
    if row is None or row.owner_id != actor.account_id:
        raise not_found("contact_group")
    return row


def put_on_list(unit: Unit, actor: Actor, *, name: ListName, account_id: int) -> None:
    """Put somebody on one's blacklist or whitelist; on both, the blacklist counts."""
    check_person(actor)
    _check_other(unit.connection, actor, account_id)
    if name not in contacts_store.find_lists_with(unit.connection, actor.account_id, account_id):
        limit = unit.tools.settings.accounts.listed
        _check_room(f"{name}_size", limit, contacts_store.count_listed(unit.connection, actor.account_id, name))
    contacts_store.put_listed(
        unit.connection, owner_id=actor.account_id, name=name, account_id=account_id, now_us=unit.now_us
    )


def take_off_list(unit: Unit, actor: Actor, *, name: ListName, account_id: int) -> None:
    """Take somebody off one's blacklist or whitelist."""
    check_person(actor)
    contacts_store.delete_listed(unit.connection, owner_id=actor.account_id, name=name, account_id=account_id)


def set_privacy(unit: Unit, actor: Actor, *, who: Who, group_ids: Sequence[int], findable: bool) -> None:
    """Say who may message one, with `groups` which of one's contact groups, and whether one's name can be looked up."""
    check_person(actor)
    own = {row.id for row in contacts_store.list_groups(unit.connection, actor.account_id)}
    if not set(group_ids) <= own:
        raise not_found("contact_group")
    if who == "groups" and not group_ids:
        raise invalid("missing", "body.group_ids")
    contacts_store.choose_groups(unit.connection, actor.account_id, list(group_ids) if who == "groups" else [])
    privacy_store.put_privacy(unit.connection, actor.account_id, who=who, findable=findable)


def set_silences(unit: Unit, actor: Actor, *, silences: Sequence[Silence]) -> None:
    """Replace one's do-not-disturb intervals."""
    check_person(actor)
    limit = unit.tools.settings.accounts.silences
    if len(silences) > limit:
        raise invalid("too_long", "body.intervals", limit=limit)
    if len({(one.weekday, one.start_min) for one in silences}) < len(silences):
        raise invalid("wrong_form", "body.intervals", hint="two intervals begin at the same time")
    privacy_store.put_silences(unit.connection, actor.account_id, silences)
    tell_quiet(unit, actor.account_id)


def _check_other(connection: Connection, actor: Actor, account_id: int) -> None:
    other = store.find_account(connection, account_id)
    if other is None or other.kind not in ("personal", "enterprise") or account_id == actor.account_id:
        raise not_found("account")


def _check_room(rule: str, limit: int, used: int) -> None:
    if used >= limit:
        raise CoreError("list_full", rule=rule, limit=limit, used=used)
