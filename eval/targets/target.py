"""The port behind which everything that is judged sits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from bot.training.example import TrainingExample

Options = TypeVar("Options", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a target is being made: the folders of the suite, the run and the outside data, if there are any.

    `shared_folder` keeps models and vectors from run to run.

    `factories` are what kefu hands in: names to `package.module:function`.
    """

    suite_folder: Path
    run_folder: Path
    shared_folder: Path
    bench_data: Path | None
    factories: Mapping[str, str]
    seed: int
    timeout_s: float
    percent: float = 100.0
    """The share of the training data that a target which trains may use."""

    def resolve(self, name: str) -> Path:
        """Return a path of the suite, relative to its folder."""
        return (self.suite_folder / name).resolve()


class Target(ABC, Generic[Options]):
    """Made in each worker process from its options; `prepare` runs once before, in the main process.

    `ask` gets the sample's input and returns what the kind's scorers read; it raises SampleError for one sample that
    cannot be answered, and TargetError when no sample ever will be.
    """

    options: ClassVar[type[msgspec.Struct]]

    def __init__(self, given: Options, setting: Setting) -> None:
        self.given, self.setting = given, setting

    @classmethod
    def prepare(cls, given: Options, setting: Setting) -> Options:
        """Do what all workers share (train, build an index) and return options that name it."""
        return given

    @classmethod
    def training_texts(cls, given: Options, setting: Setting) -> Sequence[TrainingExample]:
        """Return what the target learns from, for the leakage check."""
        return ()

    @classmethod
    def learns(cls, given: Options) -> bool:
        """Return whether `prepare` trains on a share of the data: what a learning curve needs."""
        return False

    async def start(self) -> None:
        """Load or connect; raise TargetError when that cannot be."""

    async def foresee(self, asked: Sequence[Mapping[str, Any]]) -> None:
        """Hear what will be asked, where nobody times the answers: work may be done for all at once."""
        return None

    @abstractmethod
    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one sample."""

    async def aclose(self) -> None:
        """Give back what was taken."""

    def describe(self) -> dict[str, str]:
        """Return what the log must name: hash of the model, versions, address."""
        return {}
