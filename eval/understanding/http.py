"""How fast a model answers: one message in process; over HTTP from its own process, with eight clients in this one.

Both want a quiet machine: measure this part alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from bot.training.train import train
from eval.understanding import goals
from eval.understanding.goals import DEFAULT, Figure
from eval.understanding.sets import CLINC, SMP, Place, read_set

_CLIENTS = 8
_SECONDS = 10.0
_START_S = 120.0


def measure_http(place: Place) -> Iterator[Figure]:
    """Serve a model of smp2017 and ask it distinct texts for ten seconds."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        trained = train(read_set(place.data / SMP, ("train",)), place.encoder())
        trained.artefact.save_as(model)
        texts = [row.text for name in ("train", "test") for row in read_set(place.data / CLINC, (name,))]
        port = _free_port()
        command = [
            *(sys.executable, "-m", "kefu", "predict", "--model", str(model), "--serve", str(port)),
            *("--models", str(place.models), "--processes", "0" if place.tier == DEFAULT else "1"),
        ]
        server = subprocess.Popen(command, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
        try:
            answered, seconds = asyncio.run(_load(f"http://127.0.0.1:{port}", texts))
        finally:
            server.terminate()
            server.wait(10)
    more = f"{answered} distinct texts in {seconds:.1f} s, load {os.getloadavg()[0]:.1f}, client included"
    yield Figure(goals.HTTP, answered / seconds, None, more)


async def _load(url: str, texts: list[str]) -> tuple[int, float]:
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        deadline = time.monotonic() + _START_S
        while True:
            try:
                (await client.get("/health")).raise_for_status()
                break
            except httpx.HTTPError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.2)
    waiting = iter(texts)
    host, _, port = url.removeprefix("http://").partition(":")
    began = time.perf_counter()
    end = began + _SECONDS
    counts = await asyncio.gather(*[_client(host, int(port), waiting, end) for _ in range(_CLIENTS)])
    return sum(counts), time.perf_counter() - began


async def _client(host: str, port: int, texts: Iterator[str], end: float) -> int:
    """Ask one text after the other on one connection; a bare socket, so that the client costs little."""
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    while time.perf_counter() < end and (text := next(texts, None)) is not None:
        body = json.dumps({"text": text}).encode()
        head = f"POST /predict HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"refused: {answer[:80]!r}")
        size = next(line for line in answer.split(b"\r\n") if line.lower().startswith(b"content-length"))
        await reader.readexactly(int(size.partition(b":")[2]))
        count += 1
    writer.close()
    return count


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
