"""The demo shop's bot, trained once for all tests of a machine: kept under the hash of all that it is made of."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.encoding.cache import CachedEncoder
from bot.encoding.use import UseEncoder
from bot.models import BotModels, TextEncoder
from bot.retrieval.faq import FaqEntry
from bot.retrieval.faq_index import FaqIndex
from bot.shop import FaqAnswer
from bot.training.pack_examples import pack_examples
from bot.training.train import train
from bot.training.train_faq import train_faq
from bot.understanding.hybrid import Understander
from intents.loader import load_pack
from intents.model import Pack

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "intents" / "packs" / "retail_zh"
_CODE = ("bot/understanding", "bot/training", "bot/retrieval", "bot/encoding", "bot/artefact.py", "intents")


def demo_models(
    encoder: UseEncoder, texts: TextEncoder, faq: Iterable[FaqAnswer], *, cache: Path | None = None
) -> BotModels:
    """Return the models of the demo shop; about a minute when anything they are made of has changed, else a second."""
    entries = [FaqEntry(one.faq_id, one.question, one.variants, one.source, one.answer) for one in faq]
    pack = load_pack(PACK)
    folder = (cache or ROOT / ".pytest_cache" / "demo_models") / _hash(entries)
    nlu, index = folder / "nlu", folder / "faq"
    with _alone(folder):
        _make(nlu, index, pack, entries, encoder, folder)
    return BotModels(Understander.load(nlu, encoder), FaqIndex.load(index, encoder), pack, texts, {"bot": folder.name})


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait for another process of this test run that is at the same models."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(nlu: Path, index: Path, pack: Pack, entries: list[FaqEntry], encoder: UseEncoder, folder: Path) -> None:
    if not (index / "manifest.json").exists():
        kept = CachedEncoder(encoder, folder.parent / "vectors")
        examples = list(pack_examples(pack))
        trained = train(examples, kept)
        read = Understander(trained.model, kept).understand_many
        foreign = [example.text for example in examples if example.intent is None]
        trained.artefact.save_as(nlu)
        train_faq(entries, kept, foreign=foreign, read=read).artefact.save_as(index)


def _hash(entries: list[FaqEntry]) -> str:
    digest = hashlib.sha256(repr(entries).encode())
    for place in _CODE:
        path = ROOT / place
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in (".py", ".yml", ".toml"):
                digest.update(file.read_bytes())
    return digest.hexdigest()[:24]
