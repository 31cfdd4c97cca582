"""A published bot as one immutable artefact: which model and FAQ index it uses, and the answers as they were then.

One pointer to a bundle switches everything at once; nothing of an older version shines through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from bot.artefact import Artefact, Recipe, load_artefact
from bot.encoding.encoder import Encoder
from bot.models import BotModels, TextEncoder
from bot.retrieval.faq_index import FaqIndex
from bot.retrieval.rerank import Reranker
from bot.understanding.hybrid import Understander
from intents.merge import merge_files
from intents.model import Pack
from intents.reader import read_text
from kefu.base.errors import ConfigError

KIND = "bot"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Bundle:
    """The hashes of a bot's parts, and the text of its intent files by name."""

    model: str
    faq: str
    files: Mapping[str, str]
    pending: tuple[str, ...] = ()
    """What is still the last model's: such a version can be tried, never published."""

    def artefact(self, *, encoder_id: str) -> Artefact:
        """Return the bundle as an artefact; its hash is the version of the bot."""
        recipe = Recipe(
            kind=KIND,
            schema_version=SCHEMA_VERSION,
            encoder_id=encoder_id,
            data_hash=f"{self.model}+{self.faq}",
            settings={"pending": list(self.pending)} if self.pending else {},
            libraries={},
        )
        return Artefact(
            recipe=recipe,
            arrays={},
            documents={"parts": {"model": self.model, "faq": self.faq}, "pack": dict(self.files)},
        )

    def pack(self) -> Pack:
        """Return the intent files as they were published, merged."""
        return merge_files(read_text(text, name) for name, text in self.files.items())


def read_bundle(root: Path, version: str, *, encoder_id: str | None = None) -> Bundle:
    """Return the bundle in `root/<version>`; raise ConfigError when it is missing, changed, or of another encoder."""
    folder = bundle_folder(root, version)
    artefact = load_artefact(folder, kind=KIND, schema_version=SCHEMA_VERSION, encoder_id=encoder_id)
    parts = cast(Mapping[str, Any], artefact.documents["parts"])
    files = cast(Mapping[str, str], artefact.documents["pack"])
    pending = cast(list[str], artefact.recipe.settings.get("pending", []))
    return Bundle(model=parts["model"], faq=parts["faq"], files=files, pending=tuple(pending))


def check_publishable(root: Path, version: str) -> Bundle:
    """Return the bundle of a version; ConfigError when it cannot be read, or when its training has not ended."""
    bundle = read_bundle(root, version)
    if bundle.pending:
        raise ConfigError(
            f"{version}: 还在等 {'、'.join(bundle.pending)}，不能上线；kefu train 会做完 · can be tried only:"
            " its bands and report are pending; kefu train finishes them and names the version to publish"
        )
    return bundle


def bundle_folder(root: Path, version: str) -> Path:
    """Return where a version lies; raise ConfigError for what cannot be one."""
    if not version.isalnum():
        raise ConfigError(
            f"{version!r} 不是机器人的版本号（只有字母和数字） · is no version of a bot: letters and digits"
        )
    return root / version


def load_models(
    root: Path, version: str, *, encoder: Encoder, texts: TextEncoder, reranker: Reranker | None = None
) -> BotModels:
    """Read a version with all its parts, ready to decide; takes a second or two, so not on the event loop.

    Raises ConfigError naming the file and the cure when any part is missing, changed, or made with another encoder.
    """
    bundle = read_bundle(root, version, encoder_id=encoder.id)
    faq = FaqIndex.load(bundle_folder(root, bundle.faq), encoder)
    return BotModels(
        understander=Understander.load(bundle_folder(root, bundle.model), encoder),
        faq=faq if reranker is None else faq.reranked_by(reranker),
        pack=bundle.pack(),
        encoder=texts,
        versions={"bot": version, "model": bundle.model, "faq": bundle.faq},
    )
