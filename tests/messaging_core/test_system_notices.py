"""Notices of the system: one line with each person, in which only the system speaks; a bar on top, silent at night."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from messaging_core.api import Core, Unit, create_account, put_staff
from messaging_core.messages.system_notices import _PAGE
from tests.messaging_core.policies import talk
from tests.support.cast import Cast
from tests.support.clock import FakeClock
from tests.support.web import Web

NOTICES = "/v1/operator/notices"


@pytest_asyncio.fixture
async def web(core: Core) -> AsyncIterator[Web]:
    async with Web(core) as made:
        yield made


def notice(title: str = "今晚维护", **to: str) -> dict[str, Any]:
    return {"title": title, "text": "22:00 起约十分钟", "level": "warning", "to": to}


async def lines(web: Web, cast: Cast, who: str) -> list[dict[str, Any]]:
    """Somebody's conversations with the system, as his list has them."""
    items = (await web.get(cast.tokens[who], "/v1/conversations"))["items"]
    return [one for one in items if one["peer"] is not None and one["peer"]["kind"] == "system"]


async def test_a_person_is_told_at_once_in_a_banner_and_cannot_answer(web: Web, core: Core, cast: Cast) -> None:
    operator = cast.tokens["operator"]
    told = await web.do(operator, "POST", NOTICES, notice(account_id=str(cast.id("lin"))))
    assert told["notice"]["recipients"] == 1
    await web.do(operator, "POST", NOTICES, notice("维护好了", account_id=str(cast.id("lin"))))
    (line,) = await lines(web, cast, "lin")
    assert (line["peer"]["name"], line["alert"], line["unread"]) == ("平台运营", "banner", 2)
    last = line["last_message"]
    assert (last["kind"], last["class"], last["body"]["title"]) == ("system_notice", "system", "维护好了")
    answer = talk.words(cast["lin"], int(line["id"]), "好的")
    assert await talk.refused_send(core, answer) == "not_allowed:notices_only"
    assert await lines(web, cast, "mi") == []


async def test_do_not_disturb_silences_it_and_no_list_keeps_it_out(web: Web, cast: Cast, clock: FakeClock) -> None:
    lin, operator = cast.tokens["lin"], cast.tokens["operator"]
    always = [{"weekday": day, "start": "00:00", "end": "00:00"} for day in range(1, 8)]
    await web.do(lin, "PUT", "/v1/do-not-disturb", {"intervals": always})
    blocked = await web.refused(lin, "PUT", f"/v1/blacklist/{cast.id('operator')}")
    assert blocked["code"] == "not_found"
    for number in range(12):
        clock.advance(seconds=1)
        await web.do(operator, "POST", NOTICES, notice(f"第{number}条", account_id=str(cast.id("lin"))))
    (line,) = await lines(web, cast, "lin")
    assert (line["unread"], line["alert"], line["own"]["folded"]) == (12, "badge", False)


async def test_all_staff_are_told_once_page_by_page_whatever_is_tried_again(web: Web, core: Core, cast: Cast) -> None:
    def hire(unit: Unit) -> None:
        for number in range(_PAGE):
            account_id = create_account(unit, None, name=f"店员{number}", kind="personal")
            put_staff(unit, None, enterprise_id=cast.enterprise_id, account_id=account_id, role="agent")

    await core.run(hire)
    told = await web.do(cast.tokens["operator"], "POST", NOTICES, notice(enterprise_id=str(cast.enterprise_id)))
    assert told["notice"]["recipients"] == _PAGE + 3
    assert await core.jobs.run_due() == 2
    for who, count in (("boss", 1), ("qiao", 1), ("zhou", 1), ("lin", 0)):
        assert len(await lines(web, cast, who)) == count, who
    assert (await lines(web, cast, "boss"))[0]["unread"] == 1


async def test_only_the_systems_own_account_speaks_and_only_to_people(web: Web, cast: Cast) -> None:
    operator = cast.tokens["operator"]
    for to in ({"account_id": str(cast.enterprise_id)}, {"enterprise_id": str(cast.id("lin"))}, {"login": "nobody"}):
        assert (await web.refused(operator, "POST", NOTICES, notice(**to)))["code"] == "not_found"
    for to in ({}, {"account_id": str(cast.id("lin")), "login": "lin"}):
        assert (await web.refused(operator, "POST", NOTICES, notice(**to)))["code"] == "invalid_request"
    empty = await web.refused(operator, "POST", NOTICES, notice("  ", account_id=str(cast.id("lin"))))
    assert (empty["code"], empty["data"]["field"]) == ("invalid_request", "body.title")
    body = {"account_id": str(cast.id("mi")), "scopes": ["chat", "operator"]}
    person = (await web.do(operator, "POST", "/v1/tokens", body))["token"]
    refusal = await web.refused(person, "POST", NOTICES, notice(account_id=str(cast.id("lin"))))
    assert refusal["data"]["reason"] == "system_only"
