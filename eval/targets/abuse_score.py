"""The messenger's learned abuse score, fitted on an outside set: a copy for measuring, which nobody ships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec

from eval.errors import SampleError, SuiteError, TargetError
from eval.public.registry import read_public
from eval.samples.model import digest
from eval.targets.target import Setting, Target
from messaging_core.api import AbuseFile, AbuseHead, fit_abuse


class AbuseScoreOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`model` is a head's file; without one, `train` is an outside set of texts with its `options`.

    A text is flagged from `threshold` on, a chance of 0 to 1.
    """

    model: str = ""
    train: str = ""
    options: dict[str, Any] = {}
    threshold: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5


class AbuseScoreTarget(Target[AbuseScoreOptions]):
    """Answers whether a text is held, and the chance that a human would call it abusive."""

    options: ClassVar[type[msgspec.Struct]] = AbuseScoreOptions

    @classmethod
    def prepare(cls, given: AbuseScoreOptions, setting: Setting) -> AbuseScoreOptions:
        if given.model:
            return given
        if not given.train:
            raise SuiteError("model_or_train")
        if setting.bench_data is None:
            raise SuiteError("no_bench_data", file=given.train)
        texts: dict[bool, list[str]] = {True: [], False: []}
        for row, _ in read_public(given.train, setting.bench_data, given.options, place=given.train):
            texts[row["flagged"]].append(row["text"])
        if not all(texts.values()):
            raise SuiteError("no_training")
        file = msgspec.json.encode(fit_abuse(texts[True], texts[False]), order="deterministic")
        path = setting.run_folder / "models" / digest(file.decode())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file)
        return msgspec.structs.replace(given, model=str(path))

    async def start(self) -> None:
        path = self.setting.resolve(self.given.model)
        try:
            file = msgspec.json.decode(path.read_bytes(), type=AbuseFile)
        except (OSError, msgspec.DecodeError) as error:
            raise TargetError("model_unusable", why=f"{path}: {error}") from error
        self._head, self._hash = AbuseHead(file), path.name

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        text = asked.get("text")
        if not isinstance(text, str):
            raise SampleError("bad_sample", "no text")
        score = self._head.score(text)
        return {"flagged": score >= self.given.threshold, "score": score}

    def describe(self) -> dict[str, str]:
        return {"model": self._hash, "threshold": f"{self.given.threshold:g}"}
