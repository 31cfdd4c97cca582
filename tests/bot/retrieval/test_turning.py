"""Real questions turn a FAQ's vectors where that helps entries whose questions were not seen, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.encoding.encoder import Vectors
from bot.retrieval.faq import FaqEntry
from bot.retrieval.faq_index import FaqIndex
from bot.retrieval.faq_wordings import FaqWordings
from bot.retrieval.fusion import Fusion, best_wordings
from bot.retrieval.turning import Questions, fit_asked, learn_turn
from bot.training.train_faq import FaqSettings, train_faq

_COUNT, _MEANING, _STYLE = 60, 60, 2
_START = Fusion(vector_share=0.9, mean=0.0, answer=0.0, answer_lexical=0.0, centred=True)


def _unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _questions(*, style: float, noise: float = 1.0) -> tuple[FaqWordings, Questions]:
    """Entries that differ in meaning; their questions differ from them in style, and in all things by some noise."""
    random = np.random.default_rng(0)
    meaning = random.standard_normal((_COUNT, _MEANING))
    wanted = np.arange(_COUNT * 5) % _COUNT
    own = np.concatenate([meaning, style * random.standard_normal((_COUNT, _STYLE))], axis=1)
    other = noise * random.standard_normal((len(wanted), _MEANING))
    asked = np.concatenate([meaning[wanted] + other, style * random.standard_normal((len(wanted), _STYLE))], axis=1)
    entries = [FaqEntry(f"e{place}", f"第{place}问", (), "faq:1") for place in range(_COUNT)]
    found = FaqWordings(entries, _unit(own), _unit(own), fusion=Fusion(centred=True), parts=(_MEANING + _STYLE,))
    return found, Questions([f"问{row}" for row in range(len(wanted))], _unit(asked), wanted.tolist())


def _rank(found: FaqWordings, asked: Questions, fusion: Fusion) -> float:
    return asked.like(found).reciprocal_rank(fusion)


def test_a_turn_learned_from_some_entries_helps_the_others() -> None:
    found, asked = _questions(style=4.0)
    seen = asked.rows([row for row, entry in enumerate(asked.wanted) if entry < _COUNT // 2])
    others = asked.rows([row for row, entry in enumerate(asked.wanted) if entry >= _COUNT // 2])
    turn = learn_turn(found, seen)
    assert _rank(found.turned_by(turn), others, _START) > _rank(found, others, _START) + 0.05
    fit = fit_asked(found, asked, _START)
    assert fit.turn is not None
    assert fit.before == _rank(found, asked, _START) < fit.rank


def test_where_questions_differ_in_no_direction_more_than_in_others_all_stays() -> None:
    found, asked = _questions(style=0.0)
    fit = fit_asked(found, asked, _START)
    assert (fit.turn, fit.fusion, fit.rank) == (None, _START, fit.before)
    assert fit_asked(found, asked, Fusion(centred=False)).turn is None


def test_a_question_that_became_a_wording_is_judged_as_if_it_had_not() -> None:
    found, asked = _questions(style=0.0)
    with_wordings = [
        FaqEntry(entry.id, entry.question, (asked.plain[place],)) for place, entry in enumerate(found.entries)
    ]
    vectors = np.stack([row for pair in zip(found._vectors, asked.vectors, strict=False) for row in pair])
    longer = FaqWordings(with_wordings, vectors, found._vectors, fusion=found.fusion, parts=found.parts)
    like = asked.rows(range(_COUNT)).like(longer)
    assert like.hidden is not None and like.hidden.sum() == _COUNT
    plain = Fusion(vector_share=1.0, mean=0.5, answer=0.0, answer_lexical=0.0)
    own = like.scores(plain)[np.arange(_COUNT), like.wanted]
    question = like.vector[np.arange(_COUNT), 2 * like.wanted]
    assert np.allclose(own, 1.5 * question, atol=1e-5), "an entry is its own question to it, and nothing else"


def test_a_question_whose_entry_has_no_other_wording_teaches_nothing() -> None:
    found, asked = _questions(style=0.0)
    alone = [FaqEntry(entry.id, asked.plain[place]) for place, entry in enumerate(found.entries)]
    only = FaqWordings(alone, asked.vectors[:_COUNT], found._vectors, fusion=found.fusion, parts=found.parts)
    assert fit_asked(only, asked.rows(range(_COUNT)), _START).questions == 0
    assert fit_asked(only, asked, _START).questions == len(asked.plain) - _COUNT


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


def test_an_entry_is_as_like_as_its_best_wordings_that_exist() -> None:
    gone = -np.inf
    fused = np.array(
        [[0.9, 0.1, 0.2, 0.6, gone, 0.8, gone], [gone, 0.4, 0.5, gone, gone, gone, gone]], dtype=np.float32
    )
    starts = np.array([0, 3, 6])
    assert best_wordings(fused, starts, 1).tolist() == [pytest.approx([0.9, 0.8, -1]), pytest.approx([0.5, -1, -1])]
    assert best_wordings(fused, starts, 2).tolist() == [pytest.approx([0.55, 0.7, -1]), pytest.approx([0.45, -1, -1])]
    assert best_wordings(fused, starts, 3).tolist() == [pytest.approx([0.4, 0.7, -1]), pytest.approx([0.45, -1, -1])]


def test_a_search_ranks_by_as_many_wordings_as_its_fusion_says() -> None:
    vectors = np.array([[1, 0], [0, 1], [0.8, 0.6], [0.8, -0.6]], dtype=np.float32)
    entries = [FaqEntry("one", "甲", ("乙",)), FaqEntry("two", "丙", ("丁",))]
    question = np.array([1, 0], dtype=np.float32)
    for top, first in ((1, 0), (2, 1)):
        fusion = Fusion(vector_share=1.0, mean=0.0, answer=0.0, answer_lexical=0.0, top=top)
        found = FaqWordings(entries, vectors, vectors[:2] * 0, fusion=fusion)
        assert found.candidates(found.likeness("问", question), limit=1).entries.tolist() == [first]
        assert found.asked(["问"], question[None, :], [0]).scores(fusion).argmax(axis=1).tolist() == [first]


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
    found, asked = _questions(style=4.0)
    encoder = _styled(found, asked)
    pairs = [(text, f"e{entry}") for text, entry in zip(asked.plain, asked.wanted, strict=True)]
    trained = train_faq(found.entries, encoder, asked=pairs, settings=FaqSettings(_START))
    turn = trained.index.found.turn
    assert turn is not None and trained.asked is not None
    loaded = FaqIndex.load(trained.artefact.save(tmp_path), encoder)
    again = loaded.found.turn
    assert again is not None
    assert [one.tolist() for one in again.matrices] == [one.tolist() for one in turn.matrices]
    vector = asked.vectors[3]
    assert loaded.search("问", vector, threshold=0.0) == trained.index.search("问", vector, threshold=0.0)
    assert loaded.revise(encoder, removed=["e0"]).found.turn is again
    backwards = train_faq(found.entries, encoder, asked=pairs[::-1], settings=FaqSettings(_START))
    assert backwards.artefact.hash == trained.artefact.hash


def test_questions_that_became_wordings_teach_what_helps_the_next_ones() -> None:
    found, asked = _questions(style=4.0, noise=1.6)
    encoder = _styled(found, asked)
    kept, coming = asked.rows(range(4 * _COUNT)), asked.rows(range(4 * _COUNT, 5 * _COUNT))
    own: dict[int, list[str]] = {}
    for text, entry in zip(kept.plain, kept.wanted, strict=True):
        own.setdefault(entry, []).append(text)
    entries = [FaqEntry(one.id, one.question, tuple(own[place])) for place, one in enumerate(found.entries)]
    pairs = [(text, f"e{entry}") for entry, texts in own.items() for text in texts]
    settings = FaqSettings(_START)
    taught = train_faq(entries, encoder, asked=pairs, settings=settings)
    plain = train_faq(entries, encoder, settings=settings)
    assert taught.asked is not None and taught.asked.questions == 4 * _COUNT and plain.asked is None
    firsts = [
        sum(
            one.index.search(text, vector, threshold=0.0)[0].entry_id == f"e{entry}"
            for text, vector, entry in zip(coming.plain, coming.vectors, coming.wanted, strict=True)
        )
        for one in (plain, taught)
    ]
    assert firsts[1] >= firsts[0] + 5, firsts


def test_a_few_real_questions_teach_nothing() -> None:
    found, asked = _questions(style=4.0)
    pairs = [(text, f"e{entry}") for text, entry in zip(asked.plain[:199], asked.wanted, strict=False)]
    gone = [(text, "gone") for text in asked.plain[199:]]
    trained = train_faq(found.entries, _styled(found, asked), asked=[*pairs, *gone], settings=FaqSettings(_START))
    assert trained.asked is None and trained.index.found.fusion == _START


def _styled(found: FaqWordings, asked: Questions) -> _Styled:
    own = dict(zip([entry.question for entry in found.entries], found._vectors, strict=True))
    return _Styled(own | dict(zip(asked.plain, asked.vectors, strict=True)))
