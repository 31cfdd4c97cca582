"""`kefu predict`, and `kefu train --output`: models of rows that come from outside, without a workspace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kefu.base.errors import ConfigError
from kefu.commands.base import refusals

Models = Annotated[
    Path | None, typer.Option("--models", help="准备好的句向量模型目录 · folder of prepared encoders (e5)")
]


def predict(
    model: Annotated[Path, typer.Option("--model", help="模型目录 · folder of the model", exists=True)],
    texts: Annotated[
        Path | None, typer.Option("--input", help='每行 {"text": "..."} · rows with a text', exists=True)
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", help="写完才出现 · written whole or not at all")] = None,
    models: Models = None,
    serve: Annotated[
        int | None, typer.Option("--serve", help="不读文件，开端口答 POST /predict · answer on this port instead")
    ] = None,
    host: Annotated[str, typer.Option("--host", help="地址 · address")] = "127.0.0.1",
    processes: Annotated[
        int, typer.Option("--processes", help="另开几个进程算句向量 · processes that encode", min=0, max=64)
    ] = 0,
) -> None:
    """用训练好的模型判断一批句子，一行一句，内存不随文件变大。Judge rows with a model, streaming.

    每行得到 · each row becomes: {"intent", "confidence", "in_scope", "decision", "entities"}

    示例 · example:  kefu predict --model M --input in.jsonl --output out.jsonl
    或 · or:  kefu predict --model M --serve 8900   （POST /predict {"text": "..."}）

    退出码 · exit codes: 0 完成 done · 2 读不了或写不了 refused
    """
    from bot.predict import write_predictions
    from bot.prediction_server import serve_model

    with refusals():
        if serve is not None:
            return serve_model(model, host=host, port=serve, models=models, processes=processes)
        if texts is None or output is None:
            raise ConfigError("需要 --input 和 --output，或者 --serve · name --input and --output, or --serve")
        write_predictions(model, texts, output, models=models)


def train_rows(
    data: Path,
    output: Path,
    *,
    valid: Path | None,
    wrong_answers: str | None,
    seed: int,
    encoder: str = "default",
    models: Path | None = None,
    unlabelled: Path | None = None,
) -> None:
    """Train on a file of rows and print the report as JSON."""
    from bot.encoding.tiers import load_encoder
    from bot.training.__main__ import train_outside
    from bot.training.settings import TrainingSettings
    from kefu.training_file import read_budget

    budget = TrainingSettings().wrong_answers
    with refusals():
        if wrong_answers is not None:
            budget = read_budget(wrong_answers, "--wrong-answers")
        report = train_outside(
            [data],
            output,
            valid=valid,
            unlabelled=unlabelled,
            encoder=load_encoder(encoder, models=models),
            seed=seed,
            settings=TrainingSettings(wrong_answers=budget),
        )
    typer.echo(json.dumps(report, ensure_ascii=False))
