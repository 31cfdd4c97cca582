"""Read the samples of a suite from its files; every fault has its file:line."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from eval.errors import SampleError, SuiteError
from eval.public.registry import read_public
from eval.samples.model import Sample, digest
from eval.scorers.scorer import Scorer
from eval.spec.kinds import KINDS, Form, Kind
from eval.spec.model import Data, Format
from eval.spec.places import read_yaml
from eval.spec.read import LoadedSuite
from intents.loader import load_pack

Row = tuple[dict[str, Any], str]
_FORMATS: dict[str, Format] = {".jsonl": "jsonl", ".csv": "csv", ".yaml": "yaml", ".yml": "yaml"}


def read_samples(loaded: LoadedSuite, *, release: bool, bench_data: Path | None = None) -> list[Sample]:
    """Return the samples of a suite in the order of its files; sealed parts only for a release.

    Raises SuiteError: a file is missing or broken, an id occurs twice, there is nothing, a named slice is empty.
    """
    found: dict[str, Sample] = {}
    scorers = loaded.scorers()
    for number, data in enumerate(loaded.suite.data):
        if data.sealed and not release:
            continue
        for row, place in itertools.islice(_rows(loaded, number, data, bench_data), data.limit):
            sample = _sample(loaded, data, row, place)
            _check_expected(scorers, sample, place)
            if sample.id in found:
                raise SuiteError("double_id", place=place, id=sample.id, other=found[sample.id].place)
            found[sample.id] = sample
    samples = list(found.values())
    if not samples:
        raise SuiteError("no_samples", place=loaded.document.place(("data",)))
    if release or not any(data.sealed for data in loaded.suite.data):
        _check_slices(loaded, samples)
    return samples


def _check_expected(scorers: list[Scorer], sample: Sample, place: str) -> None:
    for scorer in scorers:
        try:
            scorer.check(sample)
        except SampleError as error:
            raise SuiteError("row_broken", place=place, why=error.why) from error


def _check_slices(loaded: LoadedSuite, samples: list[Sample]) -> None:
    for name, values in loaded.suite.slices.items():
        seen = {sample.slices.get(name) for sample in samples}
        for place, value in enumerate(values):
            if value not in seen:
                at = loaded.document.place(("slices", name, place))
                raise SuiteError("empty_slice", place=at, slice=name, value=value)
        if not values and seen == {None}:
            raise SuiteError("empty_slice", place=loaded.document.place(("slices", name)), slice=name, value="*")


def _rows(loaded: LoadedSuite, number: int, data: Data, bench_data: Path | None) -> Iterable[Row]:
    where = loaded.document.place(("data", number, "file"))
    kind = data.format or _FORMATS.get(Path(data.file.removesuffix(".gz")).suffix)
    if kind is None:
        raise SuiteError("unknown_format", place=where, file=data.file)
    if kind == "public":
        if bench_data is None:
            raise SuiteError("no_bench_data", place=where, file=data.file)
        return read_public(data.file, bench_data, data.options, place=where)
    path = loaded.path.parent / data.file
    if not path.exists():
        raise SuiteError("data_missing", place=where, file=str(path))
    if kind == "pack":
        return _pack_rows(path)
    if kind == "csv":
        return _csv_rows(path)
    if kind == "yaml":
        return _yaml_rows(path)
    return _recorded_rows(path) if kind == "recorded" else _jsonl_rows(path)


def _jsonl_rows(path: Path) -> Iterator[Row]:
    for line, text in enumerate(io.StringIO(_text(path)), start=1):
        if text.strip():
            place = f"{path}:{line}"
            try:
                row = json.loads(text, parse_constant=_refuse_constant)
            except ValueError as error:
                raise SuiteError("row_broken", place=place, why=str(error)) from error
            if not isinstance(row, dict):
                raise SuiteError("row_broken", place=place, why="{...}")
            yield row, place


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not a number")


def _csv_rows(path: Path) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(_text(path)), strict=True)
    try:
        for row in reader:
            place = f"{path}:{reader.line_num}"
            if None in row or None in row.values():
                raise SuiteError("row_cells", place=place, wanted=len(reader.fieldnames or ()))
            yield {key: value for key, value in row.items() if value != ""}, place
    except csv.Error as error:
        raise SuiteError("row_broken", place=f"{path}:{reader.line_num}", why=str(error)) from error


def _yaml_rows(path: Path) -> Iterator[Row]:
    document = read_yaml(path)
    if not isinstance(document.value, list):
        raise SuiteError("row_broken", place=document.place(), why="- ...")
    for number, row in enumerate(document.value):
        place = ":".join(document.place((number,)).split(":")[:-1])
        if not isinstance(row, dict):
            raise SuiteError("row_broken", place=place, why="{...}")
        yield row, place


def _pack_rows(path: Path) -> Iterator[Row]:
    for intent in load_pack(path).intents.values():
        for example in intent.examples:
            name = None if intent.base == "out_of_scope" else intent.base
            yield {"text": example.text, "intent": name}, f"{example.place.file}:{example.place.line}"


def _recorded_rows(path: Path) -> Iterator[Row]:
    """Recorded conversations: rows with `turns: [{role, text}]`; each customer turn becomes a row, `before` being the
    customer's turns before it, which a target hears again."""
    for row, place in _jsonl_rows(path):
        before: list[str] = []
        turns = row.get("turns")
        if not isinstance(turns, list) or not all(isinstance(one, dict) and "role" in one for one in turns):
            raise SuiteError("row_broken", place=place, why="turns: [{role, text}]")
        for number, turn in enumerate(turns):
            if turn.get("role") == "user":
                group = str(row.get("dialogue_id", place))
                yield (
                    {
                        **{key: value for key, value in turn.items() if key != "role"},
                        "messages": [turn.get("text", "")],
                        "before": list(before),
                        "id": f"{group}/{number}",
                        "group": group,
                    },
                    place,
                )
                before.append(str(turn.get("text", "")))


