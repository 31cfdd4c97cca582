"""Judge texts with a trained model: python -m bot.predict --model MODEL --input in.jsonl --output out.jsonl."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from bot.artefact import read_recipe
from bot.encoding.tiers import load_encoder, tier_of
from bot.training.jsonl import read_rows
from bot.understanding.entities.entity import Entity
from bot.understanding.hybrid import Understander
from bot.understanding.understanding import Understanding
from kefu.base.errors import ConfigError, KefuError

_BATCH = 256


def main() -> int:
    """Return the exit code: 0 done, 2 for what the user can put right."""
    parser = argparse.ArgumentParser(prog="python -m bot.predict", description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--input", type=Path, required=True, help='rows {"text"}')
    parser.add_argument("--output", type=Path, required=True, help="written whole or not at all")
    parser.add_argument("--models", type=Path, help="folder of prepared encoders, for a model of the quality tier")
    options = parser.parse_args()
    try:
        write_predictions(options.model, options.input, options.output, models=options.models)
    except KefuError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def write_predictions(model: Path, texts: Path, output: Path, *, models: Path | None = None) -> None:
    """Judge the rows of `texts` with the model and its own encoder; `output` is written whole or not at all."""
    part = output.with_name(output.name + ".part")
    try:
        encoder = load_encoder(tier_of(read_recipe(model).encoder_id), models=models)
        understander = Understander.load(model, encoder)
        with part.open("w", encoding="utf-8") as file:
            for line in predict(understander, texts):
                file.write(line + "\n")
        os.replace(part, output)
    except OSError as error:
        raise ConfigError(f"{output}: 写不下 · cannot be written ({error.strerror})") from error
    finally:
        part.unlink(missing_ok=True)


def predict(understander: Understander, path: Path) -> Iterator[str]:
    """Yield one line of JSON for each row, in order; memory does not grow with the file.

    `in_scope` is the score (0 to 1), `decision` is answer, clarify or decline.
    """
    rows = read_rows(path)
    while batch := list(itertools.islice(rows, _BATCH)):
        for found in understander.understand_many([row["text"] for _, row in batch]):
            yield json.dumps(as_answer(found), ensure_ascii=False)


def as_answer(found: Understanding) -> dict[str, object]:
    """Return an understanding as the row that is written for it."""
    return {
        "intent": found.intent,
        "confidence": round(found.confidence, 6),
        "in_scope": round(found.in_scope, 6),
        "decision": found.decision,
        "entities": [_shown(entity) for entity in found.entities],
    }


def _shown(entity: Entity) -> dict[str, object]:
    return {name: value for name, value in asdict(entity).items() if value is not None}


if __name__ == "__main__":
    sys.exit(main())
