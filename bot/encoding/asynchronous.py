"""An encoder for the event loop: the work runs elsewhere, and messages that wait together are encoded together."""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from types import TracebackType

from bot.encoding.encoder import Encoder, Vectors
from kefu.base.errors import PluginError

# In a worker process: the encoder that `_set_up` built. In this process it stays empty.
_worker_encoder: Encoder | None = None


class AsyncEncoder:
    """Encodes one text a call without holding the loop.

    `processes=0` uses one thread of this process; more use that many processes, which alone add throughput
    (numpy's small steps hold the interpreter's lock). What arrives while every worker is busy goes out as one
    batch of at most `batch` texts. Use it as an async context manager; a failed batch raises in each of its callers.
    """

    def __init__(self, factory: Callable[[], Encoder], *, processes: int = 0, batch: int = 32) -> None:
        self._batch = batch
        self._workers = max(1, processes)
        self._executor: Executor
        self._work: Callable[[list[str]], Vectors]
        if processes == 0:
            self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="encoder")
            build = functools.cache(factory)  # built by the first call, in the worker's thread
            self._work = lambda texts: build().encode(texts)
        else:
            context = multiprocessing.get_context("spawn")
            self._executor = ProcessPoolExecutor(processes, context, initializer=_set_up, initargs=(factory,))
            self._work = _encode
        self._free = self._workers
        self._waiting: list[tuple[str, asyncio.Future[Vectors]]] = []
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> AsyncEncoder:
        loop = asyncio.get_running_loop()
        await asyncio.gather(*[loop.run_in_executor(self._executor, self._work, [""]) for _ in range(self._workers)])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def encode(self, text: str) -> Vectors:
        """Return the vector of one text, shape (dimension,)."""
        future: asyncio.Future[Vectors] = asyncio.get_running_loop().create_future()
        self._waiting.append((text, future))
        self._start()
        return await future

    async def close(self) -> None:
        """Wait for what runs, then end the workers; what had not begun is cancelled."""
        for _, future in self._waiting:
            future.cancel()
        self._waiting.clear()
        await asyncio.gather(*self._running, return_exceptions=True)
        await asyncio.to_thread(self._executor.shutdown)

    def _start(self) -> None:
        while self._free and self._waiting:
            batch, self._waiting = self._waiting[: self._batch], self._waiting[self._batch :]
            self._free -= 1
            task = asyncio.create_task(self._run(batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self, batch: list[tuple[str, asyncio.Future[Vectors]]]) -> None:
        try:
            texts = [text for text, _ in batch]
            vectors = await asyncio.get_running_loop().run_in_executor(self._executor, self._work, texts)
        except Exception as error:  # handed to each caller, who alone can answer for it
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
        else:
            for row, (_, future) in enumerate(batch):
                if not future.done():
                    future.set_result(vectors[row])
        finally:
            self._free += 1
            self._start()


def _set_up(factory: Callable[[], Encoder]) -> None:
    global _worker_encoder
    _worker_encoder = factory()


def _encode(texts: list[str]) -> Vectors:
    if _worker_encoder is None:
        raise PluginError("the encoder's process was not set up")
    return _worker_encoder.encode(texts)
