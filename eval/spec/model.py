"""What a suite file may say; unknown keys are refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

Mode = Literal["fail", "warn", "off"]
Format = Literal["jsonl", "csv", "yaml", "pack", "recorded", "public"]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages."""

    zh: str
    en: str


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where samples come from.

    `file` is relative to the suite (for `public` to the data folder); `fields` renames columns (`{text: query}`);
    `set` gives every sample the same slice values or fields; a `sealed` part runs at a release only.
    """

    file: Annotated[str, msgspec.Meta(min_length=1)]
    format: Format | None = None
    fields: dict[str, str] = {}
    set: dict[str, Any] = {}
    sealed: bool = False
    limit: Positive | None = None
    options: dict[str, Any] = {}


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a figure must reach. It is missed only when the whole interval lies on the wrong side."""

    min: float | None = None
    max: float | None = None


class Leakage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Texts that a model may have learned from, and what finding the suite's own among them does.

    `near` compares character trigrams (Jaccard), `semantic` sentence vectors (cosine); both have a bar.
    """

    against: tuple[str, ...] = ()
    exact: Mode = "fail"
    near: Mode = "fail"
    semantic: Mode = "warn"
    near_bar: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.8
    semantic_bar: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.95
    shortest: Annotated[int, msgspec.Meta(ge=1)] = 4
    """Shorter texts (in code points) are not compared: there are only so many ways to say 谢谢."""


class Anchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is best on this work, and what we aim at; `figure` is `scorer.measure`."""

    figure: str
    published: tuple[str, ...] = ()
    goal: float | None = None
    quality_goal: float | None = None
    better: Literal["higher", "lower"] = "higher"

    def aim(self, tier: str) -> float | None:
        """Return the goal of a target's tier; every tier but the default one is held against the quality goal."""
        return self.goal if tier in ("", "default") or self.quality_goal is None else self.quality_goal

    def met(self, value: float, tier: str = "") -> bool | None:
        """Return whether a value reaches the goal; None without a goal."""
        aim = self.aim(tier)
        if aim is None:
            return None
        return value >= aim if self.better == "higher" else value <= aim


class Curve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Train on several shares of the training data and draw the learning curve."""

    percent: Annotated[tuple[Annotated[float, msgspec.Meta(gt=0, le=100)], ...], msgspec.Meta(min_length=1)]
    figure: str


class Suite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A suite: which samples, asked of whom, judged how."""

    suite: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_/.-]*$")]
    version: Positive
    kind: str
    title: Words
    data: Annotated[tuple[Data, ...], msgspec.Meta(min_length=1)]
    target: dict[str, Any]
    about: Words | None = None
    scorers: tuple[str | dict[str, Any], ...] = ()
    slices: dict[str, tuple[str, ...]] = {}
    thresholds: dict[str, Threshold] = {}
    leakage: Leakage | None = None
    anchors: tuple[Anchor, ...] = ()
    curve: Curve | None = None
    census: bool = False
    """The samples are all that there is (every price of a catalogue), not drawn from more: a difference between two
    runs is no chance, and a threshold is held against the value itself."""
    seed: int = 0
    repeats: Positive = 1
    budget_s: Seconds = 600.0
    timeout_s: Seconds = 30.0
    processes: Positive = 1
    concurrency: Positive = 1
    executor: Literal["processes", "ray"] = "processes"
    rate_per_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Open loop: so many samples begin each second whatever the target does, and latencies count from when a sample was
    due. One process; `concurrency` does not hold it back."""
    needs: tuple[str, ...] = ()
    """What must be there, or the suite is skipped with a word: `bench_data`."""
