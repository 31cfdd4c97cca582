"""Run by the wheel's smoke test with the installed packages alone: two people of the demo exchange a message."""

from __future__ import annotations

import asyncio
import sys

import httpx

from messaging_core.client import KefuClient


async def main(url: str) -> None:
    """Log in as two people, send, and see it arrive; also fetch the pages."""
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        for path in ("/", "/chat", "/client/client.js", "/openapi.json", "/metrics"):
            answer = await http.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
        people = (await http.get("/demo/people")).json()["people"]
        tokens = [(await http.post(f"/demo/people/{person['id']}/login")).json()["token"] for person in people[:2]]
    async with KefuClient(url, tokens[0]) as lin, KefuClient(url, tokens[1]) as qiao:
        conversation = await lin.http.create_direct(people[1]["id"])
        await qiao.wait_connected()
        ack = await lin.send_text(conversation.id, "轮子里的第一条消息")
        page = await qiao.http.messages(conversation.id)
        assert [message.id for message in page] == [ack.message_id]
    print("smoke test: two people of the demo exchanged a message")


asyncio.run(main(sys.argv[1]))
