"""Sets of service dialogues: uss_en, uss_jddc, jddc_intent; and offensive posts: cold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.public.rows import Row, jsonl


def uss_turns(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield customer turns with a label and what was said before them; OVERALL rows are no turns.

    `evaluated` keeps the turns of the published protocol (`usda_eval`). `fold` of `folds` splits by dialogue: with
    `inside` that fold, else the others.
    """
    number = -1
    for name in options["files"]:
        for dialogue, place in jsonl(folder / str(name)):
            number += 1
            if "fold" in options:
                mine = number % int(options["folds"]) == int(options["fold"])
                if mine != bool(options["inside"]):
                    continue
            yield from _turns(dialogue, place, evaluated=bool(options.get("evaluated")))


def _turns(dialogue: Mapping[str, Any], place: str, *, evaluated: bool) -> Iterator[Row]:
    said: list[dict[str, str]] = []
    group = str(dialogue["dialogue_id"])
    for number, turn in enumerate(dialogue["turns"]):
        said.append({"role": turn["role"], "text": turn["text"]})
        counts = turn["role"] == "user" and turn.get("label") is not None and turn["text"] != "OVERALL"
        if counts and (turn.get("usda_eval") or not evaluated):
            yield (
                {
                    "id": f"{group}/{number}",
                    "group": group,
                    "turns": list(said),
                    "label": turn["label"],
                    "turn": number,
                },
                place,
            )


def service_neutral(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield customer turns of uss_jddc labelled neutral or satisfied: none of them is offensive."""
    for row, place in uss_turns(folder, {"files": ["uss_jddc/valid.jsonl"]}):
        if row["label"] != "dissatisfied":
            yield {"id": row["id"], "text": row["turns"][-1]["text"], "flagged": False}, place


def cold_rows(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield cold's `part` (train, valid, test)."""
    name = "train.jsonl.gz" if options["part"] == "train" else f"{options['part']}.jsonl"
    for row, place in jsonl(folder / "cold" / name):
        yield {"id": place, "text": row["text"], "flagged": row["label"] == 1}, place


def jddc_turns(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the given jddc_intent rows, every fifth dialogue as test; intents that `train` lacks are left out there."""
    rows = list(jsonl(folder / "jddc_intent" / "train.jsonl"))
    dialogues = {name: place for place, name in enumerate(dict.fromkeys(row["dialogue_id"] for row, _ in rows))}
    learned = {row["intent"] for row, _ in rows if dialogues[row["dialogue_id"]] % 5}
    for row, place in rows:
        test = dialogues[row["dialogue_id"]] % 5 == 0
        if test == (options["part"] == "test") and row["intent"] in learned:
            yield {"id": place, "text": row["text"], "intent": row["intent"], "group": row["dialogue_id"]}, place
