"""Our own FAQ search in this process, over entries of a file or an outside set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from bot.encoding.encoder import Encoder
from bot.encoding.tiers import DEFAULT
from bot.retrieval.faq import FaqEntry
from bot.retrieval.faq_index import FaqIndex
from bot.retrieval.rerank import CrossEncoderReranker
from bot.training.example import TrainingExample
from bot.training.train_faq import train_faq
from bot.understanding.normalise import normalise
from eval.errors import EvalError, SuiteError, TargetError
from eval.public.registry import read_public
from eval.spec.places import read_yaml
from eval.targets.encoders import remembering, tier_encoder
from eval.targets.target import Setting, Target
from kefu.base.errors import ConfigError


class FaqIndexOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`index` is an artefact's folder; without one, `entries` (a FAQ file) or `public` (an outside set) is indexed.

    `threshold` 0 returns the whole ranking, which MRR needs; `limit` is the length of the ranking. `tier` e5 sets the
    quality encoder beside the default one, prepared in the folder `models`; `reranker` is a cross-encoder's folder.
    """

    index: str = ""
    entries: str = ""
    public: str = ""
    options: dict[str, Any] = {}
    threshold: float | None = 0.0
    limit: int = 10
    cache: str = ""
    tier: str = DEFAULT
    models: str = ""
    reranker: str = ""


class FaqIndexTarget(Target[FaqIndexOptions]):
    """Answers with a ranking of entry ids, their confidences and the wordings that matched."""

    options: ClassVar[type[msgspec.Struct]] = FaqIndexOptions

    @classmethod
    def prepare(cls, given: FaqIndexOptions, setting: Setting) -> FaqIndexOptions:
        if given.index:
            return given
        try:
            trained = train_faq(_entries(given, setting), _encoder(given, setting))
        except EvalError:
            raise
        except ConfigError as error:
            raise SuiteError("training_failed", why=str(error)) from error
        folder = trained.artefact.save(setting.run_folder / "models")
        return msgspec.structs.replace(given, index=str(folder))

    @classmethod
    def training_texts(cls, given: FaqIndexOptions, setting: Setting) -> Sequence[TrainingExample]:
        if not given.entries:
            return ()
        return [
            TrainingExample(text, entry.id, entry.place)
            for entry in _entries(given, setting)
            for text in (entry.question, *entry.variants)
        ]

    async def start(self) -> None:
        folder = self.setting.resolve(self.given.index)
        self._encoder = _encoder(self.given, self.setting)
        try:
            self._index = FaqIndex.load(folder, self._encoder)
        except ConfigError as error:
            raise TargetError("model_unusable", why=str(error)) from error
        if self.given.reranker:
            self._index = self._index.reranked_by(CrossEncoderReranker(self.setting.resolve(self.given.reranker)))
        self._hash = folder.name

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        plain = normalise(str(asked["text"]))
        vector = self._encoder.encode([plain])[0]
        hits = self._index.search(plain, vector, limit=self.given.limit, threshold=self.given.threshold)
        return {
            "ranking": [hit.entry_id for hit in hits],
            "scores": [hit.confidence for hit in hits],
            "evidence": [{"text": hit.matched, "source": hit.place, "score": hit.confidence} for hit in hits[:3]],
        }

    def describe(self) -> dict[str, str]:
        told = {"model": self._hash, "threshold": str(self.given.threshold)}
        return told if self.given.tier == DEFAULT else {**told, "tier": self.given.tier}


def _encoder(given: FaqIndexOptions, setting: Setting) -> Encoder:
    encoder = tier_encoder(given.tier, Path(given.models) if given.models else setting.shared_folder / "models")
    return remembering(encoder, setting.shared_folder, given.cache) if given.public else encoder


def _entries(given: FaqIndexOptions, setting: Setting) -> list[FaqEntry]:
    if given.public:
        if setting.bench_data is None:
            raise SuiteError("no_bench_data", file=given.public)
        rows = read_public(given.public, setting.bench_data, given.options, place=given.public)
        return [
            FaqEntry(row["id"], row["text"], tuple(row.get("variants", ())), place, row.get("answer", ""))
            for row, place in rows
        ]
    if not given.entries:
        raise SuiteError("entries_missing")
    path = setting.resolve(given.entries)
    if not path.exists():
        raise SuiteError("data_missing", file=str(path))
    return list(_faq_file(path))


def _faq_file(path: Path) -> Iterator[FaqEntry]:
    document = read_yaml(path)
    rows = document.value.get("faq") if isinstance(document.value, dict) else document.value
    if not isinstance(rows, list):
        raise SuiteError("row_broken", place=document.place(), why="faq: [...]")
    above = ("faq",) if isinstance(document.value, dict) else ()
    for number, row in enumerate(rows):
        line, _ = document.lines.get((*above, number), (1, 1))
        place = f"{path.name}:{line}"
        try:
            yield FaqEntry(str(row["id"]), str(row["question"]), tuple(map(str, row.get("variants") or ())), place)
        except (KeyError, TypeError) as error:
            raise SuiteError("row_without", place=place, field=str(error)) from error
