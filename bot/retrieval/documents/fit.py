"""Learn from the passages themselves how near is near enough."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.encoding.encoder import Encoder
from bot.retrieval.documents.index import DocumentIndex, DocumentSettings
from bot.retrieval.documents.passage import SENTENCE, Passage
from bot.understanding.ngrams import words
from bot.understanding.normalise import normalise

_MOST = 400
_ENOUGH = 40
_SHARE = 0.6
_WORDS = 4
_UNANSWERABLE = 0.3
# Right and wrong answers weigh alike: how many strangers are at hand must not decide the threshold.
_ODDS = 2.0
_CANDIDATES = 3


def build_documents(
    passages: Sequence[Passage],
    encoder: Encoder,
    *,
    foreign: Sequence[str] = (),
    settings: DocumentSettings | None = None,
) -> DocumentIndex:
    """Build the index and calibrate it; `foreign` texts are examples of what no passage answers.

    Each passage is asked by some of its words with it there (right) and with it hidden (every answer is wrong). Fewer
    than 40 such questions keep the weights of larger collections.
    """
    settings = settings or DocumentSettings()
    index = DocumentIndex.build(passages, encoder, settings)
    drawn = random.Random(0).sample(index.passages, min(_MOST, len(index)))
    asked = [_asked(passage) for passage in drawn]
    strangers = sorted({normalise(text) for text in foreign})[:_MOST]
    if len(asked) + len(strangers) < _ENOUGH or not asked:
        return index
    rows, right, weights = [], [], []
    for text, vector, wanted in zip(asked, encoder.encode(asked), drawn, strict=True):
        for hidden, weight in ((None, 1.0), (wanted.id, _UNANSWERABLE)):
            for id, features in index.candidates(text, vector, limit=_CANDIDATES, hidden=hidden):
                rows.append(features)
                right.append(id == wanted.id)
                weights.append(weight)
    for text, vector in zip(strangers, encoder.encode(strangers) if strangers else (), strict=True):
        for _, features in index.candidates(text, vector, limit=_CANDIDATES):
            rows.append(features)
            right.append(False)
            weights.append(1.0)
    balance = np.array(weights) * np.where(right, sum(weights) / max(sum(right), 1) / _ODDS, 1.0)
    model = LogisticRegression(C=10.0, max_iter=500)
    model.fit(np.stack(rows).astype(np.float64), right, sample_weight=balance)
    one, two, three, four = (round(float(weight), 6) for weight in model.coef_[0])
    bias = round(float(model.intercept_[0]), 6)
    return index.with_settings(replace(settings, weights=(one, two, three, four), bias=bias))


def _asked(passage: Passage) -> str:
    """A few words of a sentence, mostly under its heading: roughly what somebody looking for it types."""
    draw = random.Random(passage.id)
    sentences = [said for one in SENTENCE.split(passage.text) if (said := words(normalise(one)))]
    said = draw.choice(sentences) if sentences else words(normalise(passage.wordings[0]))
    telling = [word for word in said if len(word) > 1] or said
    kept = [telling[place] for place in sorted(draw.sample(range(len(telling)), min(_WORDS, len(telling))))]
    about = words(normalise(passage.headings[-1])) if passage.headings and draw.random() < _SHARE else []
    return "".join(about + kept) if any(ord(word[0]) > 0x2E80 for word in kept) else " ".join(about + kept)
