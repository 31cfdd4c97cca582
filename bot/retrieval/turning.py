"""What real questions teach a FAQ's search: the weights of its likenesses, and how its vectors are turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bot.encoding.encoder import Vectors
from bot.retrieval.faq_wordings import FaqWordings
from bot.retrieval.fusion import AskedLikeness, Fusion, choose_fusion
from bot.retrieval.measure import Turn
from bot.understanding.tfidf import Floats

Numbers = npt.NDArray[np.int64]

_FOLDS = 5
# On stackfaq flat from 3 to 30 times the mean; less forgets what the encoder knows.
_SHRINK = 10.0
_GAIN = 0.002


@dataclass(frozen=True, slots=True)
class Questions:
    """Real questions, normalised, with their vectors, the numbers of their entries and (where known) their intents."""

    plain: Sequence[str]
    vectors: Vectors
    wanted: Sequence[int]
    ranked: Sequence[Mapping[str, float] | None] = ()

    def rows(self, rows: Sequence[int]) -> Questions:
        """Return some of them."""
        return Questions(
            [self.plain[row] for row in rows],
            self.vectors[list(rows)],
            [self.wanted[row] for row in rows],
            [self.ranked[row] for row in rows] if self.ranked else (),
        )

    def like(self, found: FaqWordings) -> AskedLikeness:
        """Return how like they are to a FAQ's wordings."""
        return found.asked(self.plain, self.vectors, self.wanted, self.ranked)


@dataclass(frozen=True, slots=True)
class AskedFit:
    """`rank` is the mean reciprocal rank that folds of the questions got without being learned from.

    `before` is theirs by the weights and vectors as they were, `questions` how many could be learned from.
    """

    turn: Turn | None
    fusion: Fusion
    rank: float
    before: float
    questions: int


def fit_asked(found: FaqWordings, asked: Questions, start: Fusion) -> AskedFit:
    """Choose weights and a turn, each kept where questions that it was not learned from gain two thousandths.

    For the turn those are questions of other entries. A question may be a wording itself: it is judged as if it were
    not, and one whose entry has no other wording teaches nothing.
    """
    asked = _answerable(found, asked)
    if not len(asked.plain):
        return AskedFit(None, start, 0.0, 0.0, 0)
    like = asked.like(found)
    before = like.reciprocal_rank(start)
    fusion, rank = choose_fusion(like, start)
    if rank - before < _GAIN:
        fusion, rank = start, before
    if start.centred:
        turned, turned_rank = choose_fusion(_out_of_fold(found, asked), start)
        if turned_rank - rank >= _GAIN:
            return AskedFit(learn_turn(found, asked), turned, turned_rank, before, len(asked.plain))
    return AskedFit(None, fusion, rank, before, len(asked.plain))


def _answerable(found: FaqWordings, asked: Questions) -> Questions:
    """Only the questions whose entry has a wording that is not the question itself."""
    own = found.owners[None, :] == np.asarray(asked.wanted, dtype=np.int64)[:, None]
    there = (own & ~found.hidden_from(asked.plain, asked.wanted)).any(axis=1)
    return asked.rows(np.flatnonzero(there).tolist())


def learn_turn(found: FaqWordings, asked: Questions) -> Turn:
    """Learn from real questions and the wordings that they meant: the inverse root of how the two differ.

    Within-class covariance normalisation (Hatch, Kajarekar & Stolcke 2006), with ten times its mean on the diagonal.
    """
    straight = found.turned_by(None)
    differences = straight.turned(asked.vectors) - straight.own_wordings(asked.plain, asked.vectors, asked.wanted)
    cuts = np.cumsum(found.parts)[:-1].tolist()
    matrices = []
    for part in np.split(differences.astype(np.float64), cuts, axis=1):
        spread = part.T @ part / len(part)
        spread += np.eye(len(spread)) * max(_SHRINK * float(np.trace(spread)) / len(spread), 1e-9)
        values, axes = np.linalg.eigh(spread)
        matrix = (axes / np.sqrt(values)) @ axes.T
        matrices.append(np.asarray(matrix / np.abs(matrix).max(), dtype=np.float32))
    return Turn(tuple(matrices))


def _out_of_fold(found: FaqWordings, asked: Questions) -> AskedLikeness:
    """How like questions are to everything, each with a turn that was learned without the questions of its entry."""
    entries = np.array(asked.wanted)
    fold = (np.random.default_rng(0).permutation(len(found.entries)) % _FOLDS)[entries]
    parts: list[AskedLikeness] = []
    order: list[int] = []
    for one in range(_FOLDS):
        rest, mine = np.flatnonzero(fold != one).tolist(), np.flatnonzero(fold == one).tolist()
        if not mine:
            continue
        turn = learn_turn(found, asked.rows(rest)) if rest else None
        parts.append(asked.rows(mine).like(found.turned_by(turn)))
        order += mine
    back = np.argsort(order)
    return replace(
        parts[0], vector=_joined(parts, "vector", back), lexical=_joined(parts, "lexical", back),
        answer=_joined(parts, "answer", back), answer_lexical=_joined(parts, "answer_lexical", back),
        hubs=_joined(parts, "hubs", back), wanted=entries,
        hidden=found.hidden_from(asked.plain, asked.wanted),
        agreement=None if parts[0].agreement is None else _joined(parts, "agreement", back),
    )  # fmt: skip


def _joined(parts: Sequence[AskedLikeness], name: str, back: Numbers) -> Floats:
    return np.asarray(np.concatenate([getattr(one, name) for one in parts])[back], dtype=np.float32)
