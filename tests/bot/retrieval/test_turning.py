"""Real questions turn a FAQ's vectors where that helps entries whose questions were not seen, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bot.encoding.encoder import Vectors
from bot.retrieval.faq import FaqEntry
from bot.retrieval.faq_index import FaqIndex, FaqWordings
from bot.retrieval.fusion import Fusion
from bot.retrieval.turning import fit_asked, learn_turn
from bot.training.train_faq import FaqSettings, train_faq

_COUNT, _MEANING, _STYLE = 60, 60, 2
_START = Fusion(vector_share=0.9, mean=0.0, answer=0.0, answer_lexical=0.0, centred=True)


def _unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _questions(*, style: float) -> tuple[FaqWordings, list[str], Vectors, list[int]]:
    """Entries that differ in meaning; their questions differ from them in style, by so much."""
    random = np.random.default_rng(0)
    meaning = random.standard_normal((_COUNT, _MEANING))
    wanted = np.arange(_COUNT * 5) % _COUNT
    own = np.concatenate([meaning, style * random.standard_normal((_COUNT, _STYLE))], axis=1)
    noise = random.standard_normal((len(wanted), _MEANING))
    asked = np.concatenate([meaning[wanted] + noise, style * random.standard_normal((len(wanted), _STYLE))], axis=1)
    entries = [FaqEntry(f"e{place}", f"第{place}问", (), "faq:1") for place in range(_COUNT)]
    found = FaqWordings(entries, _unit(own), _unit(own), fusion=Fusion(centred=True), parts=(_MEANING + _STYLE,))
    return found, ["问"] * len(wanted), _unit(asked), wanted.tolist()


def _rank(found: FaqWordings, plain: list[str], vectors: Vectors, wanted: list[int], fusion: Fusion) -> float:
    return found.asked(plain, vectors, wanted).reciprocal_rank(fusion)


def test_a_turn_learned_from_some_entries_helps_the_others() -> None:
    found, plain, vectors, wanted = _questions(style=4.0)
    seen = [row for row, entry in enumerate(wanted) if entry < _COUNT // 2]
    rest = [row for row, entry in enumerate(wanted) if entry >= _COUNT // 2]
    turn = learn_turn(found, vectors[seen], [wanted[row] for row in seen])
    others = ([plain[row] for row in rest], vectors[rest], [wanted[row] for row in rest])
    assert _rank(found.turned_by(turn), *others, _START) > _rank(found, *others, _START) + 0.05
    fit = fit_asked(found, plain, vectors, wanted, _START)
    assert fit.turn is not None
    assert fit.rank > _rank(found, plain, vectors, wanted, _START)


def test_where_questions_differ_in_no_direction_more_than_in_others_vectors_stay() -> None:
    found, plain, vectors, wanted = _questions(style=0.0)
    assert fit_asked(found, plain, vectors, wanted, _START).turn is None
    assert fit_asked(found, plain, vectors, wanted, Fusion(centred=False)).turn is None


def test_a_wording_that_is_near_everything_comes_after_one_that_is_near_the_question() -> None:
    near = np.array([[1, 0, 0], [0.8, 0.6, 0]], dtype=np.float32)
    crowd = np.array([[0.8, 0.6 * np.cos(a), 0.6 * np.sin(a)] for a in np.linspace(0.5, 6.0, 11)], dtype=np.float32)
    vectors = np.concatenate([near, crowd])
    entries = [FaqEntry(f"e{place}", f"第{place}问", (), "faq:1") for place in range(len(vectors))]
    found = FaqWordings(entries, vectors, vectors, fusion=Fusion(centred=False))
    assert found.hubs.argmax() == 0
    question = _unit(np.array([[0.95, 0.31, 0.0]], dtype=np.float32))
    plain = Fusion(vector_share=1.0, mean=0.0, answer=0.0, answer_lexical=0.0)
    less = Fusion(vector_share=1.0, mean=0.0, answer=0.0, answer_lexical=0.0, hub=0.5)
    like = found.asked(["问"], question, [1])
    assert like.scores(plain)[0].argmax() == 0
    assert like.scores(less)[0].argmax() == 1
    hubs = FaqWordings(entries, vectors, vectors, fusion=less)
    assert hubs.candidates(hubs.likeness("问", question[0]), limit=1).entries.tolist() == [1]


class _Styled:
    """An encoder for tests: one text, one vector, from the questions above."""

    id = "styled/1"
    dimension = _MEANING + _STYLE

    def __init__(self, known: dict[str, Vectors]) -> None:
        self._known = known

    def encode(self, texts: object) -> Vectors:
        assert isinstance(texts, list | tuple)
        blank = np.full(self.dimension, 0.1, dtype=np.float32)
        rows = [self._known.get(text, blank) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)


def test_training_with_real_questions_keeps_the_turn_through_the_disk(tmp_path: Path) -> None:
    found, _, vectors, wanted = _questions(style=4.0)
    asked = [(f"问题{row}", f"e{entry}") for row, entry in enumerate(wanted)]
    own = dict(zip([entry.question for entry in found.entries], found._vectors, strict=True))
    encoder = _Styled(own | dict(zip([text for text, _ in asked], vectors, strict=True)))
    trained = train_faq(found.entries, encoder, asked=asked, settings=FaqSettings(_START))
    turn = trained.index.found.turn
    assert turn is not None and trained.asked_rank is not None
    loaded = FaqIndex.load(trained.artefact.save(tmp_path), encoder)
    again = loaded.found.turn
    assert again is not None
    assert [one.tolist() for one in again.matrices] == [one.tolist() for one in turn.matrices]
    assert loaded.search("问", vectors[3], threshold=0.0) == trained.index.search("问", vectors[3], threshold=0.0)
    assert loaded.revise(encoder, removed=["e0"]).found.turn is again
