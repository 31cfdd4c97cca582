"""How chunks of samples reach workers: in this process, over processes, or over Ray."""

from __future__ import annotations

import importlib
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from eval.errors import SuiteError, TargetError
from eval.run import worker
from eval.run.worker import Job, Task, Worker
from eval.samples.model import Output

Chunk = Sequence[Task]


def run_here(job: Job, chunks: Sequence[Chunk], told: dict[str, str]) -> Iterator[list[Output]]:
    """Answer chunk by chunk in this process; what the target says of itself goes into `told`."""
    one = Worker(job)
    told |= one.describe()
    try:
        for chunk in chunks:
            yield one.answer(chunk)
    finally:
        one.close()


def run_processes(job: Job, chunks: Sequence[Chunk], processes: int) -> Iterator[list[Output]]:
    """Answer chunks in processes, in the order in which they are done.

    A chunk whose process died (out of memory, a crash in native code) fails as a whole, and the rest goes on in fresh
    processes; twice without any progress is a target that cannot be used.
    """
    left = list(chunks)
    stuck = 0
    while left:
        done: list[int] = []
        lost: list[int] = []
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, mp_context=context, initializer=worker.begin, initargs=(job,)) as pool:
            waiting: dict[Future[list[Output]], int] = {}
            numbers = iter(range(len(left)))
            try:
                while True:
                    # Two chunks a process wait: a broken pool then costs little.
                    while len(waiting) < 2 * processes and (number := next(numbers, None)) is not None:
                        waiting[pool.submit(worker.work, left[number])] = number
                    if not waiting:
                        break
                    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                        number = waiting.pop(future)
                        try:
                            found = future.result()
                        except BrokenProcessPool:
                            lost.append(number)
                            continue
                        done.append(number)
                        yield found
                    if lost:
                        raise BrokenProcessPool
            except BrokenProcessPool:
                lost += waiting.values()
        if not lost:
            return
        stuck = 0 if done else stuck + 1
        if stuck == 2:
            raise TargetError("worker_died")
        if not stuck:
            # One of these killed its process; the others get another chance.
            first = min(lost)
            yield [Output(sample.id, repeat, None, "crash: its process died") for sample, repeat in left[first]]
            done.append(first)
        left = [chunk for number, chunk in enumerate(left) if number not in done]


class _Actor:
    """A worker as Ray holds one: a class with async methods would run in a loop of Ray's, beside the worker's own."""

    def __init__(self, job: Job) -> None:
        self._worker = Worker(job)

    def describe(self) -> dict[str, str]:
        return self._worker.describe()

    def answer(self, chunk: Chunk) -> list[Output]:
        return self._worker.answer(chunk)


def run_ray(job: Job, chunks: Sequence[Chunk], processes: int, told: dict[str, str]) -> Iterator[list[Output]]:
    """Answer chunks by Ray actors, in the order in which they are done.

    The cluster is that of RAY_ADDRESS; without one a local one is started for the run. A chunk whose actor died fails,
    and another actor takes its place. Raises SuiteError when Ray is not installed, TargetError when no cluster or no
    actor can start.
    """
    # Ray tells its makers of every run unless it is told not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray: Any = importlib.import_module("ray")
    except ImportError as error:
        raise SuiteError("ray_missing") from error
    ours = not ray.is_initialized()
    if ours:
        local = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": processes, "include_dashboard": False}
        try:
            ray.init(logging_level="ERROR", log_to_driver=False, **local)
        except Exception as error:  # whatever it is: a bare Exception says that a node was too slow to start
            ray.shutdown()
            raise TargetError("ray_did_not_start", why=_last_line(error)) from error
    remote = ray.remote(_Actor)
    try:
        idle = [remote.remote(job) for _ in range(processes)]
        try:
            told |= ray.get([actor.describe.remote() for actor in idle])[0]
        except ray.exceptions.RayError as error:
            raise TargetError("worker_failed", why=_last_line(error)) from error
        yield from _by_actors(ray, remote, job, chunks, idle)
    finally:
        if ours:
            ray.shutdown()


def _by_actors(ray: Any, remote: Any, job: Job, chunks: Sequence[Chunk], idle: list[Any]) -> Iterator[list[Output]]:
    waiting: dict[Any, tuple[Chunk, Any]] = {}
    left = iter(chunks)
    while True:
        while idle and (chunk := next(left, None)) is not None:
            actor = idle.pop()
            waiting[actor.answer.remote(chunk)] = chunk, actor
        if not waiting:
            return
        (done, *_), _ = ray.wait(list(waiting), num_returns=1)
        chunk, actor = waiting.pop(done)
        try:
            found = ray.get(done)
        except ray.exceptions.RayActorError:
            found = [Output(sample.id, repeat, None, "crash: its process died") for sample, repeat in chunk]
            actor = remote.remote(job)
        except ray.exceptions.RayTaskError as error:
            raise TargetError("worker_failed", why=_last_line(error)) from error
        idle.append(actor)
        yield found


def _last_line(error: Exception) -> str:
    return next((line for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__).strip()


def chunked(tasks: Sequence[Task], *, processes: int, concurrency: int) -> list[Chunk]:
    """Split tasks so that every process has work and progress is seen."""
    size = max(concurrency, min(32, len(tasks) // (processes * 8) or 1))
    return [tasks[start : start + size] for start in range(0, len(tasks), size)]
