"""One question with its right answer, and what a target said to it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from eval.errors import SampleError


class Sample(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sample of a suite. `place` is file:line; `group` names what belongs together (a dialogue) when resampling."""

    id: str
    input: dict[str, Any]
    expected: dict[str, Any]
    slices: dict[str, str] = {}
    place: str = ""
    group: str = ""
    sealed: bool = False


class Output(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the target said in one repeat; without `answer` the sample failed and `error` says why."""

    sample_id: str
    repeat: int = 0
    answer: dict[str, Any] | None = None
    error: str = ""
    latency_us: int = 0


def digest(value: object) -> str:
    """Return 32 hexadecimal digits over a JSON-like value."""
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()[:32]


def samples_hash(samples: Iterable[Sample]) -> str:
    """Return a hash over inputs and right answers, whatever their order and place."""
    rows = sorted(digest([s.id, s.input, s.expected, s.slices, s.group]) for s in samples)
    return digest(rows)


def check_answer(answer: object) -> dict[str, Any]:
    """Return the answer if it is an object of finite numbers; raise SampleError that names the field."""
    if not isinstance(answer, dict):
        raise SampleError("nonsense", f"an object was expected, not {type(answer).__name__}")
    _check_finite(answer, "answer")
    return answer


def _check_finite(value: object, place: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise SampleError("not_finite", f"{place} is {value}")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _check_finite(inner, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            _check_finite(inner, f"{place}[{number}]")
