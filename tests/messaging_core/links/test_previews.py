"""Previews: what is read of a page, and that no link leads the server to an inner address."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from messaging_core.api import Core, SendRequest, open_direct
from messaging_core.errors import CoreError
from messaging_core.kernel.outward import Unreachable, pin
from messaging_core.links import actions
from messaging_core.links.fetch import fetch_preview
from messaging_core.links.policy import read_preview
from messaging_core.messages import reading_store
from messaging_core.messages.kinds.link import Preview
from messaging_core.messages.model import Sent
from messaging_core.settings import Links
from tests.support.cast import Cast

PAGE = "<html><head><title>龙井 &amp; 普洱</title><meta name=description content='新茶'></head></html>"
OPEN = Links(previews=True, private_hosts=True, timeout_s=2.0, page_bytes=20_000)
Serve = Callable[[bytes], str]


@pytest.mark.parametrize(
    ("page", "kind", "found"),
    [
        (PAGE.encode(), "text/html", Preview("龙井 & 普洱", "新茶")),
        (PAGE.encode("gb18030"), "text/html; charset=gb2312", Preview("龙井 & 普洱", "新茶")),
        (
            b'<meta property="og:title" content="Tea"><meta property="og:site_name" content="Moon"><title>x</title>',
            "text/html",
            Preview("Tea", "", "Moon"),
        ),
        ("<title>a\u202eb\n c\u0007</title>".encode(), "text/html", Preview("ab c")),
        (b"<title>&lt;b&gt;bold&lt;/b&gt;</title>", "text/html", Preview("<b>bold</b>")),
        (b"<p>no title", "text/html", None),
        (b"\xff\xfe\x00", "text/html; charset=nonsense", None),
        (b"<title>" + b"x" * 5000, "text/html", Preview("x" * 200)),
    ],
)
def test_a_page_says_its_title_and_description_as_plain_text(page: bytes, kind: str, found: Preview | None) -> None:
    assert read_preview(page, kind) == found


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost:5432/",
        "http://10.0.0.1/",
        "http://172.16.3.4/",
        "http://192.168.1.1/admin",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
        "http://224.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://user:pass@127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://[bad/",
        "http://",
    ],
)
async def test_no_address_leads_inside(url: str) -> None:
    with pytest.raises(Unreachable):
        await pin(url, allow_private=False)


async def test_one_inner_address_among_public_ones_is_enough_and_a_name_is_asked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    answers = [["93.184.216.34", "10.0.0.1"], ["93.184.216.34"], ["10.0.0.1"]]

    async def answer(_loop: Any, host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers[len(asked) - 1]]

    monkeypatch.setattr(type(asyncio.get_running_loop()), "getaddrinfo", answer, raising=False)
    with pytest.raises(Unreachable):
        await pin("http://rebind.example/", allow_private=False)
    url, headers, extensions = await pin("http://rebind.example/", allow_private=False)
    assert (url, headers, extensions) == (
        "http://93.184.216.34:80/",
        {"Host": "rebind.example"},
        {"sni_hostname": "rebind.example"},
    )
    assert len(asked) == 2, "the address that was checked is the one that is asked"


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start servers on loopback that answer every connection with the same bytes."""
    running: list[asyncio.Server] = []
    sockets: list[socket.socket] = []

    def start(answer: bytes) -> str:
        listening = socket.create_server(("127.0.0.1", 0))
        sockets.append(listening)

        async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            writer.close()

        async def begin() -> None:
            running.append(await asyncio.start_server(on_connection, sock=listening))

        task = asyncio.get_running_loop().create_task(begin())
        tasks.append(task)
        return f"http://127.0.0.1:{listening.getsockname()[1]}/"

    tasks: list[asyncio.Task[None]] = []
    yield start
    for server in running:
        server.close()
    for listening in sockets:
        listening.close()


def answer(body: bytes, *, status: str = "200 OK", kind: str = "text/html; charset=utf-8", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


async def test_a_redirect_is_followed_and_checked_like_the_first_address(serve: Serve) -> None:
    page = serve(answer(PAGE.encode()))
    moved = serve(answer(b"", status="302 Found", more=f"Location: {page}\r\n"))
    assert await fetch_preview(moved, OPEN) == Preview("龙井 & 普洱", "新茶")
    away = serve(answer(b"", status="302 Found", more="Location: file:///etc/passwd\r\n"))
    with pytest.raises(Unreachable):
        await fetch_preview(away, OPEN)
    with pytest.raises(Unreachable):
        await fetch_preview(page, Links(previews=True))


async def test_a_redirect_without_end_and_a_page_that_is_none_give_nothing(serve: Serve) -> None:
    listening = serve(answer(b"", status="302 Found", more="Location: /again\r\n"))
    with pytest.raises(Unreachable):
        await fetch_preview(listening, OPEN)
    for broken in (
        answer(b"x", kind="application/pdf"),
        answer(b"x", status="500 No"),
        answer(PAGE.encode(), more="Content-Encoding: gzip\r\n"),
        b"SSH-2.0-OpenSSH\r\n\r\n",
    ):
        assert await fetch_preview(serve(broken), OPEN) is None


async def test_only_the_beginning_of_a_page_is_read(serve: Serve) -> None:
    long = b"<title>Tea</title>" + b"x" * 30_000 + b'<meta name="description" content="late">'
    assert await fetch_preview(serve(answer(long)), OPEN) == Preview("Tea")


async def test_a_link_shows_what_the_server_has_read_and_nothing_its_sender_claims(
    core: Core, cast: Cast, serve: Serve
) -> None:
    object.__setattr__(core.settings, "links", OPEN)
    url = serve(answer(PAGE.encode()))
    assert await actions.get_preview(core, url) == Preview("龙井 & 普洱", "新茶")
    place = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    body = msgspec.json.encode({"url": url})
    sent = await core.send(SendRequest(cast["lin"], place, "l1", "link", 1, body, lambda *_: None))
    assert isinstance(sent, Sent)
    row = await core.read(lambda c: reading_store.find_message(c, place, sent.seq))
    assert row is not None
    assert msgspec.json.decode(row.body)["preview"] == {"title": "龙井 & 普洱", "description": "新茶"}


async def test_previews_are_off_until_they_are_turned_on(core: Core) -> None:
    with pytest.raises(CoreError) as refusal:
        await actions.get_preview(core, "https://moontea.example/")
    assert refusal.value.data["reason"] == "previews_off"
