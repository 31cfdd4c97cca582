"""What can be done with conversations and their members; each in one transaction with its events."""

from __future__ import annotations

from messaging_core.conversations import audit, groups_store, policy, store, welcome
from messaging_core.conversations.numbering import Numbering
from messaging_core.errors import CoreError, forbidden, not_found
from messaging_core.identity import contacts_store
from messaging_core.identity import store as identity
from messaging_core.identity.policy import Actor
from messaging_core.kernel.unit import Unit


def create_conversation(
    unit: Unit,
    *,
    kind: policy.ConversationKind,
    created_by: int,
    roles: dict[int, policy.MemberRole],
    title: str = "",
    enterprise_id: int | None = None,
    unique_key: str | None = None,
) -> int:
    """Write a conversation with its first members and its first event; return its id. Rights are checked before."""
    conversation_id = unit.new_id()
    store.insert_conversation(
        unit.connection,
        id=conversation_id,
        enterprise_id=enterprise_id,
        kind=kind,
        title=title,
        unique_key=unique_key,
        created_by=created_by,
        created_at=unit.now_us,
        last_seq=0,
        last_msg_no=0,
        last_event_at=unit.now_us,
        active_slot=store.active_slot(unit.now_us),
        member_count=len(roles),
    )
    store.insert_members(
        unit.connection,
        [
            _member(unit, conversation_id, account_id, role, enterprise_id=enterprise_id, joined_seq=1, visible_from=1)
            for account_id, role in roles.items()
        ],
    )
    numbering = Numbering.begin(unit, conversation_id)
    numbering.add(
        "conversation.created",
        actor_id=created_by,
        data={
            "kind": kind,
            "title": title,
            "members": [{"account_id": str(account_id), "role": role} for account_id, role in roles.items()],
        },
    )
    numbering.finish(joined=list(roles))
    return conversation_id


def open_direct(unit: Unit, actor: Actor, *, account_id: int) -> int:
    """Return the direct conversation with another person, made if need be."""
    if actor.kind != "personal":
        raise forbidden("personal_only")
    other = identity.find_account(unit.connection, account_id)
    if other is None or other.kind != "personal" or account_id == actor.account_id:
        raise not_found("account")
    key = policy.direct_key(actor.account_id, account_id)
    found = store.find_by_key(unit.connection, key)
    if found is not None:
        return found
    return create_conversation(
        unit,
        kind="direct",
        created_by=actor.account_id,
        roles={actor.account_id: "member", account_id: "member"},
        unique_key=key,
    )


def open_system_line(unit: Unit, *, system_id: int, account_id: int) -> int:
    """Return the conversation in which the system tells a person something, made if need be; he cannot answer there."""
    key = policy.direct_key(system_id, account_id)
    found = store.find_by_key(unit.connection, key)
    if found is not None:
        return found
    conversation_id = create_conversation(
        unit,
        kind="direct",
        created_by=system_id,
        roles={system_id: "owner", account_id: "member"},
        unique_key=key,
    )
    store.update_conversation(unit.connection, conversation_id, announcement_only=True)
    return conversation_id


def create_group(
    unit: Unit, actor: Actor, *, title: str, member_ids: list[int], enterprise_id: int | None = None
) -> int:
    """Make a group with its owner and first members; an enterprise's group (community) is made by its staff."""
    if enterprise_id is not None and not actor.serves(enterprise_id):
        raise forbidden("staff_only")
    if actor.kind == "visitor":
        raise forbidden("no_visitors")
    invited = [account_id for account_id in dict.fromkeys(member_ids) if account_id != actor.account_id]
    limits, community = unit.tools.settings.groups, enterprise_id is not None
    policy.check_invites(limits, community=community, invites=len(invited))
    policy.check_group_size(limits, community=community, members=len(invited) + 1)
    _check_wanted(unit, actor, check_invitable(unit, invited, enterprise_id=enterprise_id), enterprise_id=enterprise_id)
    roles: dict[int, policy.MemberRole] = {actor.account_id: "owner"}
    roles.update(dict.fromkeys(invited, "member"))
    return create_conversation(
        unit, kind="group", created_by=actor.account_id, roles=roles, title=title, enterprise_id=enterprise_id
    )


