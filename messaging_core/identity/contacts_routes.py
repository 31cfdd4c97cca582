"""HTTP: follows, contact groups, blacklist and whitelist, people who can be looked up."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.errors import not_found
from messaging_core.identity import answers, contacts, contacts_store, privacy_store, store
from messaging_core.identity.attempts import Attempts
from messaging_core.identity.contacts_store import ListName
from messaging_core.identity.passwords import read_login
from messaging_core.identity.policy import Actor, check_person
from messaging_core.kernel.unit import Unit
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, Cursor, Limit, Name, PathId, after

router = APIRouter(prefix="/v1", tags=["contacts"])


class Follow(Body):
    """Whether a follow is special: it rings through do-not-disturb."""

    special: bool = False


class NewContactGroup(Body):
    """A contact group."""

    name: Name


def view_contact(row: contacts_store.ContactRow) -> dict[str, Any]:
    """Return somebody as contacts show him; `row` has account_id, kind, name, verified."""
    return {"id": str(row.account_id), "kind": row.kind, "name": row.name, "verified": row.verified}


def _page(rows: list[contacts_store.ContactRow], limit: int, *fields: str) -> Response:
    items = [
        {
            "account": view_contact(row),
            **{field: getattr(row, field) for field in fields},
            "at": format_time(row.created_at),
        }
        for row in rows
    ]
    return json_response({"items": items, "next_cursor": items[-1]["account"]["id"] if len(items) == limit else None})


@router.get("/follows", response_model=answers.FollowingList)
async def list_follows(core: CoreDep, actor: ChatActor, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List whom one follows."""
    rows = await core.read(
        lambda c: contacts_store.list_follows(c, actor.account_id, after_id=after(cursor), limit=limit)
    )
    return _page(rows, limit, "special", "mutual")


