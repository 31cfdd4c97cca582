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
from typing import Any

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
    from bot.tuning.learn import Lesson, learn  # imports torch

    began = time.perf_counter()
    settings, tell = settings or TuningSettings(), progress or (lambda stage, done, total: None)
    rows = [text for text in clean_examples(examples) if text.intent is not None]
    intents = sorted({text.intent or "" for text in rows})
    if len(rows) < _FEWEST or len(intents) < 2:
        raise ConfigError(
            f"微调至少要两个意图、{_FEWEST} 条例句，现在有 {len(rows)} 条 · needs at least {_FEWEST} examples"
        )
    before = _base_encoder(base, models, tell)
    base_name = FOLDER if base == FOLDER else before.id.partition("/")[0].removeprefix("st-")
    if name in (base_name, FOLDER, "default"):
        raise ConfigError(f"{name!r} 是被微调的模型自己的名字，用 --as 另起一个 · is the name of what is tuned")
    split = split_rows(rows, seed=settings.seed)
    counts = np.unique([intents.index(text.intent or "") for text in rows], return_counts=True)[1]
    method = settings.chosen(float(np.median(counts)))
    stamp = _stamp(rows, before.id, method, settings)
    work = models / f".tune-{name}"
    work.mkdir(parents=True, exist_ok=True)
    source, prefix = _base_folder(base_name, models, work)
    model = open_model(source)
    learned = learn(
        model,
        _lesson(rows, split, intents, prefix, Lesson),
        method=method,
        settings=settings,
        folder=work,
        stamp=stamp,
        device=device,
        progress=tell,
    )
    tell("pack", 0, 1)
    taught = sorted(text_mark(rows[row].text) for row in split.learn)
    _pack(model, models, f".new-{name}", base_name, prefix, stamp, taught)
    tell("prove", 0, 1)
    known, held = [rows[row] for row in (*split.learn, *split.watch)], [rows[row] for row in split.held]
    use: Encoder = CachedEncoder(UseEncoder(), cache) if cache else UseEncoder()
    proof = prove(
        judge_with(PairEncoder(use, before), known, held),
        judge_with(PairEncoder(use, load_partner(f".new-{name}", models)), known, held),
    )
    tell("prove", 1, 1)
    kept = proof.chance <= settings.chance
    _settle(models, name, work, base_name, prefix, stamp, taught, model, kept=kept)
    why = _why(proof, learned.kept_epoch, kept)
    return TuningReport(
        name=name,
        base=before.id,
        method=method,
        learned=len(split.learn),
        watched=learned.watched,
        kept_epoch=learned.kept_epoch,
        resumed_at=learned.resumed_at,
        proof=proof,
        kept=kept,
        why=why,
        seconds=round(time.perf_counter() - began, 1),
    )


def _why(proof: Proof, epoch: int, kept: bool) -> str:
    figures = f"{proof.before} -> {proof.after} of {proof.rows} held-out rows right, p = {proof.chance:.3f}"
    if kept:
        return f"proven: {figures}"
    return f"not proven, the untuned model stays: {figures}" + ("; no epoch was better" if epoch == 0 else "")


def _base_encoder(base: str, models: Path, tell: Progress) -> Encoder:
    if base == FOLDER and not (models / FOLDER).is_dir():
        prepare_e5(models, progress=tell)
    if base != FOLDER and not (models / base).is_dir() and Path(base).is_dir():
        base = prepare_sentence(models, base, progress=tell).name
    encoder = load_partner(base, models)
    if encoder.id.startswith("q4-"):
        raise ConfigError(f"{base!r} is a tuned model in 4 bits; tune {FOLDER} again instead")
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


def _lesson(rows: Sequence[KnownText], split: Split, intents: Sequence[str], prefix: str, kind: Any) -> Any:
    number = {intent: place for place, intent in enumerate(intents)}

    def part(chosen: Sequence[int]) -> tuple[tuple[str, ...], Any]:
        texts = tuple(prefix + rows[row].text for row in chosen)
        return texts, np.array([number[rows[row].intent or ""] for row in chosen], dtype=np.int64)

    learn, watch = part(split.learn), part(split.watch)
    return kind(learn[0], learn[1], watch[0], watch[1], len(intents))


def _pack(model: Any, models: Path, name: str, base: str, prefix: str, stamp: str, taught: Sequence[str]) -> None:
    """Save the model as it will serve: e5 in 4 bits and without torch, another one in 16 bits."""
    if base == FOLDER:
        from bot.tuning.e5_folder import pack_e5

        state = model[0].model.state_dict()
        weights = {key.removeprefix("model."): value.detach().float().numpy() for key, value in state.items()}
        pack_e5(models, name, weights, stamp=stamp, taught=taught)
        return
    part = Path(tempfile.mkdtemp(dir=models, prefix=".part-"))
    try:
        model.half().save(str(part / "model"), create_model_card=False)
        model.float()
        install_card(part, prefix=prefix, source=base, taught=taught)
        part.chmod(0o755)
        replace_folder(part, models / name)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _settle(
    models: Path,
    name: str,
    work: Path,
    base: str,
    prefix: str,
    stamp: str,
    taught: Sequence[str],
    model: Any,
    *,
    kept: bool,
) -> None:
    """Give what was proven its name, or take it away; the state of the run is no longer needed either way."""
    shutil.rmtree(models / f".new-{name}", ignore_errors=True)
    if kept:
        _pack(model, models, name, base, prefix, stamp, taught)
    shutil.rmtree(work, ignore_errors=True)


def _stamp(rows: Sequence[KnownText], base: str, method: Method, settings: TuningSettings) -> str:
    said = [[[text.text, text.intent] for text in rows], base, method, settings.as_json()]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:16]
