"""Messages that nobody labelled: what customers really wrote teaches the heads, the more the fewer the examples."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bot.encoding.encoder import Encoder
from bot.training.fit_head import Rows
from bot.training.prepare import Prepared
from bot.training.settings import TrainingSettings
from bot.understanding.hybrid import HybridModel, Understander
from bot.understanding.normalise import normalise


def usable_messages(messages: Iterable[str], data: Prepared, *, seed: int, settings: TrainingSettings) -> list[str]:
    """Return the messages normalised, each once, without those that are examples; at most `most_unlabelled`.

    The result depends on which messages there are and on `seed`, not on their order.
    """
    given = {known.text for known in data.texts}
    texts = sorted({plain for message in messages if (plain := normalise(message))} - given)
    if len(texts) <= settings.most_unlabelled:
        return texts
    drawn = np.random.default_rng(seed).choice(len(texts), settings.most_unlabelled, replace=False)
    return [texts[place] for place in np.sort(drawn).tolist()]


def our_messages(texts: list[str], model: HybridModel, encoder: Encoder) -> Rows:
    """Return the rows of the messages that `model` takes for its own; their labels are -1, nobody gave any."""
    found = Understander(model, encoder).understand_many(texts)
    ours = [text for text, one in zip(texts, found, strict=True) if one.in_scope >= model.bands.decline]
    return Rows(model.terms.matrix(ours), encoder.encode(ours), np.full(len(ours), -1))
