"""What real questions teach a FAQ's search: the weights of its likenesses, and how its vectors are turned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bot.encoding.encoder import Vectors
from bot.retrieval.faq_index import FaqWordings
from bot.retrieval.fusion import AskedLikeness, Fusion, choose_fusion
from bot.retrieval.measure import Turn
from bot.understanding.tfidf import Floats

Numbers = npt.NDArray[np.int64]

_FOLDS = 5
# On stackfaq flat from 3 to 30 times the mean; less forgets what the encoder knows.
_SHRINK = 10.0
_GAIN = 0.002


@dataclass(frozen=True, slots=True)
class AskedFit:
    """`rank` is the mean reciprocal rank that folds of the questions got without being learned from."""

    turn: Turn | None
    fusion: Fusion
    rank: float


def fit_asked(
    found: FaqWordings, plain: Sequence[str], vectors: Vectors, wanted: Sequence[int], start: Fusion
) -> AskedFit:
    """Choose weights, and a turn where it gains two thousandths on questions of entries that it was not learned from.

    `plain` are normalised questions with their vectors, `wanted` the numbers of their entries.
    """
    fusion, rank = choose_fusion(found.asked(plain, vectors, wanted), start)
    if not start.centred:
        return AskedFit(None, fusion, rank)
    turned, turned_rank = choose_fusion(_out_of_fold(found, plain, vectors, wanted), start)
    if turned_rank - rank < _GAIN:
        return AskedFit(None, fusion, rank)
    return AskedFit(learn_turn(found, vectors, wanted), turned, turned_rank)


def learn_turn(found: FaqWordings, vectors: Vectors, wanted: Sequence[int]) -> Turn:
    """Learn from real questions and the wordings that they meant: the inverse root of how the two differ.

    Within-class covariance normalisation (Hatch, Kajarekar & Stolcke 2006), with ten times its mean on the diagonal.
    """
    straight = found.turned_by(None)
    differences = straight.turned(vectors) - straight.own_wordings(vectors, wanted)
    cuts = np.cumsum(found.parts)[:-1].tolist()
    matrices = []
    for part in np.split(differences.astype(np.float64), cuts, axis=1):
        spread = part.T @ part / len(part)
        spread += np.eye(len(spread)) * max(_SHRINK * float(np.trace(spread)) / len(spread), 1e-9)
        values, axes = np.linalg.eigh(spread)
        matrix = (axes / np.sqrt(values)) @ axes.T
        matrices.append(np.asarray(matrix / np.abs(matrix).max(), dtype=np.float32))
    return Turn(tuple(matrices))


def _out_of_fold(found: FaqWordings, plain: Sequence[str], vectors: Vectors, wanted: Sequence[int]) -> AskedLikeness:
    """How like questions are to everything, each with a turn that was learned without the questions of its entry."""
    entries = np.array(wanted)
    fold = (np.random.default_rng(0).permutation(len(found.entries)) % _FOLDS)[entries]
    parts: list[AskedLikeness] = []
    order: list[int] = []
    for one in range(_FOLDS):
        rest, mine = np.flatnonzero(fold != one), np.flatnonzero(fold == one)
        if not len(mine):
            continue
        turn = learn_turn(found, vectors[rest], entries[rest].tolist()) if len(rest) else None
        other = found.turned_by(turn)
        parts.append(other.asked([plain[row] for row in mine.tolist()], vectors[mine], entries[mine].tolist()))
        order += mine.tolist()
    back = np.argsort(order)
    return replace(
        parts[0], vector=_joined(parts, "vector", back), lexical=_joined(parts, "lexical", back),
        answer=_joined(parts, "answer", back), answer_lexical=_joined(parts, "answer_lexical", back),
        hubs=_joined(parts, "hubs", back), wanted=entries,
    )  # fmt: skip


def _joined(parts: Sequence[AskedLikeness], name: str, back: Numbers) -> Floats:
    return np.asarray(np.concatenate([getattr(one, name) for one in parts])[back], dtype=np.float32)
