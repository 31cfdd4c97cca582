"""The bare relay: FastAPI under uvicorn that stores nothing, checks nothing and knows nobody.

It is the floor of what our stack costs, not a messenger. Run it with
`uvicorn eval.load.relay:app --ws websockets-sansio --ws-per-message-deflate false`.
"""

from __future__ import annotations

import contextlib

import msgspec
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
_room: set[WebSocket] = set()
_connections: dict[int, WebSocket] = {}


class Frame(msgspec.Struct):
    """What a client of the relay may say."""

    t: str
    cid: str = ""
    to: int = -1
    body: str = ""


_decode = msgspec.json.Decoder(Frame).decode
_encode = msgspec.json.Encoder().encode


async def _answer(socket: WebSocket, user: int, frame: Frame) -> None:
    if frame.t == "join":
        _room.add(socket)
        await socket.send_text('{"joined":1}')
        return
    await socket.send_text(f'{{"ack":"{frame.cid}"}}')
    text = _encode({"t": "msg", "from": user, "body": frame.body}).decode()
    if frame.t == "dm":
        peer = _connections.get(frame.to)
        if peer is not None:
            await peer.send_text(text)
    else:
        for member in list(_room):
            await member.send_text(text)


@app.websocket("/ws")
async def relay(socket: WebSocket) -> None:
    """Pass frames on until the client leaves."""
    await socket.accept()
    user = int(socket.query_params["u"])
    _connections[user] = socket
    # RuntimeError: another member of the room left between the list and the send.
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await _answer(socket, user, _decode(await socket.receive_text()))
    _room.discard(socket)
    _connections.pop(user, None)
