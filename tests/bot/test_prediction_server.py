"""A model behind HTTP: the rows of `kefu predict`, one request each; what is no text is refused with its cure."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from bot.predict import as_answer
from bot.prediction_server import PredictionServer
from bot.training.train import Trained
from bot.understanding.hybrid import Understander


@pytest_asyncio.fixture
async def client(trained: Trained, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = PredictionServer(trained.artefact.save_as(tmp_path / "model"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://model") as made:
        yield made


async def test_a_text_gets_what_predict_writes(client: httpx.AsyncClient, understander: Understander) -> None:
    for text in ("什么时候能发货", "转人工", "明天下午三点能到吗", ""):
        answer = await client.post("/predict", json={"text": text})
        assert answer.status_code == 200
        expected = as_answer(understander.understand(text))
        said = answer.json()
        assert (said["intent"], said["decision"]) == (expected["intent"], expected["decision"])
        assert said["confidence"] == pytest.approx(expected["confidence"], abs=1e-3)
        assert len(said["entities"]) == len(expected["entities"])  # type: ignore[arg-type]


@pytest.mark.parametrize("body", [b"{}", b"[1]", b"nope", b'{"text": 5}', b'{"text": "\\ud800"}', b"\xff"])
async def test_what_is_no_text_is_refused_with_the_cure(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/predict", content=body)
    assert answer.status_code == 400 and "text" in answer.json()["cure"]


async def test_a_million_characters_are_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/predict", json={"text": "茶" * 1_000_000})).status_code == 413


async def test_the_health_names_the_model_and_other_places_are_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health")).json()["model"] == "model"
    assert (await client.get("/predict")).status_code == 404
