"""Run one suite: read, prepare, ask, judge, log."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from eval.errors import SuiteError
from eval.leakage.check import LeakageResult, find_leaks
from eval.run.circumstances import machine, pace_us, revision, versions
from eval.run.executors import Chunk, chunked, run_here, run_processes, run_ray
from eval.run.journal import Journal, JournalHead
from eval.run.log import KIND, VERSION, CurvePoint, Hashes, Judged, RunLog, write_log
from eval.run.score import check_thresholds, figure_of, judge
from eval.run.worker import Job, Task, Worker
from eval.samples.model import Output, Sample, digest, samples_hash
from eval.samples.read import read_samples
from eval.spec.model import Suite
from eval.spec.read import LoadedSuite
from eval.targets.encoders import default_encoder, remembering
from eval.targets.registry import TARGETS
from eval.targets.target import Setting
from eval.targets.training_data import TrainingData, read_training

Progress = Callable[[str, int, int], None]
"""Told (what, done, all)."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run, as the command line says it.

    `folder` is the run's own; the same folder again goes on where an earlier run stopped. `shared` keeps models from
    run to run. `target` overrides keys of the suite's target.
    """

    folder: Path
    shared: Path | None = None
    release: bool = False
    processes: int | None = None
    executor: str | None = None
    bench_data: Path | None = None
    factories: Mapping[str, str] = field(default_factory=dict)
    target: Mapping[str, Any] | None = None
    limit: int | None = None
    budget_s: float | None = None
    rate_per_s: float | None = None


def run_suite(loaded: LoadedSuite, options: RunOptions, *, tell: Progress) -> RunLog:
    """Run a suite and write `log.json` into the run's folder; return the log.

    Raises:
        SuiteError: suite or data are wrong, or the folder holds another run's journal.
        TargetError: the target is down or cannot be made.
    """
    began, started_at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    suite = _with_options(loaded, options)
    samples = read_samples(loaded, release=options.release, bench_data=options.bench_data)[: options.limit]
    setting = _setting(loaded, suite, options)
    options.folder.mkdir(parents=True, exist_ok=True)
    leakage = _leakage(suite, samples, setting, tell)
    job, model = _prepare(suite, setting, tell)
    data, settings = samples_hash(samples), digest([suite.target, suite.seed, suite.repeats, suite.scorers])
    head = JournalHead(digest(suite), data, digest([settings, model]), started_at)
    paces = [pace_us()]
    with closing(Journal(options.folder / "outputs.jsonl", head)) as journal:
        complete, described = _ask_all(suite, job, samples, journal, tell)
        outputs = list(journal.outputs)
        started_at = journal.head.started_at
    paces.append(pace_us())
    tell("judge", 0, 1)
    judged = judge(suite, samples, outputs)
    log = RunLog(
        kind=KIND,
        v=VERSION,
        run_id="/".join(options.folder.resolve().parts[-2:]),
        suite=suite,
        suite_file=str(loaded.path),
        target=described,
        hashes=Hashes(head.suite, data, settings, described.get("model", model)),
        revision=revision(),
        versions=versions(),
        machine=machine(pace_us=statistics.median(paces)),
        seeds={"suite": suite.seed},
        release=options.release,
        started_at=started_at,
        seconds=round(time.monotonic() - began, 2),
        complete=complete,
        failed=dict(Counter(one.error.partition(":")[0] for one in outputs if one.answer is None)),
        samples=tuple(samples),
        outputs=tuple(outputs),
        judged=judged,
        thresholds=check_thresholds(suite, judged),
        leaks=leakage.leaks,
        leakage_fails=leakage.fails,
        curve=tuple(_curve(suite, samples, setting, judged, tell)),
    )
    write_log(log, options.folder / "log.json")
    tell("judge", 1, 1)
    return log


def _with_options(loaded: LoadedSuite, options: RunOptions) -> Suite:
    suite = loaded.suite
    changes: dict[str, Any] = {}
    if options.target:
        kind = options.target.get("kind", suite.target["kind"])
        kept = suite.target if kind == suite.target["kind"] else {}
        changes["target"] = {**kept, **options.target}
        if kind not in TARGETS:
            raise SuiteError("unknown_target", kind=kind, known=", ".join(sorted(TARGETS)))
    if options.processes is not None:
        changes["processes"] = options.processes
    if options.executor is not None:
        changes["executor"] = options.executor
    if options.rate_per_s is not None:
        changes["rate_per_s"] = options.rate_per_s
    if options.budget_s is not None:
        changes["budget_s"] = options.budget_s
    return msgspec.structs.replace(suite, **changes)


def _setting(loaded: LoadedSuite, suite: Suite, options: RunOptions) -> Setting:
    return Setting(
        suite_folder=loaded.path.parent.resolve(),
        run_folder=options.folder.resolve(),
        shared_folder=(options.shared or options.folder.parent / "shared").resolve(),
        bench_data=options.bench_data,
        factories=dict(options.factories),
        seed=suite.seed,
        timeout_s=suite.timeout_s,
    )


def _prepare(suite: Suite, setting: Setting, tell: Progress) -> tuple[Job, str]:
    """Return the job for the workers and the hash of what was prepared."""
    kind = str(suite.target["kind"])
    target = TARGETS[kind]
    raw = {key: value for key, value in suite.target.items() if key != "kind"}
    try:
        given = msgspec.convert(raw, target.options)
    except msgspec.ValidationError as error:
        raise SuiteError("target_options", kind=kind, why=str(error)) from error
    tell("prepare", 0, 1)
    prepared = target.prepare(given, setting)
    tell("prepare", 1, 1)
    model = str(getattr(prepared, "model", "") or getattr(prepared, "index", ""))
    job = Job(kind, msgspec.json.encode(prepared), setting, suite.concurrency, suite.rate_per_s)
    return job, Path(model).name


def _leakage(suite: Suite, samples: Sequence[Sample], setting: Setting, tell: Progress) -> LeakageResult:
    if suite.leakage is None:
        return LeakageResult((), False)
    tell("leakage", 0, 1)
    target = TARGETS[str(suite.target["kind"])]
    given = msgspec.convert({k: v for k, v in suite.target.items() if k != "kind"}, target.options)
    training = list(target.training_texts(given, setting))
    for name in suite.leakage.against:
        data = TrainingData(pack=name) if not name.endswith(".jsonl") else TrainingData(files=(name,))
        training += read_training(data, setting)
    encoder = remembering(default_encoder(), setting.shared_folder) if suite.leakage.semantic != "off" else None
    found = find_leaks(samples, training, suite.leakage, encoder)
    tell("leakage", 1, 1)
    return found


def _ask_all(
    suite: Suite,
    job: Job,
    samples: Sequence[Sample],
    journal: Journal,
    tell: Progress,
) -> tuple[bool, dict[str, str]]:
    """Ask what the journal does not hold yet; return whether all was asked in time, and what the target says."""
    known = {(output.sample_id, output.repeat) for output in journal.outputs}
    tasks: list[Task] = [
        (sample, repeat) for repeat in range(suite.repeats) for sample in samples if (sample.id, repeat) not in known
    ]
    total = len(samples) * suite.repeats
    tell("ask", total - len(tasks), total)
    described = {"kind": job.kind, **{k: str(v) for k, v in suite.target.items() if k in ("url", "factory", "model")}}
    if not tasks:
        return True, described
    # An open loop is one piece: between pieces the target would get a rest.
    whole = suite.rate_per_s is not None
    chunks = [tasks] if whole else chunked(tasks, processes=suite.processes, concurrency=suite.concurrency)
    answers, says = _executor(suite, job, chunks)
    ends: float | None = None
    done = total - len(tasks)
    for outputs in answers:
        # The time runs from the first answers: loading, or training in a target's start, is not the answers' fault.
        ends = ends or time.monotonic() + suite.budget_s
        journal.add(outputs)
        done += len(outputs)
        tell("ask", done, total)
        if time.monotonic() > ends and done < total:
            asked = {(one.sample_id, one.repeat) for one in journal.outputs}
            left = [task for task in tasks if (task[0].id, task[1]) not in asked]
            journal.outputs += [
                Output(sample.id, repeat, None, f"budget: {suite.budget_s:g} s were over") for sample, repeat in left
            ]
            return False, says() or described
    return True, says() or described


def _executor(
    suite: Suite, job: Job, chunks: Sequence[Chunk]
) -> tuple[Iterator[list[Output]], Callable[[], dict[str, str]]]:
    told: dict[str, str] = {}
    if suite.executor == "ray":
        return run_ray(job, chunks, suite.processes, told), lambda: told
    if suite.processes == 1:
        return run_here(job, chunks, told), lambda: told
    return run_processes(job, chunks, suite.processes), dict


def _curve(
    suite: Suite, samples: Sequence[Sample], setting: Setting, judged: Sequence[Judged], tell: Progress
) -> Iterator[CurvePoint]:
    """Train on each share of the data, ask all samples once, and keep the one figure; all the data is the run itself.

    A target that does not train (another one was named on the command line) has no curve.
    """
    target = TARGETS[str(suite.target["kind"])]
    given = msgspec.convert({k: v for k, v in suite.target.items() if k != "kind"}, target.options)
    if suite.curve is None or not target.learns(given):
        return
    known = {figure.key: figure for one in judged for figure in one.figures}
    for number, percent in enumerate(suite.curve.percent):
        tell("curve", number, len(suite.curve.percent))
        part = replace(setting, percent=percent)
        examples = len(target.training_texts(given, part))
        if percent == 100:
            yield CurvePoint(percent, examples, known[suite.curve.figure])
            continue
        job, _ = _prepare(suite, part, lambda *_: None)
        worker = Worker(job)
        try:
            worker.foresee(samples)
            outputs = worker.answer([(sample, 0) for sample in samples])
        finally:
            worker.close()
        yield CurvePoint(percent, examples, figure_of(suite, suite.curve.figure, samples, outputs))
    tell("curve", len(suite.curve.percent), len(suite.curve.percent))
