"""What a worker process does: make the target once, then answer samples, a few at a time."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from eval.errors import SampleError, TargetError
from eval.samples.model import Output, Sample, check_answer
from eval.targets.registry import TARGETS
from eval.targets.target import Setting, Target
from kefu.base.errors import ConfigError

Task = tuple[Sample, int]


@dataclass(frozen=True, slots=True)
class Job:
    """Everything a worker needs to make the target; it travels between processes."""

    kind: str
    options: bytes
    setting: Setting
    concurrency: int
    rate_per_s: float | None = None

    def make(self) -> Target[Any]:
        """Return the target, not started."""
        target = TARGETS[self.kind]
        return target(msgspec.json.decode(self.options, type=target.options), self.setting)


class Worker:
    """One event loop with one started target."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._loop = asyncio.new_event_loop()
        try:
            self._target = job.make()
            self._loop.run_until_complete(self._target.start())
        except ConfigError:
            self._loop.close()
            raise
        except Exception as bug:  # a target may be anybody's code; the run names it and goes on with the next suite
            self._loop.close()
            raise TargetError(
                "target_broken", kind=job.kind, why=f"{_last_place(bug)}{type(bug).__name__}: {bug}"
            ) from bug
        except BaseException:
            self._loop.close()
            raise

    def describe(self) -> dict[str, str]:
        """Return what the target says of itself."""
        return {"kind": self._job.kind, **self._target.describe()}

    def foresee(self, samples: Sequence[Sample]) -> None:
        """Tell the target what will be asked; its times mean nothing after that."""
        self._loop.run_until_complete(self._target.foresee([sample.input for sample in samples]))

    def answer(self, tasks: Sequence[Task]) -> list[Output]:
        """Return one output a task, in order; a failure is an output with an error."""
        return self._loop.run_until_complete(self._answer_all(tasks))

    def close(self) -> None:
        """Stop the target."""
        self._loop.run_until_complete(self._target.aclose())
        self._loop.close()

    async def _answer_all(self, tasks: Sequence[Task]) -> list[Output]:
        if self._job.rate_per_s is not None:
            return await self._answer_on_time(tasks, self._job.rate_per_s)
        gate = asyncio.Semaphore(self._job.concurrency)

        async def one(sample: Sample, repeat: int) -> Output:
            async with gate:
                return await self._answer(sample, repeat)

        return list(await asyncio.gather(*(one(sample, repeat) for sample, repeat in tasks)))

    async def _answer_on_time(self, tasks: Sequence[Task], rate_per_s: float) -> list[Output]:
        """Begin each task when it is due, whether the ones before are answered or not."""
        first = time.perf_counter_ns()

        async def one(number: int, sample: Sample, repeat: int) -> Output:
            due = first + round(number * 1e9 / rate_per_s)
            await asyncio.sleep((due - time.perf_counter_ns()) / 1e9)
            late = max(0, time.perf_counter_ns() - due) // 1_000
            found = await self._answer(sample, repeat)
            return msgspec.structs.replace(found, latency_us=found.latency_us + late)

        return list(await asyncio.gather(*(one(number, *task) for number, task in enumerate(tasks))))

    async def _answer(self, sample: Sample, repeat: int) -> Output:
        """Ask once. A target that knows better how long its answer took says so in `took_ms`."""
        began = time.perf_counter_ns()
        answer: dict[str, Any] | None = None
        error = ""
        try:
            async with asyncio.timeout(self._job.setting.timeout_s):
                answer = check_answer(await self._target.ask(sample.input))
        except SampleError as refused:
            error = str(refused)
        except TimeoutError:
            error = f"timeout: nothing within {self._job.setting.timeout_s:g} s"
        except TargetError:
            raise
        except Exception as bug:
            error = f"bug: {type(bug).__name__}: {bug}"
        took = (time.perf_counter_ns() - began) // 1_000
        if answer is not None and isinstance(told := answer.pop("took_ms", None), int | float):
            took = round(told * 1_000)
        return Output(sample.id, repeat, answer, error[:300], took)


def _last_place(bug: Exception) -> str:
    frames = traceback.extract_tb(bug.__traceback__)
    return f"{'/'.join(frames[-1].filename.split('/')[-2:])}:{frames[-1].lineno}: " if frames else ""


_worker: Worker | ConfigError | None = None


def begin(job: Job) -> None:
    """Make this process's worker. What forbids it is told by the first `work`: a pool would only say that it broke."""
    global _worker
    try:
        _worker = Worker(job)
    except ConfigError as error:
        _worker = error


def work(tasks: Sequence[Task]) -> list[Output]:
    """Answer tasks in a process that has begun; raise what its target could not be made for."""
    if isinstance(_worker, ConfigError):
        raise _worker
    assert _worker is not None
    return _worker.answer(tasks)