def add_members(unit: Unit, actor: Actor, *, conversation_id: int, account_ids: list[int]) -> None:
    """Add people to a group; those who are in it already are passed over."""
    conversation, own = group_for(unit, actor, conversation_id)
    policy.check_admin(own.role)
    wanted = list(dict.fromkeys(account_ids))
    rows = {account_id: store.find_member(unit.connection, conversation_id, account_id) for account_id in wanted}
    new = [account_id for account_id, row in rows.items() if row is None or row.left_seq is not None]
    if not new:
        return
    community = conversation.enterprise_id is not None
    policy.check_group_size(
        unit.tools.settings.groups, community=community, members=conversation.member_count + len(new)
    )
    names = check_invitable(unit, new, enterprise_id=conversation.enterprise_id)
    if groups_store.find_bans(unit.connection, conversation_id, new):
        raise CoreError("banned")
    _check_wanted(unit, actor, names, enterprise_id=conversation.enterprise_id)
    numbering = Numbering.begin(unit, conversation_id, locked=conversation)
    for account_id in new:
        join(unit, numbering, account_id, "member", name=names[account_id], actor_id=actor.account_id)
        audit.record(unit, conversation, actor, act="member.invited", target_id=account_id)
    numbering.finish()
    welcome.greet(unit, conversation, new)


def join(
    unit: Unit,
    numbering: Numbering,
    account_id: int,
    role: policy.MemberRole,
    *,
    name: str,
    actor_id: int | None,
    sees_all: bool = False,
    was: int | None = None,
) -> None:
    """Write one membership and its event. Who comes into a group sees what is said from now on.

    `was`: the visitor whose place a person takes who has logged in.
    """
    conversation = numbering.conversation
    data: dict[str, object] = {"account_id": str(account_id), "name": name, "role": role}
    if was is not None:
        data["was"] = str(was)
    seq = numbering.add("member.joined", actor_id=actor_id, data=data, account_id=account_id)
    before = store.find_member(unit.connection, conversation.id, account_id)
    read_msg_no = 0 if sees_all else numbering.last_msg_no
    if before is not None:  # a read cursor never goes back
        read_msg_no = max(before.read_msg_no, read_msg_no)
    row = _member(
        unit,
        conversation.id,
        account_id,
        role,
        enterprise_id=conversation.enterprise_id,
        joined_seq=seq,
        visible_from=1 if sees_all else seq,
        read_msg_no=read_msg_no,
    )
    if before is None:
        store.insert_members(unit.connection, [row])
    else:
        changed = {key: value for key, value in row.items() if key not in ("conversation_id", "account_id")}
        store.update_member(unit.connection, conversation.id, account_id, **changed)
    numbering.member_count += 1


def leave(unit: Unit, numbering: Numbering, account_id: int, *, actor_id: int | None, reason: str) -> None:
    """End one membership and write its event, the last that he sees.

    `reason`: left, removed, banned, handed_back, closed, became (a visitor who has logged in).
    """
    seq = numbering.add(
        "member.left",
        actor_id=actor_id,
        data={"account_id": str(account_id), "reason": reason},
        account_id=account_id,
    )
    store.update_member(unit.connection, numbering.conversation.id, account_id, left_seq=seq)
    numbering.member_count -= 1


def remove_member(unit: Unit, actor: Actor, *, conversation_id: int, account_id: int) -> None:
    """Leave a group, or remove somebody who stands below; a leaving owner is followed by the eldest admin or member."""
    conversation, own = group_for(unit, actor, conversation_id)
    target = store.find_member(unit.connection, conversation_id, account_id)
    if target is None or target.left_seq is not None:
        raise not_found("member")
    itself = account_id == actor.account_id
    if not itself:
        policy.check_may_remove(actor_role=own.role, target_role=target.role)
        audit.record(unit, conversation, actor, act="member.removed", target_id=account_id)
    numbering = Numbering.begin(unit, conversation_id, locked=conversation)
    leave(unit, numbering, account_id, actor_id=actor.account_id, reason="left" if itself else "removed")
    if target.role == "owner":
        rest = store.list_members(unit.connection, conversation_id)
        heirs = sorted(rest, key=lambda row: (row.role != "admin", row.joined_at, row.account_id))
        if heirs:
            _set_role(unit, numbering, heirs[0].account_id, "owner", actor_id=actor.account_id)
    numbering.finish()