@router.get("/followers", response_model=answers.FollowerList)
async def list_followers(core: CoreDep, actor: ChatActor, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List who follows one."""
    rows = await core.read(
        lambda c: contacts_store.list_followers(c, actor.account_id, after_id=after(cursor), limit=limit)
    )
    return _page(rows, limit, "mutual")


@router.put("/follows/{account_id}", response_model=answers.OneRelation)
async def follow(core: CoreDep, actor: ChatActor, account_id: PathId, body: Follow) -> Response:
    """Follow a person or an enterprise."""

    def action(unit: Unit) -> Any:
        contacts.follow(unit, actor, account_id=int(account_id), special=body.special)
        return {"relation": _relation(unit.connection, actor, int(account_id))}

    return json_response(await core.run(action))


@router.delete("/follows/{account_id}", status_code=204)
async def unfollow(core: CoreDep, actor: ChatActor, account_id: PathId) -> Response:
    """Follow somebody no longer."""
    await core.run(lambda unit: contacts.unfollow(unit, actor, account_id=int(account_id)))
    return Response(status_code=204)


@router.get("/contacts/{account_id}", response_model=answers.OneRelation)
async def get_relation(core: CoreDep, actor: ChatActor, account_id: PathId) -> Response:
    """Return how one stands to somebody: follows, lists, groups."""
    relation = await core.read(lambda c: _relation(c, actor, int(account_id)))
    return json_response({"relation": relation})


def _relation(connection: Connection, actor: Actor, other_id: int) -> dict[str, Any]:
    own = actor.account_id
    mine = contacts_store.find_follow(connection, follower_id=own, followee_id=other_id)
    theirs = contacts_store.find_follow(connection, follower_id=other_id, followee_id=own)
    lists = contacts_store.find_lists_with(connection, own, other_id)
    return {
        "following": mine is not None,
        "special": mine is not None and mine.special,
        "followed_by": theirs is not None,
        "mutual": mine is not None and theirs is not None,
        "blacklisted": "blacklist" in lists,
        "whitelisted": "whitelist" in lists,
        "group_ids": [str(id_) for id_ in contacts_store.find_groups_with(connection, own, other_id)],
    }


@router.get("/people", response_model=answers.Found)
async def look_up(
    core: CoreDep, actor: ChatActor, request: Request, login: Annotated[str, Query(min_length=3, max_length=64)]
) -> Response:
    """Return the person with a log-in name, if he lets himself be found; look-ups are counted."""
    check_person(actor)
    attempts: Attempts = request.app.state.attempts
    attempts.look_up(actor.account_id)
    name = read_login(login)
    row: store.AccountRow | None = await core.read(lambda c: privacy_store.find_findable(c, name))
    if row is None:
        raise not_found("account")
    shown = {"id": str(row.id), "kind": row.kind, "name": row.name, "verified": row.verified}
    return json_response({"account": shown})


@router.get("/contact-groups", response_model=answers.ContactGroupList)
async def list_groups(core: CoreDep, actor: ChatActor) -> Response:
    """List one's contact groups."""
    rows = await core.read(lambda c: contacts_store.list_groups(c, actor.account_id))
    return json_response({"items": [_view_group(row, row.members) for row in rows], "next_cursor": None})


@router.post("/contact-groups", status_code=201, response_model=answers.OneContactGroup)
async def add_group(core: CoreDep, actor: ChatActor, body: NewContactGroup) -> Response:
    """Make a contact group."""

    def action(unit: Unit) -> Any:
        return _shown(unit.connection, actor, contacts.add_group(unit, actor, name=body.name))

    return json_response(await core.run(action), status=201)


@router.get("/contact-groups/{group_id}", response_model=answers.OneContactGroup)
async def get_group(core: CoreDep, actor: ChatActor, group_id: PathId) -> Response:
    """Return one contact group with its members."""
    return json_response(await core.read(lambda c: _shown(c, actor, int(group_id))))


@router.patch("/contact-groups/{group_id}", response_model=answers.OneContactGroup)
async def rename_group(core: CoreDep, actor: ChatActor, group_id: PathId, body: NewContactGroup) -> Response:
    """Give a contact group another name."""

    def action(unit: Unit) -> Any:
        contacts.rename_group(unit, actor, group_id=int(group_id), name=body.name)
        return _shown(unit.connection, actor, int(group_id))

    return json_response(await core.run(action))


@router.delete("/contact-groups/{group_id}", status_code=204)
async def remove_group(core: CoreDep, actor: ChatActor, group_id: PathId) -> Response:
    """Remove a contact group; its members stay contacts."""
    await core.run(lambda unit: contacts.remove_group(unit, actor, group_id=int(group_id)))
    return Response(status_code=204)


@router.put("/contact-groups/{group_id}/members/{account_id}", status_code=204)
async def put_into_group(core: CoreDep, actor: ChatActor, group_id: PathId, account_id: PathId) -> Response:
    """Put somebody into a contact group."""
    await core.run(
        lambda unit: contacts.put_into_group(unit, actor, group_id=int(group_id), account_id=int(account_id))
    )
    return Response(status_code=204)


@router.delete("/contact-groups/{group_id}/members/{account_id}", status_code=204)
async def take_from_group(core: CoreDep, actor: ChatActor, group_id: PathId, account_id: PathId) -> Response:
    """Take somebody out of a contact group."""
    await core.run(
        lambda unit: contacts.take_from_group(unit, actor, group_id=int(group_id), account_id=int(account_id))
    )
    return Response(status_code=204)


def _view_group(row: contacts_store.ContactRow, members: int) -> dict[str, Any]:
    return {"id": str(row.id), "name": row.name, "members": members, "may_message": row.may_message}


def _shown(connection: Connection, actor: Actor, group_id: int) -> dict[str, Any]:
    row = contacts.get_group(connection, actor, group_id)
    members = contacts_store.list_group_members(connection, group_id)
    return {"group": _view_group(row, len(members)), "members": [view_contact(member) for member in members]}


def _serve_list(name: ListName) -> None:
    """Add the three routes of one list: they differ in nothing but its name."""

    @router.get(f"/{name}", response_model=answers.ListedList, operation_id=f"list_{name}")
    async def show(core: CoreDep, actor: ChatActor, cursor: Cursor = None, limit: Limit = 50) -> Response:
        """List who is on one's blacklist or whitelist."""
        rows = await core.read(
            lambda c: contacts_store.list_listed(c, actor.account_id, name, after_id=after(cursor), limit=limit)
        )
        return _page(rows, limit)

    @router.put(f"/{name}/{{account_id}}", status_code=204, operation_id=f"put_on_{name}")
    async def put(core: CoreDep, actor: ChatActor, account_id: PathId) -> Response:
        """Put somebody on one's blacklist (never) or whitelist (always)."""
        await core.run(lambda unit: contacts.put_on_list(unit, actor, name=name, account_id=int(account_id)))
        return Response(status_code=204)

    @router.delete(f"/{name}/{{account_id}}", status_code=204, operation_id=f"take_off_{name}")
    async def take(core: CoreDep, actor: ChatActor, account_id: PathId) -> Response:
        """Take somebody off one's blacklist or whitelist."""
        await core.run(lambda unit: contacts.take_off_list(unit, actor, name=name, account_id=int(account_id)))
        return Response(status_code=204)


_serve_list("blacklist")
_serve_list("whitelist")
