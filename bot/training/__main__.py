"""Train on an outside set: python -m bot.training --data train.jsonl [--valid valid.jsonl] --output MODEL."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import TaskID

from bot.encoding.encoder import Encoder
from bot.encoding.tiers import DEFAULT, load_encoder
from bot.training.example import TrainingExample
from bot.training.jsonl import read_examples, read_texts
from bot.training.settings import TrainingSettings
from bot.training.train import Trained, train
from bot.understanding.hybrid import Understander
from kefu.base.errors import KefuError

_PROMISE = (
    "budget",
    "delta",
    "proven",
    "threshold",
    "rows",
    "answered",
    "wrong",
    "bound",
    "coverage",
    "inside_coverage",
)


def main() -> int:
    """Return the exit code: 0 done, 2 for what the user can put right."""
    parser = argparse.ArgumentParser(prog="python -m bot.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, action="append", help='rows {"text", "intent"}; may repeat')
    parser.add_argument("--valid", type=Path, help="judged after training, never trained on")
    parser.add_argument("--unlabelled", type=Path, help='messages {"text"} without intent, to learn from')
    parser.add_argument("--output", type=Path, required=True, help="folder of the model")
    parser.add_argument("--cache", type=Path, help="folder that keeps sentence vectors from run to run")
    parser.add_argument("--encoder", default=DEFAULT, help="default, e5, or another prepared model: kefu models list")
    parser.add_argument("--models", type=Path, help="folder of prepared encoders")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--wrong-answers", type=float, default=TrainingSettings().wrong_answers, help="budget, 0.02 = 2 %%"
    )
    options = parser.parse_args()
    try:
        report = train_outside(
            options.data,
            options.output,
            valid=options.valid,
            unlabelled=options.unlabelled,
            encoder=load_encoder(options.encoder, models=options.models, cache=options.cache),
            seed=options.seed,
            settings=TrainingSettings(wrong_answers=options.wrong_answers),
        )
    except KefuError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(report, ensure_ascii=False))
    return 0


def train_outside(
    data: Iterable[Path],
    output: Path,
    *,
    valid: Path | None,
    encoder: Encoder,
    unlabelled: Path | None = None,
    seed: int = 0,
    settings: TrainingSettings | None = None,
) -> dict[str, object]:
    """Train on outside files, save the model at `output`, and return the report.

    `valid` is judged, not learned; `unlabelled` is learned from without labels.
    """
    began = time.perf_counter()
    examples = [example for path in data for example in read_examples(path)]
    messages = list(read_texts(unlabelled))
    trained = _train(examples, messages, encoder, seed=seed, settings=settings or TrainingSettings())
    trained.artefact.save_as(output)
    report = _report(trained, time.perf_counter() - began)
    if valid:
        report["valid"] = judge(Understander(trained.model, encoder), list(read_examples(valid)))
    return report


def judge(understander: Understander, examples: Iterable[TrainingExample]) -> dict[str, float]:
    """Return accuracy over rows with an intent, the share of them kept, and of the others declined."""
    rows = list(examples)
    found = understander.understand_many([row.text for row in rows])
    inside = [(row, u) for row, u in zip(rows, found, strict=True) if row.intent is not None]
    foreign = [u for row, u in zip(rows, found, strict=True) if row.intent is None]
    report = {}
    if inside:
        right = [u.intent == row.intent for row, u in inside]
        kept = [u.decision != "decline" for _, u in inside]
        report["accuracy"] = sum(right) / len(inside)
        report["accuracy_after_declining"] = sum(a and b for a, b in zip(right, kept, strict=True)) / len(inside)
    if foreign:
        report["declined_foreign"] = sum(u.decision == "decline" for u in foreign) / len(foreign)
    return {name: round(value, 4) for name, value in report.items()}


def _train(
    examples: list[TrainingExample], messages: list[str], encoder: Encoder, *, seed: int, settings: TrainingSettings
) -> Trained:
    with Bar(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)

        return train(examples, encoder, seed=seed, progress=tell, settings=settings, unlabelled=messages)


def _report(trained: Trained, seconds: float) -> dict[str, object]:
    held = trained.out_of_fold
    return {
        "hash": trained.artefact.hash,
        "intents": len(trained.model.intents),
        "rows": len(trained.model.texts),
        "seconds": round(seconds, 1),
        "out_of_fold": {
            "rows": held.inside,
            "accuracy": round(held.accuracy, 4),
            "calibration_error": round(held.calibration_error, 4),
        },
        "promise": {name: getattr(trained.risk, name) for name in _PROMISE},
    }


if __name__ == "__main__":
    sys.exit(main())
