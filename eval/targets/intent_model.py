"""Our own understanding in this process: an artefact that is there, or one trained for the suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from bot.training.example import TrainingExample
from bot.training.train import train
from bot.understanding.hybrid import Understander
from bot.understanding.normalise import normalise
from eval.errors import SampleError, SuiteError, TargetError
from eval.targets.encoders import default_encoder, remembering_encoder
from eval.targets.kept import kept
from eval.targets.target import Setting, Target
from eval.targets.training_data import TrainingData, read_training
from kefu.base.errors import ConfigError


class IntentModelOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`model` is an artefact's folder; without one, `train` says what to learn from."""

    model: str = ""
    train: TrainingData | None = None
    cache: str = ""
    """A folder that keeps sentence vectors from run to run."""


class IntentModelTarget(Target[IntentModelOptions]):
    """Answers with intent, confidence, ranking, in_scope, decision and the nearest utterances."""

    options: ClassVar[type[msgspec.Struct]] = IntentModelOptions

    @classmethod
    def prepare(cls, given: IntentModelOptions, setting: Setting) -> IntentModelOptions:
        if given.model:
            return given
        if given.train is None:
            raise SuiteError("model_or_train")
        shared = setting.shared_folder
        examples = read_training(given.train, setting)

        def learn() -> str:
            encoder = remembering_encoder(shared, given.cache)
            return str(train(examples, encoder, seed=setting.seed).artefact.save(shared / "models"))

        key = [[one.text, one.intent, one.place] for one in examples]
        try:
            folder = kept(shared / "models" / "known", ["intent_model", key, setting.seed], learn)
        except ConfigError as error:
            raise SuiteError("training_failed", why=str(error)) from error
        return msgspec.structs.replace(given, model=folder)

    @classmethod
    def training_texts(cls, given: IntentModelOptions, setting: Setting) -> Sequence[TrainingExample]:
        return read_training(given.train, setting) if given.train is not None else ()

    @classmethod
    def learns(cls, given: IntentModelOptions) -> bool:
        return not given.model and given.train is not None

    async def start(self) -> None:
        folder = self.setting.resolve(self.given.model)
        try:
            self._understander = Understander.load(folder, default_encoder())
        except ConfigError as error:
            raise TargetError("model_unusable", why=str(error)) from error
        self._hash = folder.name
        self._understander.understand("热身")  # the first call builds tables; it is nobody's latency

    async def foresee(self, asked: Sequence[Mapping[str, Any]]) -> None:
        encoder = remembering_encoder(self.setting.shared_folder, self.given.cache)
        encoder.encode([normalise(str(one.get("text"))) for one in asked])
        self._understander = Understander.load(self.setting.resolve(self.given.model), encoder)

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        text = asked.get("text")
        if not isinstance(text, str):
            raise SampleError("bad_sample", "no text")
        found = self._understander.understand(text)
        return {
            "intent": found.intent,
            "confidence": found.confidence,
            "in_scope": found.in_scope,
            "decision": found.decision,
            "ranking": [{"intent": one.intent, "confidence": one.confidence} for one in found.alternatives],
            "neighbours": [
                {"text": one.text, "intent": one.intent, "score": one.similarity, "source": one.place}
                for one in found.neighbours
            ],
        }

    def describe(self) -> dict[str, str]:
        return {"model": self._hash, "encoder": "use-multilingual-3"}
