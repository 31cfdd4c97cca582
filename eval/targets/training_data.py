"""Where a model that is trained for a suite learns from."""

from __future__ import annotations

import random
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from bot.training.example import TrainingExample
from bot.training.jsonl import read_examples
from bot.training.pack_examples import pack_examples
from eval.errors import SuiteError
from eval.public.registry import read_public
from eval.targets.target import Setting
from intents.loader import load_pack


class TrainingData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One or several of: the name of a pack that ships with us or a folder, files of JSONL, an outside set."""

    pack: str = ""
    files: tuple[str, ...] = ()
    public: str = ""
    options: dict[str, Any] = {}
    drop_out_of_scope: bool = False


def read_training(data: TrainingData, setting: Setting) -> list[TrainingExample]:
    """Return the examples, at `setting.percent` of each intent (at least one); raise SuiteError when there are none."""
    examples: list[TrainingExample] = []
    if data.pack:
        examples += list(pack_examples(load_pack(pack_folder(data.pack, setting))))
    for name in data.files:
        path = setting.resolve(name)
        if not path.exists():
            raise SuiteError("data_missing", file=str(path))
        examples += read_examples(path)
    if data.public:
        if setting.bench_data is None:
            raise SuiteError("no_bench_data", file=data.public)
        for row, place in read_public(data.public, setting.bench_data, data.options, place=data.public):
            examples.append(TrainingExample(row["text"], row["intent"], place))
    if data.drop_out_of_scope:
        examples = [example for example in examples if example.intent is not None]
    if not examples:
        raise SuiteError("no_training")
    return _share(examples, setting)


def pack_folder(name: str, setting: Setting) -> Path:
    """Return the folder of a pack: relative to the suite, or the name of one that ships with us."""
    beside = setting.resolve(name)
    if beside.exists():
        return beside
    shipped = Path(str(resources.files("intents") / "packs" / name))
    if not shipped.is_dir():
        raise SuiteError("data_missing", file=name)
    return shipped


def _share(examples: Sequence[TrainingExample], setting: Setting) -> list[TrainingExample]:
    if setting.percent >= 100:
        return list(examples)
    by_intent: dict[str | None, list[TrainingExample]] = {}
    for example in examples:
        by_intent.setdefault(example.intent, []).append(example)
    kept: list[TrainingExample] = []
    for intent, rows in by_intent.items():
        ordered = sorted(rows, key=lambda row: (row.text, row.place or ""))
        random.Random(f"{setting.seed}/{intent}").shuffle(ordered)
        kept += ordered[: max(1, round(len(ordered) * setting.percent / 100))]
    return kept
