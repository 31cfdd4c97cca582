"""HTTP: who may message one, and when one's devices stay silent."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.identity import answers, contacts, contacts_store, privacy_policy, privacy_store
from messaging_core.identity.policy import Actor, check_person
from messaging_core.identity.privacy_policy import DAY_MIN, Silence
from messaging_core.kernel.unit import Unit
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, IdText

router = APIRouter(prefix="/v1", tags=["contacts"])
WallTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class NewPrivacy(Body):
    """Who may message one; `group_ids` are the contact groups that may, with `groups`."""

    who: Literal["everyone", "mutual", "followers", "groups"]
    group_ids: Annotated[list[IdText], Field(max_length=100)] = []
    findable: bool = True


class NewSilence(Body):
    """An interval `[start, end)` of a weekday (1 is Monday); an `end` not after `start` lies on the next day."""

    weekday: Annotated[int, Field(ge=1, le=7)]
    start: WallTime
    end: WallTime


class NewDoNotDisturb(Body):
    """The intervals, in place of those before."""

    intervals: Annotated[list[NewSilence], Field(max_length=200)]


@router.get("/privacy", response_model=answers.Privacy)
async def get_privacy(core: CoreDep, actor: ChatActor) -> Response:
    """Return who may message one."""
    check_person(actor)
    return json_response(await core.read(lambda connection: _view_privacy(connection, actor)))


@router.put("/privacy", response_model=answers.Privacy)
async def set_privacy(core: CoreDep, actor: ChatActor, body: NewPrivacy) -> Response:
    """Say who may message one. Blacklist goes before whitelist, whitelist before this."""

    def action(unit: Unit) -> Any:
        group_ids = [int(group_id) for group_id in body.group_ids]
        contacts.set_privacy(unit, actor, who=body.who, group_ids=group_ids, findable=body.findable)
        return _view_privacy(unit.connection, actor)

    return json_response(await core.run(action))


@router.get("/do-not-disturb", response_model=answers.DoNotDisturb)
async def get_silences(core: CoreDep, actor: ChatActor) -> Response:
    """Return one's do-not-disturb intervals, whether it is silent now, until when, and who rings through."""
    check_person(actor)
    now_us = core.clock.now_us()
    return json_response(await core.read(lambda connection: _view_silences(connection, actor, now_us)))


@router.put("/do-not-disturb", response_model=answers.DoNotDisturb)
async def set_silences(core: CoreDep, actor: ChatActor, body: NewDoNotDisturb) -> Response:
    """Replace one's do-not-disturb intervals; they go by one's time zone and never withhold a message."""

    def action(unit: Unit) -> Any:
        contacts.set_silences(unit, actor, silences=[_read(interval) for interval in body.intervals])
        return _view_silences(unit.connection, actor, unit.now_us)

    return json_response(await core.run(action))


def _view_privacy(connection: Connection, actor: Actor) -> dict[str, Any]:
    row = privacy_store.find_privacy(connection, actor.account_id)
    groups = contacts_store.list_groups(connection, actor.account_id)
    return {
        "who": row.who if row is not None else "everyone",
        "group_ids": [str(group.id) for group in groups if group.may_message],
        "findable": row.findable if row is not None else True,
    }


def _view_silences(connection: Connection, actor: Actor, now_us: int) -> dict[str, Any]:
    silences = privacy_store.find_silences(connection, [actor.account_id])[actor.account_id]
    zone = privacy_store.find_zone(connection, actor.account_id)
    until = privacy_policy.silent_until(silences, zone=zone, now_us=now_us)
    return {
        "time_zone": zone,
        "intervals": [
            {"weekday": one.weekday + 1, "start": _wall(one.start_min), "end": _wall(one.end_min)} for one in silences
        ],
        "silent": until is not None,
        "until": format_time(until) if until is not None else None,
        "special": [str(id_) for id_ in contacts_store.list_special(connection, actor.account_id)],
    }


def _read(interval: NewSilence) -> Silence:
    start, end = (int(text[:2]) * 60 + int(text[3:]) for text in (interval.start, interval.end))
    return Silence(interval.weekday - 1, start, end if end > start else end + DAY_MIN)


def _wall(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
