"""protocol.md and the JavaScript client say the same: the real client sends, or understands, every example frame."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import open_modules

PROTOCOL = Path(__file__).parents[2] / "messaging_core" / "protocol.md"
BLOCK = re.compile(r"^```json example (client|server) \S+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = [(side, json.loads(text)) for side, text in BLOCK.findall(PROTOCOL.read_text("utf-8"))]
CLIENT = [frame for side, frame in EXAMPLES if side == "client"]
SERVER = [frame for side, frame in EXAMPLES if side == "server"]


@pytest.fixture(scope="module")
def modules() -> Iterator[Page]:
    page = open_modules()
    yield page
    page.context.close()


def _name(frame: dict[str, Any]) -> str:
    return f"{frame['type']}-{frame['kind']}" if "kind" in frame else str(frame["type"])


def test_the_page_has_examples_for_both_sides() -> None:
    assert len(CLIENT) >= 8
    assert len(SERVER) >= 14


@pytest.mark.browser
@pytest.mark.parametrize("example", CLIENT, ids=_name)
def test_the_client_sends_the_example(modules: Page, example: dict[str, Any]) -> None:
    modules.evaluate("async (example) => (await import('/tests/protocol.js')).produce(example)", example)


@pytest.mark.browser
@pytest.mark.parametrize("example", SERVER, ids=_name)
def test_the_client_understands_the_example(modules: Page, example: dict[str, Any]) -> None:
    modules.evaluate("async (example) => (await import('/tests/protocol.js')).accept(example)", example)


@pytest.mark.browser
@pytest.mark.parametrize("example", CLIENT, ids=_name)
def test_a_client_frame_without_one_of_its_fields_is_never_sent(modules: Page, example: dict[str, Any]) -> None:
    optional = {"type", "ref", "assignment_version", "reply_to", "mentions", "mention_all"}
    for field in example.keys() - optional:
        code = modules.evaluate(
            """async ({ type, ...fields }) => {
                const { clientFrame } = await import('/client/kefu.js');
                try { clientFrame(type, fields); return 'sent'; } catch (error) { return error.code; }
            }""",
            {key: value for key, value in example.items() if key != field},
        )
        assert code == "invalid_request", field


@pytest.mark.browser
@pytest.mark.parametrize("example", SERVER, ids=_name)
def test_a_server_frame_of_wrong_types_is_refused_and_never_applied(modules: Page, example: dict[str, Any]) -> None:
    checked = {"conversation_id", "seq", "msg_no", "account_id", "online", "on", "code", "resume", "status", "account"}
    for field in (example.keys() & checked) - ({"status"} if example["type"] == "error" else set()):
        code = modules.evaluate(
            """async (frame) => {
                const { readServerFrame } = await import('/client/kefu.js');
                try { readServerFrame(JSON.stringify(frame)); return 'read'; } catch (error) { return error.code; }
            }""",
            {**example, field: [None]},
        )
        assert code == "bad_server_frame", field
