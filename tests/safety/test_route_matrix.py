"""Object-level authorisation over HTTP: every route, every actor, on objects of every kind."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
import schemathesis
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from messaging_core.api import Core
from messaging_core.settings import Accounts, Limits, Settings
from tests.safety.apps import whole_app
from tests.safety.conftest import NewCore
from tests.safety.digest import digest
from tests.safety.route_rows import ELSEWHERE, ROUTE_ROWS
from tests.safety.row import OK, Row, fill
from tests.safety.world import ACTORS, NOWHERE, World

_UNUSED = tempfile.TemporaryDirectory()

_READS = ("GET ", "POST /v1/poll")
# What is counted per account (refusals, guesses) must not add up to a limit.
_TIMES_LENT = 24


def list_routes(app: FastAPI) -> set[str]:
    """Return `METHOD /path` of everything the application serves over HTTP."""
    found = set()
    for context in iter_route_contexts(app.routes):
        path = context.path or ""
        methods = getattr(context.original_route, "methods", None) or set()
        found |= {f"{method} {path}" for method in methods if method != "HEAD"}
    return found


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """One application for all rows, handed one core after the other: building it costs more than a row."""
    limits = Limits(requests_per_s=1e6, requests_burst=1_000_000, visitors_per_hour=1_000_000)
    often = Accounts(log_ins_per_account=10**6, log_ins_per_address=10**6, sign_ups_per_address=10**6)
    return whole_app(Core(Settings(database=f"sqlite:///{_UNUSED.name}/unused.db", limits=limits, accounts=often)))


class Untouched:
    """A core that refusals and reads alone have met; starting one costs more than what a row asks of it."""

    def __init__(self, new_core: NewCore) -> None:
        self.new_core = new_core
        self._core: Core | None = None
        self._lent = 0

    async def core(self) -> Core:
        """Return it, now and then a new one."""
        self._lent += 1
        if self._lent % _TIMES_LENT == 0:
            await self.close()
        if self._core is None:
            self._core = self.new_core()
            await self._core.start()
        return self._core

    @contextlib.asynccontextmanager
    async def core_for(self, row: Row) -> AsyncIterator[Core]:
        """Lend a core for what a row allows: what one actor did must not decide what the next one gets."""
        if row.of.startswith(_READS):
            yield await self.core()
            return
        core = self.new_core()
        await core.start()
        try:
            yield core
        finally:
            await core.close()

    async def close(self) -> None:
        """Close it: the next row gets a new one."""
        if self._core is not None:
            await self._core.close()
        self._core = None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def untouched(new_core: NewCore) -> AsyncIterator[Untouched]:
    kept = Untouched(new_core)
    yield kept
    await kept.close()


@pytest.fixture(scope="module")
def routes(app: FastAPI) -> set[str]:
    return list_routes(app)


@dataclass(slots=True, frozen=True)
class Client:
    """An HTTP client of the application, without a socket in between, and what the application says of itself."""

    http: httpx.AsyncClient
    schema: Any


@pytest.fixture(scope="module")
def schema(app: FastAPI) -> Any:
    return schemathesis.openapi.from_dict(app.openapi())


@pytest_asyncio.fixture(loop_scope="module")
async def client(app: FastAPI, schema: Any) -> AsyncIterator[Client]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as http:
        yield Client(http, schema)


def test_every_route_has_a_row(routes: set[str]) -> None:
    missing = sorted(routes - {row.of for row in ROUTE_ROWS.values()})
    assert not missing, (
        f"these routes say nowhere who may use them: {missing}; add a Row for each kind of object they are asked for "
        "to tests/safety/route_rows.py (and, if it has one, the line in protocol.md's table)"
    )


def test_every_row_has_a_route(routes: set[str]) -> None:
    gone = sorted({row.of for row in ROUTE_ROWS.values()} - routes)
    assert not gone, f"no route answers to these rows of tests/safety/route_rows.py any more: {gone}"


def test_the_websocket_is_the_only_route_that_is_no_http(app: FastAPI) -> None:
    paths = {
        context.path
        for context in iter_route_contexts(app.routes)
        if not getattr(context.original_route, "methods", None)
    }
    assert paths == ELSEWHERE


async def ask(client: Client, row: Row, world: World, actor: str, *, missing: str = "") -> httpx.Response:
    """Make the row's request; the answer must be one that `/openapi.json` describes."""
    method, _, path = row.of.partition(" ")
    for parameter, name in row.path.items():
        path = path.replace(f"{{{parameter}}}", NOWHERE if name in missing.split() else world.ids[name])
    body = fill(row.body, world, missing=missing)
    query = fill(row.query, world, missing=missing)
    answer = await client.http.request(method, path, params=query, headers=world.auth(actor), json=body)
    if row.of != "GET /openapi.json":
        client.schema[row.of.partition(" ")[2]][method].validate_response(answer)
    return answer


def outcome(answer: httpx.Response) -> str:
    """Return `ok`, or the refusal as rows name it; a refusal must have the one shape that protocol.md gives."""
    if answer.status_code < 300:
        return OK
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told = answer.json()
    assert set(told) == {"type", "title", "status", "detail", "code", "data"}
    assert told["status"] == answer.status_code
    return f"forbidden:{told['data']['reason']}" if told["code"] == "forbidden" else str(told["code"])


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", ROUTE_ROWS)
async def test_row(name: str, app: FastAPI, client: Client, untouched: Untouched, world: World) -> None:
    row = ROUTE_ROWS[name]
    core = app.state.core = await untouched.core()
    got: dict[str, str] = {}
    before = await core.read(digest)
    for actor in ACTORS:
        if row.expected(actor) != OK:
            answer = await ask(client, row, world, actor)
            got[actor] = outcome(answer)
            _check_shown(row, world, actor, answer)
    if await core.read(digest) != before:
        await untouched.close()
        pytest.fail("a refused request has changed something")
    if row.hides:
        await _check_hidden(client, row, world)
    for actor in ACTORS:
        if row.expected(actor) == OK:
            async with untouched.core_for(row) as app.state.core:
                answer = await ask(client, row, world, actor)
            got[actor] = outcome(answer)
            _check_shown(row, world, actor, answer)
    assert got == {actor: row.expected(actor) for actor in ACTORS}


def _check_shown(row: Row, world: World, actor: str, answer: httpx.Response) -> None:
    if row.shows is not None:
        text, actors = row.shows
        text = world.ids[text[1:]] if text.startswith("@") else text
        assert (text in answer.text) == (actor in actors.split()), f"{actor} sees {answer.text}"


async def _check_hidden(client: Client, row: Row, world: World) -> None:
    """A refusal for something that exists and one for something that does not must not differ but in the id."""
    for actor in row.outsiders():
        there = _shape(await ask(client, row, world, actor), world)
        for name in row.hides.split():
            nowhere = _shape(await ask(client, row, world, actor, missing=name), world)
            assert there == nowhere, f"{actor} can tell by the refusal whether {name} exists"


def _shape(answer: httpx.Response, world: World) -> tuple[int, Any]:
    text = answer.text.replace(NOWHERE, "ID")
    for id_ in sorted(world.ids.values(), key=len, reverse=True):
        if len(id_) > 10:
            text = text.replace(id_, "ID")
    return answer.status_code, text
