"""Tune an encoder on a trainer's rows, prove the gain on rows nobody had seen, and keep it only then."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.encoding.cache import CachedEncoder
from bot.encoding.e5 import FOLDER, PairEncoder, prepare_e5
from bot.encoding.encoder import Encoder, text_mark
from bot.encoding.sentence import install_card, need_torch, open_model, prepare_sentence, read_card, replace_folder
from bot.encoding.tiers import load_partner
from bot.encoding.use import UseEncoder
from bot.training.example import TrainingExample, clean_examples
from bot.training.prepare import Progress
from bot.tuning.proof import Proof, Split, judge_with, prove, split_rows
from bot.tuning.settings import Method, TuningSettings
from bot.understanding.hybrid import KnownText
from kefu.base.errors import ConfigError

if TYPE_CHECKING:
    from bot.tuning.learn import Learned, Lesson

_FEWEST = 20


@dataclass(frozen=True, slots=True)
class TuningReport:
    """What a tuning did; `kept` says whether `name` is now a prepared encoder, `why` the reason in words."""

    name: str
    base: str
    method: Method
    learned: int
    watched: tuple[float, ...]
    kept_epoch: int
    resumed_at: int
    proof: Proof
    kept: bool
    why: str
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """All fields by name."""
        return asdict(self)


def tune(
    examples: Iterable[TrainingExample],
    *,
    models: Path,
    base: str = FOLDER,
    name: str = "tuned",
    settings: TuningSettings | None = None,
    device: str = "cpu",
    cache: Path | None = None,
    progress: Progress | None = None,
) -> TuningReport:
    """Tune `base` (e5, a prepared model, or a folder) into `models`/name, or leave everything as it was.

    What was interrupted goes on from its last epoch when called again with the same rows and settings. Raises
    ConfigError for too few rows, a base that is not there, a missing package.
    """
    need_torch()
    began = time.perf_counter()
    settings, tell = settings or TuningSettings(), progress or (lambda stage, done, total: None)
    rows = _read_rows(examples)
    before = _base_encoder(base, models, tell)
    run = _begin(rows, before, base, models=models, name=name, settings=settings)
    tuned, learned = _learn(run, device, tell)
    tell("pack", 0, 1)
    tuned.save(run.candidate)
    tell("prove", 0, 1)
    proof = _prove(run, before, cache)
    tell("prove", 1, 1)
    kept = proof.chance <= settings.chance
    _settle(run, tuned, kept=kept)
    return TuningReport(
        name=name,
        base=before.id,
        method=run.method,
        learned=len(run.split.learn),
        watched=learned.watched,
        kept_epoch=learned.kept_epoch,
        resumed_at=learned.resumed_at,
        proof=proof,
        kept=kept,
        why=_why(proof, learned.kept_epoch, kept),
        seconds=round(time.perf_counter() - began, 1),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """What is tuned on what: `base` is its folder's name in `models`, `stamp` the same for the same work."""

    rows: Sequence[KnownText]
    split: Split
    models: Path
    name: str
    base: str
    method: Method
    settings: TuningSettings
    stamp: str

    @property
    def work(self) -> Path:
        """The folder of the run's state, which outlives an interruption."""
        return self.models / f".tune-{self.name}"

    @property
    def candidate(self) -> str:
        """The name that the tuned model has until it is proven."""
        return f".new-{self.name}"


@dataclass(frozen=True, slots=True)
class _Tuned:
    """A tuned model with what is saved beside it; `taught` are the marks of the rows that it learned."""

    model: Any
    models: Path
    base: str
    prefix: str
    stamp: str
    taught: Sequence[str]

    def save(self, name: str) -> None:
        """Save the model as it will serve: e5 in 4 bits and without torch, another one in 16 bits."""
        if self.base == FOLDER:
            from bot.tuning.e5_folder import pack_e5

            state = self.model[0].model.state_dict()
            weights = {key.removeprefix("model."): value.detach().float().numpy() for key, value in state.items()}
            pack_e5(self.models, name, weights, stamp=self.stamp, taught=self.taught)
            return
        part = Path(tempfile.mkdtemp(dir=self.models, prefix=".part-"))
        try:
            self.model.half().save(str(part / "model"), create_model_card=False)
            self.model.float()
            install_card(part, prefix=self.prefix, source=self.base, taught=self.taught)
            part.chmod(0o755)
            replace_folder(part, self.models / name)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise


def _read_rows(examples: Iterable[TrainingExample]) -> list[KnownText]:
    """Return the rows with an intent; raise ConfigError when they are too few to learn and prove anything."""
    rows = [text for text in clean_examples(examples) if text.intent is not None]
    if len(rows) < _FEWEST or len({text.intent for text in rows}) < 2:
        raise ConfigError(
            f"微调至少要两个意图、{_FEWEST} 条例句，现在有 {len(rows)} 条 · needs at least {_FEWEST} examples"
        )
    return rows


