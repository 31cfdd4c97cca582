"""HTTP: the operator tells people something as the messenger."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import StringConstraints

from messaging_core.errors import invalid
from messaging_core.identity.passwords import read_login
from messaging_core.identity.policy import check_operator
from messaging_core.kernel.unit import Unit
from messaging_core.messages import answers
from messaging_core.messages.kinds import read_body
from messaging_core.messages.system_notices import tell_person, tell_staff
from messaging_core.transport.http import ChatActor, CoreDep
from messaging_core.transport.idempotency import Key, create_once
from messaging_core.transport.inputs import Body, IdText

router = APIRouter(prefix="/v1/operator/notices", tags=["messages"])


class Recipients(Body):
    """One person, by account or by log-in name, or all who work for an enterprise: one of the three."""

    account_id: IdText | None = None
    login: Annotated[str, StringConstraints(min_length=3, max_length=64)] | None = None
    enterprise_id: IdText | None = None


class NewNotice(Body):
    """What the bar says, how serious it is, where to read on, and who reads it."""

    title: Annotated[str, StringConstraints(max_length=1000)]
    text: Annotated[str, StringConstraints(max_length=20_000)] = ""
    level: Literal["info", "warning"] = "info"
    url: Annotated[str, StringConstraints(max_length=4000)] = ""
    to: Recipients


@router.post("", status_code=202, response_model=answers.ToldNotice)
async def tell(core: CoreDep, actor: ChatActor, request: Request, body: NewNotice, key: Key) -> Response:
    """Send a system notice: a person has it at once, an enterprise's staff within seconds, also after a crash."""
    check_operator(actor)
    to = body.to
    if sum(one is not None for one in (to.account_id, to.login, to.enterprise_id)) != 1:
        raise invalid("wrong_choice", "body.to", limit="account_id, login, enterprise_id")
    said = msgspec.json.encode(body.model_dump(include={"title", "text", "level", "url"}))
    notice = read_body("system_notice", 1, said, core.settings.limits)
    login = read_login(to.login) if to.login is not None else ""

    def action(unit: Unit) -> Any:
        if to.enterprise_id is not None:
            told = tell_staff(unit, actor, body=notice, enterprise_id=int(to.enterprise_id))
        else:
            account_id = int(to.account_id) if to.account_id is not None else None
            told = tell_person(unit, actor, body=notice, account_id=account_id, login=login)
        return {"notice": {"id": str(told.id), "recipients": told.recipients}}

    return await create_once(core, request, actor, key, body, action, status=202)
