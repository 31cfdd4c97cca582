"""The bots of this process: for each enterprise the version that its pointer names, loaded and ready to decide."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import structlog

from bot.artefact import read_recipe
from bot.encoding.asynchronous import AsyncEncoder
from bot.encoding.encoder import Encoder
from bot.encoding.tiers import load_encoder, tier_of
from bot.pipeline import Pipeline
from bot.pointers import list_current, publish, roll_back
from bot.retrieval.documents.index import KIND as DOCUMENTS
from bot.retrieval.documents.index import DocumentIndex
from bot.retrieval.documents.shelf import Shelf
from bot.retrieval.rerank import Reranker
from bot.settings import BotSettings
from bot.shop import Shop
from bot.turns.preview import preview
from kefu.base.errors import ConfigError
from kefu.bundle import KIND, bundle_folder, check_publishable, load_models
from messaging_core.api import Actor, Core
from messaging_core.errors import StorageUnavailable

log = structlog.get_logger("kefu.bots")
FindShop = Callable[[int], Shop | None]
_LOOK_S = 5.0
_PATIENT_MS = 10_000
_WARM_UP = ("你好", "有什么推荐的？")
_NOBODY = Actor(account_id=0, kind="system", name="")


class Bots:
    """Loads versions in a thread and swaps a whole pipeline at once; turns under way keep the one they began with."""

    def __init__(self, core: Core, *, artefacts: Path, find_shop: FindShop, reranker: Reranker | None = None) -> None:
        self._core = core
        self._artefacts = artefacts
        self._find_shop = find_shop
        self._reranker = reranker
        self._encoders: dict[str, tuple[Encoder, AsyncEncoder]] = {}
        self._running: dict[int, tuple[str, Pipeline]] = {}
        self._broken: dict[int, str] = {}
        self._shelves: dict[int, Shelf] = {}
        self._refreshing = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Load the encoder and every published bot, and keep looking for new versions."""
        await self.refresh()
        self._looking = asyncio.get_running_loop().create_task(self._look_on(), name="bots")

    async def close(self) -> None:
        """Stop looking, and end the encoder's worker."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        for _, texts in self._encoders.values():
            await texts.close()

    def find(self, enterprise_id: int) -> Pipeline | None:
        """Return what decides for an enterprise now, None while it has no bot."""
        found = self._running.get(enterprise_id)
        return found[1] if found is not None else None

    def shop(self, enterprise_id: int) -> Shop | None:
        """Return an enterprise's shop, None when it has none here."""
        return self._find_shop(enterprise_id)

    def version(self, enterprise_id: int) -> str | None:
        """Return the version that decides for an enterprise now."""
        found = self._running.get(enterprise_id)
        return found[0] if found is not None else None

    def shelf(self, enterprise_id: int) -> Shelf:
        """Return an enterprise's documents: one value a process, which its pipelines share."""
        return self._shelves.setdefault(enterprise_id, Shelf())

    def all(self) -> list[int]:
        """Return the enterprises whose bot is loaded."""
        return sorted(self._running)

    async def refresh(self) -> None:
        """Bring every enterprise to the version that its pointer names.

        A version that cannot be loaded is logged once, and what ran before runs on.
        """
        async with self._refreshing:
            pointers = await self._core.read(lambda connection: list_current(connection, kind=KIND))
            wanted = {pointer.enterprise_id: pointer.hash for pointer in pointers}
            for enterprise_id in self._running.keys() - wanted.keys():
                del self._running[enterprise_id]
            for enterprise_id, version in wanted.items():
                if version not in (self.version(enterprise_id), self._broken.get(enterprise_id)):
                    await self._load(enterprise_id, version)
            await self._refresh_documents()

    async def publish(self, enterprise_id: int, version: str, *, note: str = "", author_id: int | None = None) -> None:
        """Make a version live for the next turn; raise ConfigError, and change nothing, when it cannot be loaded."""
        async with self._refreshing:
            await asyncio.to_thread(check_publishable, self._artefacts, version)
            pipeline = await self._build(enterprise_id, version)
            await self._core.run(
                lambda unit: publish(
                    unit, enterprise_id=enterprise_id, kind=KIND, hash=version, author_id=author_id, note=note
                )
            )
            self._run(enterprise_id, version, pipeline)

    async def publish_documents(self, enterprise_id: int, version: str, *, note: str = "") -> None:
        """Switch an enterprise to another index of documents; raise ConfigError, and change nothing, when it is bad."""
        async with self._refreshing:
            index = await self._read_documents(enterprise_id, version)
            await self._core.run(
                lambda unit: publish(unit, enterprise_id=enterprise_id, kind=DOCUMENTS, hash=version, note=note)
            )
            self.shelf(enterprise_id).put(index, version)

    async def roll_back(self, enterprise_id: int, *, to: int | None = None, author_id: int | None = None) -> str:
        """Make an earlier version live again, the last one or step `to` of the history, and return it."""
        pointer = await self._core.run(
            lambda unit: roll_back(unit, enterprise_id=enterprise_id, kind=KIND, version=to, author_id=author_id)
        )
        await self.refresh()
        return pointer.hash

    async def _refresh_documents(self) -> None:
        for pointer in await self._core.read(lambda connection: list_current(connection, kind=DOCUMENTS)):
            shelf = self.shelf(pointer.enterprise_id)
            if pointer.hash in (shelf.version, shelf.refused):
                continue
            try:
                shelf.put(await self._read_documents(pointer.enterprise_id, pointer.hash), pointer.hash)
            except ConfigError as error:
                shelf.refused = pointer.hash
                log.error("bot.documents_refused", enterprise_id=pointer.enterprise_id, error=str(error))

    async def _read_documents(self, enterprise_id: int, version: str) -> DocumentIndex:
        """Load an index; ConfigError when its encoder is not the one of the enterprise's bot, whose vectors it gets."""
        encoder, _ = await self._encoder_of(version)
        live = self.version(enterprise_id)
        if live is not None and (await self._encoder_of(live))[0].id != encoder.id:
            raise ConfigError(f"{version}: 句向量不同，请再执行 kefu index · of another encoder, run kefu index")
        return await asyncio.to_thread(DocumentIndex.load, bundle_folder(self._artefacts, version), encoder)

    async def _load(self, enterprise_id: int, version: str) -> None:
        try:
            pipeline = await self._build(enterprise_id, version)
        except ConfigError as error:
            self._broken[enterprise_id] = version
            log.error("bot.version_refused", enterprise_id=enterprise_id, version=version, error=str(error))
        else:
            self._run(enterprise_id, version, pipeline)

    def _run(self, enterprise_id: int, version: str, pipeline: Pipeline) -> None:
        self._broken.pop(enterprise_id, None)
        self._running[enterprise_id] = (version, pipeline)
        log.info("bot.version", enterprise_id=enterprise_id, version=version)

    async def _build(self, enterprise_id: int, version: str) -> Pipeline:
        """Return a pipeline that has decided already: the first customer must not wait for its catalogue."""
        shop = self._find_shop(enterprise_id)
        if shop is None:
            raise ConfigError(
                f"企业 {enterprise_id} 在这里没有店铺，机器人没有资料可答 · the enterprise has no shop here"
            )
        encoder, texts = await self._encoder_of(version)
        models = await asyncio.to_thread(
            load_models, self._artefacts, version, encoder=encoder, texts=texts, reranker=self._reranker
        )
        shelf = self.shelf(enterprise_id)
        if shelf.version is not None and (await self._encoder_of(shelf.version))[0].id != encoder.id:
            log.warning("bot.documents_of_another_encoder", enterprise_id=enterprise_id, cure="kefu index")
            shelf = Shelf()
        pipeline = Pipeline(replace(models, documents=shelf), shop)
        for question in _WARM_UP:
            await preview(
                self._core,
                _NOBODY,
                pipeline,
                enterprise_id=enterprise_id,
                settings=BotSettings(deadline_ms=_PATIENT_MS),
                text=question,
            )
        return pipeline

    async def _encoder_of(self, version: str) -> tuple[Encoder, AsyncEncoder]:
        """Return the encoder that a version was made with, as it is and for the event loop; each is made once."""
        recipe = await asyncio.to_thread(read_recipe, bundle_folder(self._artefacts, version))
        if recipe.encoder_id not in self._encoders:
            tier, models = tier_of(recipe.encoder_id), self._artefacts.parent / "models"
            encoder = await asyncio.to_thread(load_encoder, tier, models=models)
            texts = AsyncEncoder(lambda: encoder)
            self._encoders[recipe.encoder_id] = (encoder, await texts.__aenter__())
        return self._encoders[recipe.encoder_id]

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                await self.refresh()
            except StorageUnavailable as error:  # the database comes back; what is loaded runs on
                log.warning("bots.refresh_failed", error=str(error))
