"""Our own understanding in this process: an artefact that is there, or one trained for the suite."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from bot.encoding.encoder import Encoder
from bot.encoding.tiers import DEFAULT
from bot.training.example import TrainingExample
from bot.training.settings import TrainingSettings
from bot.training.train import train
from bot.understanding.hybrid import Understander
from bot.understanding.normalise import normalise
from eval.errors import SampleError, SuiteError, TargetError
from eval.targets.encoders import remembering, tier_encoder
from eval.targets.kept import kept
from eval.targets.target import Setting, Target
from eval.targets.training_data import TrainingData, read_training
from kefu.base.errors import ConfigError


class IntentModelOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`model` is an artefact's folder; without one, `train` says what to learn from.

    `tier` is the encoder (`default`, `e5` or another that is prepared in the folder `models`), `settings` are knobs of
    training that differ from those that ship. `cache` is a folder that keeps sentence vectors from run to run.
    """

    model: str = ""
    train: TrainingData | None = None
    tier: str = DEFAULT
    models: str = ""
    settings: dict[str, float] = {}
    cache: str = ""


class IntentModelTarget(Target[IntentModelOptions]):
    """Answers with intent, confidence, ranking, in_scope and its threshold, decision and the nearest utterances."""

    options: ClassVar[type[msgspec.Struct]] = IntentModelOptions

    @classmethod
    def prepare(cls, given: IntentModelOptions, setting: Setting) -> IntentModelOptions:
        if given.model:
            return given
        if given.train is None:
            raise SuiteError("model_or_train")
        shared = setting.shared_folder
        examples, settings = read_training(given.train, setting), _settings(given)

        def learn() -> str:
            encoder = remembering(_encoder(given, setting), shared, given.cache)
            return str(train(examples, encoder, seed=setting.seed, settings=settings).artefact.save(shared / "models"))

        rows = [[one.text, one.intent, one.place] for one in examples]
        try:
            key = ["intent_model", rows, setting.seed, _encoder(given, setting).id, settings.as_json()]
            folder = kept(shared / "models" / "known", key, learn)
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
            encoder = _encoder(self.given, self.setting)
            self._understander = Understander.load(folder, encoder)
        except ConfigError as error:
            raise TargetError("model_unusable", why=str(error)) from error
        self._hash, self._encoder_id = folder.name, encoder.id
        self._understander.understand("热身")  # the first call builds tables; it is nobody's latency

    async def foresee(self, asked: Sequence[Mapping[str, Any]]) -> None:
        encoder = remembering(_encoder(self.given, self.setting), self.setting.shared_folder, self.given.cache)
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
            "scope_threshold": self._understander.bands.decline,
            "decision": found.decision,
            "ranking": [{"intent": one.intent, "confidence": one.confidence} for one in found.alternatives],
            "neighbours": [
                {"text": one.text, "intent": one.intent, "score": one.similarity, "source": one.place}
                for one in found.neighbours
            ],
        }

    def describe(self) -> dict[str, str]:
        told = ",".join(f"{name}={value:g}" for name, value in sorted(self.given.settings.items()))
        tier = self.given.tier if self.given.tier != DEFAULT else ""
        return {"model": self._hash, "encoder": self._encoder_id, "tier": tier, "settings": told}


def _settings(given: IntentModelOptions) -> TrainingSettings:
    known = TrainingSettings().as_json()
    for name, value in given.settings.items():
        if name not in known:
            raise SuiteError("unknown_setting", name=name, known=", ".join(known))
        if not 0 < value < math.inf:
            raise SuiteError("bad_setting", name=name, value=value)
    whole = {name for name, value in known.items() if isinstance(value, int)}
    # The fields are numbers, and which of them are whole ones is told by those that ship.
    changed: dict[str, Any] = {name: int(value) if name in whole else value for name, value in given.settings.items()}
    return TrainingSettings(**changed)


def _encoder(given: IntentModelOptions, setting: Setting) -> Encoder:
    return tier_encoder(given.tier, setting.resolve(given.models) if given.models else setting.shared_folder / "models")