def _begin(
    rows: Sequence[KnownText], before: Encoder, base: str, *, models: Path, name: str, settings: TuningSettings
) -> _Run:
    """Settle what is learned and how; raise ConfigError when the tuned model would take the name of its base."""
    base_name = FOLDER if base == FOLDER else before.id.partition("/")[0].removeprefix("st-")
    if name in (base_name, FOLDER, "default"):
        raise ConfigError(f"{name!r} 是被微调的模型自己的名字，用 --as 另起一个 · is the name of what is tuned")
    examples_an_intent = np.unique([text.intent or "" for text in rows], return_counts=True)[1]
    method = settings.chosen(float(np.median(examples_an_intent)))
    split = split_rows(rows, seed=settings.seed)
    return _Run(rows, split, models, name, base_name, method, settings, _stamp(rows, before.id, method, settings))


def _learn(run: _Run, device: str, tell: Progress) -> tuple[_Tuned, Learned]:
    """Tune a copy of the base; what an interrupted run has learned is gone on from."""
    from bot.tuning.learn import learn  # imports torch

    run.work.mkdir(parents=True, exist_ok=True)
    source, prefix = _base_folder(run.base, run.models, run.work)
    model = open_model(source)
    learned = learn(
        model,
        _lesson(run.rows, run.split, prefix),
        method=run.method,
        settings=run.settings,
        folder=run.work,
        stamp=run.stamp,
        device=device,
        progress=tell,
    )
    taught = sorted(text_mark(run.rows[row].text) for row in run.split.learn)
    return _Tuned(model, run.models, run.base, prefix, run.stamp, taught), learned


def _prove(run: _Run, before: Encoder, cache: Path | None) -> Proof:
    """Let heads over both encoders judge the rows that the tuning has not seen."""
    known = [run.rows[row] for row in (*run.split.learn, *run.split.watch)]
    held = [run.rows[row] for row in run.split.held]
    use: Encoder = CachedEncoder(UseEncoder(), cache) if cache else UseEncoder()
    return prove(
        judge_with(PairEncoder(use, before), known, held),
        judge_with(PairEncoder(use, load_partner(run.candidate, run.models)), known, held),
    )


def _settle(run: _Run, tuned: _Tuned, *, kept: bool) -> None:
    """Give what was proven its name, or take it away; the state of the run is no longer needed either way."""
    shutil.rmtree(run.models / run.candidate, ignore_errors=True)
    if kept:
        tuned.save(run.name)
    shutil.rmtree(run.work, ignore_errors=True)


def _why(proof: Proof, epoch: int, kept: bool) -> str:
    figures = f"{proof.before} -> {proof.after} / {proof.rows}, p = {proof.chance:.3f}"
    if kept:
        return f"没学过的句子判对得更多 · proven on held-out rows: {figures}"
    worse = "；没有一轮比原来好 · no epoch was better" if epoch == 0 else ""
    return f"没有证明变好，仍用原来的模型 · not proven, the untuned model stays: {figures}{worse}"


def _base_encoder(base: str, models: Path, tell: Progress) -> Encoder:
    if base == FOLDER and not (models / FOLDER).is_dir():
        prepare_e5(models, progress=tell)
    if base != FOLDER and not (models / base).is_dir() and Path(base).is_dir():
        base = prepare_sentence(models, base, progress=tell).name
    encoder = load_partner(base, models)
    if encoder.id.startswith("q4-"):
        raise ConfigError(
            f"{base!r} 是压成 4 位的微调模型，请重新微调 {FOLDER} · is a tuned model in 4 bits, tune {FOLDER} again"
        )
    return encoder


def _base_folder(base: str, models: Path, work: Path) -> tuple[Path, str]:
    """Return the folder to load for tuning and the texts' prefix; e5 is written out once."""
    if base != FOLDER:
        return models / base / "model", str(read_card(models / base)["prefix"])
    from bot.tuning.e5_folder import PREFIX, write_e5_folder

    if not (work / "model").is_dir():
        part = Path(tempfile.mkdtemp(dir=work, prefix="part-"))
        write_e5_folder(part)
        (part / "model").rename(work / "model")
        shutil.rmtree(part)
    return work / "model", PREFIX


def _lesson(rows: Sequence[KnownText], split: Split, prefix: str) -> Lesson:
    from bot.tuning.learn import Lesson  # imports torch

    intents = sorted({text.intent or "" for text in rows})
    number = {intent: place for place, intent in enumerate(intents)}

    def part(chosen: Sequence[int]) -> tuple[tuple[str, ...], Any]:
        texts = tuple(prefix + rows[row].text for row in chosen)
        return texts, np.array([number[rows[row].intent or ""] for row in chosen], dtype=np.int64)

    return Lesson(*part(split.learn), *part(split.watch), len(intents))


def _stamp(rows: Sequence[KnownText], base: str, method: Method, settings: TuningSettings) -> str:
    said = [[[text.text, text.intent] for text in rows], base, method, settings.as_json()]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:16]
