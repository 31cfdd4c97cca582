"""`/openapi.json` is honest: requests made from it, good and bad, never hit a bug, and every answer is as it says."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
import uvloop
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from messaging_core.api import Core
from messaging_core.settings import Limits, Settings
from tests.safety.apps import whole_app
from tests.safety.conftest import NewCore
from tests.safety.live import DEADLINE_S, Live, serve
from tests.safety.world import World
from tests.support.depth import TIMES

_UNUSED = tempfile.TemporaryDirectory()

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ASKING = ("lin", "lin", "boss", "boss", "operator", "operator", "qiao", "visitor", "site_key", "anonymous")
# Which of the world's ids stand in for a field or a parameter of this name.
REAL = {
    "conversation_id": ("direct", "group", "service", "visit"),
    "account_id": ("mi", "nan", "bot", "moon_tea"),
    "enterprise_id": ("moon_tea", "rival_shop"),
    "session_id": ("session", "visit_session"),
    "token_id": ("mi_token", "bot_token"),
    "agent_id": ("zhou", "rival"),
    "bot_account_id": ("bot", "rival_bot"),
    "parked_id": ("parked",),
    "webhook_id": ("webhook",),
    "turn_id": ("turn",),
    "message_id": ("reply",),
    "phrase_id": ("phrase",),
    "note_id": ("note",),
    "member_ids": ("mi",),
    "upload_id": ("upload", "media"),
    "media_id": ("media", "emoji_media"),
    "ids": ("media",),
    "pack_id": ("pack",),
    "emoji_id": ("brand_emoji",),
    "lead_id": ("lead",),
    "account_ids": ("gray",),
}
LIMITS = Limits(
    frames_per_s=1e6, requests_per_s=1e6, requests_burst=1_000_000, visitors_per_hour=1_000_000,
    connections_per_account=1000,
)  # fmt: skip


class Background:
    """The server on a loop of its own, in a thread: schemathesis waits for its answers."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._up = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.live: Live | None = None
        self._thread = threading.Thread(target=lambda: uvloop.run(self._run()), name="openapi-server")

    async def _run(self) -> None:
        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        async with serve(self._core) as self.live:
            self._up.set()
            await self._stop.wait()

    def __enter__(self) -> Live:
        self._thread.start()
        assert self._up.wait(DEADLINE_S)
        assert self.live is not None
        return self.live

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None and self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(DEADLINE_S)


@pytest.fixture(scope="module")
def live(new_core: NewCore) -> Iterator[Live]:
    with Background(new_core(limits=LIMITS)) as running:
        yield running


@pytest.fixture(scope="module")
def schema(live: Live) -> Any:
    return schemathesis.openapi.from_url(f"{live.url}/openapi.json")


def _operations() -> list[tuple[str, bool]]:
    """Return `METHOD /path`, each for good requests and, where anything can be wrong with one, for bad requests."""
    described = whole_app(Core(Settings(database=f"sqlite:///{_UNUSED.name}/unused.db"))).openapi()
    found = []
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            found.append((f"{method.upper()} {path}", True))
            if operation.get("parameters") or operation.get("requestBody"):
                found.append((f"{method.upper()} {path}", False))
    return found


def _with_real_ids(draw: Any, value: Any, world: World) -> Any:
    if not isinstance(value, dict):
        return value
    out = {}
    for name, old in value.items():
        if name in REAL and draw(st.booleans()):
            id_ = world.ids[draw(st.sampled_from(REAL[name]))]
            out[name] = [id_] if isinstance(old, list) else id_
        else:
            out[name] = old
    return out


@pytest.mark.parametrize(("operation", "good"), _operations())
def test_answers_are_as_described(operation: str, good: bool, live: Live, schema: Any, world: World) -> None:
    method, path = operation.split(" ")
    mode = schemathesis.GenerationMode.POSITIVE if good else schemathesis.GenerationMode.NEGATIVE
    cases = schema[path][method].as_strategy(generation_mode=mode)
    session = requests.Session()
    session.trust_env = False

    @hypothesis.settings(
        max_examples=4 * TIMES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, actor=st.sampled_from(ASKING), data=st.data())
    def check(case: Any, actor: str, data: Any) -> None:
        if good:
            case.path_parameters = _with_real_ids(data.draw, case.path_parameters, world)
            case.query = _with_real_ids(data.draw, case.query, world)
            case.body = _with_real_ids(data.draw, case.body, world)
            if path == "/v1/poll" and isinstance(case.body, dict):
                case.body["wait_ms"] = 0
        case.call_and_validate(session=session, headers=world.auth(actor), checks=CHECKS)

    check()
    assert live.bugs == 0