def _text(path: Path) -> str:
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SuiteError("file_not_utf8", place=str(path), byte=error.start) from error
    except OSError as error:
        raise SuiteError("file_unreadable", place=str(path), why=error.strerror or str(error)) from error


def _sample(loaded: LoadedSuite, data: Data, row: dict[str, Any], place: str) -> Sample:
    kind = KINDS[loaded.suite.kind]
    for column in data.fields.values():
        if column not in row:
            raise SuiteError("row_without", place=place, field=column)
    renamed = {**row, **{name: row[column] for name, column in data.fields.items()}, **data.set}
    given = {name: _field(kind, form, name, renamed, place) for name, form in kind.inputs.items()}
    wanted = {name: _field(kind, form, name, renamed, place) for name, form in kind.expected.items()}
    asked = {name: value for name, value in given.items() if value is not None}
    expected = {
        name: value for name, value in wanted.items() if value is not None or kind.expected[name] == "text_or_null"
    }
    slices = {name: str(renamed[name]) for name in loaded.suite.slices if renamed.get(name) is not None}
    return Sample(
        id=str(renamed.get("id") or digest(asked)[:12]),
        input=asked,
        expected=expected,
        slices=slices,
        # Relative to the suite: a log and a baseline do not tell whose machine they come from.
        place=place.removeprefix(f"{loaded.path.parent}/"),
        group=str(renamed.get("group") or ""),
        sealed=data.sealed,
    )


def _field(kind: Kind, form: Form, name: str, row: dict[str, Any], place: str) -> Any:
    if name not in row:
        if name in kind.optional or (form == "text_or_null" and "intent" not in row):
            return None
        raise SuiteError("row_without", place=place, field=name)
    value = row[name]
    if isinstance(value, float) and not math.isfinite(value):
        raise SuiteError("row_not_finite", place=place, field=name)
    if form == "list" and isinstance(value, str):
        value = [part for part in value.split("|") if part]
    if form == "flag" and isinstance(value, str | int) and str(value).lower() in ("1", "0", "true", "false"):
        value = str(value).lower() in ("1", "true")
    if form == "number" and isinstance(value, str):
        value = float(value) if value.replace(".", "", 1).isdigit() else value
    if not _fits(form, value):
        raise SuiteError("row_wrong_type", place=place, field=name, form=form, value=str(value)[:60])
    return value


def _fits(form: Form, value: object) -> bool:
    match form:
        case "text":
            return isinstance(value, str) and value != ""
        case "text_or_null":
            return value is None or (isinstance(value, str) and value != "")
        case "list":
            return isinstance(value, list)
        case "flag":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return isinstance(value, list | dict)
