"""Training rows as numbers: cleaned, encoded, counted, in an order that depends on nothing but the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from bot.encoding.cache import CachedEncoder
from bot.encoding.encoder import Encoder, Vectors, taught_by, text_mark
from bot.training.example import TrainingExample, clean_examples
from bot.training.fit_head import Rows, is_few
from bot.training.settings import TrainingSettings
from bot.understanding.hybrid import KnownText
from bot.understanding.normalise import normalise
from bot.understanding.terms import Terms
from kefu.base.errors import ConfigError

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """In-scope rows first in `texts` and `vectors`; `rows` are theirs, `foreign` the others (label -1).

    `names` holds the intents' own names as one more example each where examples are few, else nothing; `guessed` is
    empty until messages without labels join (label -1).
    """

    texts: tuple[KnownText, ...]
    vectors: Vectors
    intents: tuple[str, ...]
    terms: Terms
    rows: Rows
    foreign: Rows
    names: Rows
    guessed: Rows
    few: bool
    unseen: npt.NDArray[np.bool_]
    """Which of the in-scope rows a tuned encoder was not taught: they alone may judge."""

    @property
    def known(self) -> tuple[KnownText, ...]:
        """The in-scope texts."""
        return self.texts[: len(self.rows.labels)]


def prepare(
    examples: Iterable[TrainingExample],
    encoder: Encoder,
    *,
    settings: TrainingSettings,
    tell: Progress,
    terms: Terms | None = None,
) -> Prepared:
    """Clean, encode and count; `terms` reuses a vocabulary. ConfigError when there are fewer than two intents."""
    texts = clean_examples(examples)
    known = [text for text in texts if text.intent is not None]
    intents = tuple(sorted({text.intent for text in known if text.intent is not None}))
    if len(intents) < 2:
        there = f"{len(intents)}（{intents[0]}）" if intents else "0"
        raise ConfigError(
            f"要至少两个意图有例句才能训练，现在有 {there} 个；请再写几个意图"
            f" · training needs examples of at least two intents, there are {len(intents)}"
        )
    vectors = _encode(encoder, [text.text for text in texts], tell)
    tell("terms", 0, 1)
    if terms is None:
        min_count = 1 if len(known) < settings.small else settings.term_min_count
        terms = Terms.fit([text.text for text in known], min_count=min_count)
    matrix: sparse.csr_matrix = terms.matrix([text.text for text in texts])
    tell("terms", 1, 1)
    number = {intent: index for index, intent in enumerate(intents)}
    labels = np.array([number[text.intent or ""] for text in known], dtype=np.int64)
    size = len(known)
    rows = Rows(matrix[:size], vectors[:size], labels)
    few = is_few(labels, settings)
    taught = taught_by(encoder)
    none = rows.pick(np.zeros(0, np.int64))
    return Prepared(
        texts=tuple(texts),
        vectors=vectors,
        intents=intents,
        terms=terms,
        rows=rows,
        foreign=Rows(matrix[size:], vectors[size:], np.full(len(texts) - size, -1)),
        names=_names(intents, terms, encoder) if few else none,
        guessed=none,
        few=few,
        unseen=np.array([not taught or text_mark(text.text) not in taught for text in known], dtype=bool),
    )


def _names(intents: tuple[str, ...], terms: Terms, encoder: Encoder) -> Rows:
    """Return the intents' names as one more example each: worth a point of accuracy where examples are few."""
    texts = [normalise(intent.replace("_", " ")) for intent in intents]
    return Rows(terms.matrix(texts), encoder.encode(texts), np.arange(len(intents)))


def _encode(encoder: Encoder, texts: list[str], tell: Progress) -> Vectors:
    tell("encode", 0, len(texts))
    if isinstance(encoder, CachedEncoder):
        vectors = encoder.encode(texts, lambda done, total: tell("encode", done, total))
    else:
        vectors = encoder.encode(texts)
    tell("encode", len(texts), len(texts))
    return np.ascontiguousarray(vectors)
