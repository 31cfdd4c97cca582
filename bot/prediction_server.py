"""A trained model behind HTTP: POST /predict {"text"}; messages that come together are encoded together."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from starlette.types import Receive, Scope, Send

from bot.artefact import read_recipe
from bot.encoding.asynchronous import AsyncEncoder
from bot.encoding.tiers import load_encoder, tier_of
from bot.predict import as_answer
from bot.understanding.hybrid import Understander
from bot.understanding.normalise import normalise
from kefu.base.errors import ConfigError

_MOST_BYTES = 65_536


class PredictionServer:
    """An ASGI application. GET /health tells the model; what is no text is answered 400, what is too long 413."""

    def __init__(self, model: Path, *, models: Path | None = None, processes: int = 0) -> None:
        tier = tier_of(read_recipe(model).encoder_id)
        encoder = load_encoder(tier, models=models)
        self._understander = Understander.load(model, encoder)
        self._name = model.name
        factory = functools.partial(load_encoder, tier, models=models) if processes else (lambda: encoder)
        self._texts = AsyncEncoder(factory, processes=processes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or the application's start and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            status, answer = await self._answer(scope, receive)
            body = json.dumps(answer, ensure_ascii=False).encode()
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._texts.__aenter__()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._texts.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, dict[str, Any]]:
        if (scope["method"], scope["path"]) == ("GET", "/health"):
            return 200, {"model": self._name, "intents": len(self._understander.intents)}
        if (scope["method"], scope["path"]) != ("POST", "/predict"):
            return 404, {"error": "not_found", "cure": 'POST /predict {"text": "..."}'}
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > _MOST_BYTES:
                return 413, {"error": "too_long", "cure": f"at most {_MOST_BYTES} bytes"}
            if not message.get("more_body"):
                break
        try:
            text = json.loads(body)["text"]
            text.encode()  # half of a surrogate pair is no text
        except (ValueError, KeyError, TypeError, AttributeError):
            return 400, {"error": "no_text", "cure": 'send {"text": "..."} as JSON'}
        plain = normalise(text)
        found = self._understander.understand_vector(plain, await self._texts.encode(plain), written=text)
        return 200, as_answer(found)


def serve_model(model: Path, *, host: str, port: int, models: Path | None = None, processes: int = 0) -> None:
    """Serve until told to stop; raise ConfigError when the model or its encoder cannot be loaded."""
    import uvicorn

    app = PredictionServer(model, models=models, processes=processes)
    try:
        uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False, loop="uvloop")
    except OSError as error:
        raise ConfigError(f"{host}:{port} 用不了，换一个端口 · cannot be listened on: {error.strerror}") from error
