"""Answers that are not the server's own: proxies, broken connections, odd content. And what the client may import."""

from __future__ import annotations

import ast
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files

import pytest

from messaging_core.client import ApiError, HttpApi, NetworkError, ProtocolError
from messaging_core.client.http_transport import base_url


@asynccontextmanager
async def _answering(raw: bytes) -> AsyncIterator[HttpApi]:
    """A server that gives every request this answer, and the client of it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, HttpApi(f"http://127.0.0.1:{port}", "kf_s_dGVh", timeout_s=5) as http:
        yield http


def _response(status: str, body: str, *headers: str) -> bytes:
    content = body.encode()
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(head).encode() + content


async def test_a_problem_is_an_api_error_with_all_its_parts() -> None:
    body = '{"type":"urn:x","title":"x","status":429,"detail":"太频繁","code":"rate_limited","data":{"limit":50}}'
    raw = _response("429 Too Many Requests", body, "Content-Type: application/problem+json", "Retry-After: 2")
    async with _answering(raw) as http:
        with pytest.raises(ApiError) as raised:
            await http.me()

    error = raised.value
    assert (error.code, error.status, error.detail) == ("rate_limited", 429, "太频繁")
    assert error.data == {"limit": 50, "retry_after_ms": 2000}
    assert error.transient
    assert not error.final


@pytest.mark.parametrize("status", ["502 Bad Gateway", "301 Moved Permanently", "403 Forbidden"])
async def test_a_page_of_something_in_between_is_an_api_error_without_its_text(status: str) -> None:
    async with _answering(_response(status, "<html>tea</html>", "Content-Type: text/html")) as http:
        with pytest.raises(ApiError, match=f"http_{status[:3]}") as raised:
            await http.me()
    assert "tea" not in str(raised.value)


async def test_a_good_status_with_odd_content_is_a_protocol_error() -> None:
    async with _answering(_response("200 OK", '{"account": 7}')) as http:
        with pytest.raises(ProtocolError, match="/v1/me"):
            await http.me()


async def test_a_connection_that_breaks_is_a_network_error() -> None:
    async with _answering(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{") as http:
        with pytest.raises(NetworkError, match="/v1/me"):
            await http.me()


async def test_no_server_is_a_network_error() -> None:
    async with _answering(b"") as http:
        pass
    with pytest.raises(NetworkError):
        await http.me()
    await http.aclose()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("ws://chat.example", "http://chat.example"),
        ("wss://chat.example/", "https://chat.example"),
        ("https://example.cn/chat/", "https://example.cn/chat"),
    ],
)
def test_any_address_of_a_server_will_do(given: str, used: str) -> None:
    assert base_url(given) == used


def test_the_client_can_be_copied_into_another_project() -> None:
    """It imports its own modules, the standard library and three packages; nothing else of this project."""
    folder = files("messaging_core.client")
    roots = set()
    for module in folder.iterdir():
        if module.name.endswith(".py"):
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    roots |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    assert node.level <= 1
                    roots |= {str(node.module).partition(".")[0]} if node.level == 0 else set()

    assert roots - sys.stdlib_module_names == {"httpx", "msgspec", "websockets"}