def set_role(unit: Unit, actor: Actor, *, conversation_id: int, account_id: int, role: policy.MemberRole) -> None:
    """Appoint or dismiss an admin, or hand the group over; the owner's right."""
    conversation, own = group_for(unit, actor, conversation_id)
    if own.role != "owner":
        raise forbidden("owner_only")
    target = store.find_member(unit.connection, conversation_id, account_id)
    if target is None or target.left_seq is not None:
        raise not_found("member")
    if account_id == actor.account_id:
        raise forbidden("last_owner")
    if target.role == role:
        return
    numbering = Numbering.begin(unit, conversation_id, locked=conversation)
    _set_role(unit, numbering, account_id, role, actor_id=actor.account_id)
    if role == "owner":
        _set_role(unit, numbering, actor.account_id, "admin", actor_id=actor.account_id)
    audit.record(unit, conversation, actor, act="member.role_changed", target_id=account_id, data={"role": role})
    numbering.finish()


def rename(unit: Unit, actor: Actor, *, conversation_id: int, title: str) -> None:
    """Give a group another title."""
    conversation, own = group_for(unit, actor, conversation_id)
    policy.check_admin(own.role)
    numbering = Numbering.begin(unit, conversation_id, locked=conversation)
    store.update_conversation(unit.connection, conversation_id, title=title)
    numbering.add("conversation.renamed", actor_id=actor.account_id, data={"title": title})
    audit.record(unit, conversation, actor, act="conversation.renamed", data={"title": title})
    numbering.finish()


def _set_role(unit: Unit, numbering: Numbering, account_id: int, role: policy.MemberRole, *, actor_id: int) -> None:
    store.update_member(unit.connection, numbering.conversation.id, account_id, role=role)
    numbering.add("member.role_changed", actor_id=actor_id, data={"account_id": str(account_id), "role": role})


def group_for(unit: Unit, actor: Actor, conversation_id: int) -> tuple[store.ConversationRow, store.MemberRow]:
    """Return the locked group and the actor's membership in it; refuse everybody else."""
    conversation = store.lock(unit.connection, conversation_id)
    own = store.find_member(unit.connection, conversation_id, actor.account_id)
    if conversation is None or own is None or own.left_seq is not None:
        raise CoreError("not_a_member", conversation_id=str(conversation_id))
    policy.check_group(conversation.kind)
    return conversation, own


def check_invitable(unit: Unit, account_ids: list[int], *, enterprise_id: int | None) -> dict[int, str]:
    """Return the names of those to be invited; refuse accounts that cannot be in this group."""
    found = identity.find_accounts(unit.connection, account_ids) if account_ids else {}
    for account_id in account_ids:
        row = found.get(account_id)
        invitable = row is not None and (
            row.kind == "personal" or (row.kind == "bot" and row.enterprise_id == enterprise_id is not None)
        )
        if not invitable:
            raise not_found("account")
    return {account_id: row.name for account_id, row in found.items()}


def _check_wanted(unit: Unit, actor: Actor, names: dict[int, str], *, enterprise_id: int | None) -> None:
    """Refuse to bring somebody into a group who has its inviter, or the enterprise whose it is, on his blacklist.

    His scope (who may message me) does not count here, and by a link everybody comes in of his own will.
    """
    inviters = [actor.account_id] if enterprise_id is None else [actor.account_id, enterprise_id]
    unwilling = contacts_store.find_blacklisting(unit.connection, list(names), inviters)
    if unwilling:
        first = unwilling[0]
        data = {"account_id": str(first), "name": names[first]}
        raise forbidden("blacklisted", rule="blacklist", unlock_at=None, **data)


def _member(
    unit: Unit,
    conversation_id: int,
    account_id: int,
    role: policy.MemberRole,
    *,
    enterprise_id: int | None,
    joined_seq: int,
    visible_from: int,
    read_msg_no: int = 0,
) -> dict[str, object]:
    return {
        "conversation_id": conversation_id,
        "account_id": account_id,
        "enterprise_id": enterprise_id,
        "role": role,
        "joined_at": unit.now_us,
        "joined_seq": joined_seq,
        "visible_from": visible_from,
        "left_seq": None,
        "read_msg_no": read_msg_no,
    }
