"""What a model sees in intent files: planted label errors, strays, word lists cut by the word splitter."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bot.encoding.cache import CachedEncoder
from bot.encoding.use import UseEncoder
from bot.training.label_errors import find_label_errors
from bot.training.semantic_checks import find_semantic_problems
from intents.loader import load_pack
from intents.model import Example, Intent, Pack, Place
from tests.bot.conftest import SENTENCES


def pack_of(rows: list[tuple[str, str]], lookups: dict[str, tuple[str, ...]] | None = None) -> Pack:
    """A pack of (intent, text) rows, each on its own line of one file."""
    intents: dict[str, Intent] = {}
    for line, (name, text) in enumerate(rows, start=1):
        known = intents.get(name, Intent(name))
        intents[name] = Intent(name, (*known.examples, Example(text, place=Place("a.yml", line, 1))))
    return Pack(intents, {}, (), lookups or {}, {}, ("a.yml",))


def test_a_sentence_under_the_wrong_intent_is_found_with_its_rival(encoder: UseEncoder) -> None:
    rows = [(name, text) for name, texts in SENTENCES.items() if name is not None for text in texts]
    rows[3] = ("price", rows[3][1])
    problems = find_semantic_problems(pack_of(rows), lambda: encoder)
    found = [one for one in problems if one.code in ("label_suspect", "nearer_to_other") and one.place.line == 4]
    assert found and found[0].data["rival"] == "ship_time"
    assert found[0].data["where"].startswith("a.yml:")


def test_of_too_many_sentences_a_part_of_each_intent_is_compared_and_that_is_said(encoder: UseEncoder) -> None:
    rows = [(name, text) for name, texts in SENTENCES.items() if name is not None for text in texts]
    asked: list[str] = []

    class Noting:
        id, dimension = encoder.id, encoder.dimension

        def encode(self, texts: list[str]) -> np.ndarray:
            asked.extend(texts)
            return encoder.encode(texts)

    half = len(rows) // 2
    problems = find_semantic_problems(pack_of(rows), Noting, most_rows=half)
    (told,) = [one for one in problems if one.code == "too_many_to_compare"]
    assert told.data == {"count": str(len(rows)), "most": str(half)}
    assert len(asked) == half
    kept = [sum(text in asked for text in texts) / len(texts) for name, texts in SENTENCES.items() if name is not None]
    assert all(0.3 < share < 0.7 for share in kept), kept


def test_one_intent_has_nothing_to_be_confused_with(encoder: UseEncoder) -> None:
    assert find_semantic_problems(pack_of([("a", "你好"), ("a", "在吗")]), lambda: encoder) == []


def test_a_term_that_the_word_splitter_cuts_is_noted_once(encoder: UseEncoder) -> None:
    rows = [("a", "南京市长江大桥怎么走"), ("a", "南京市长江大桥远吗"), ("a", "龙井多少钱")]
    problems = find_semantic_problems(pack_of(rows, {"place": ("市长", "龙井")}), lambda: encoder)
    assert [(one.code, one.place.line, one.data["text"]) for one in problems] == [("lookup_cut", 1, "市长")]


def test_planted_errors_are_found_in_clusters() -> None:
    generator = np.random.default_rng(1)
    centres = generator.standard_normal((20, 64))
    labels = np.repeat(np.arange(20), 50)
    vectors = centres[labels] + 0.8 * generator.standard_normal((1_000, 64))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    planted = generator.permutation(1_000)[:100]
    wrong = labels.copy()
    wrong[planted] = (wrong[planted] + generator.integers(1, 20, 100)) % 20
    suspects = {one.row: one.rival for one in find_label_errors(vectors, wrong).suspects}
    right = [row for row in planted.tolist() if suspects.get(row) == labels[row]]
    assert len(right) >= 85 and len(right) / len(suspects) >= 0.9


def test_sentences_moved_in_the_template_pack_are_found(encoder: UseEncoder, tmp_path: Path) -> None:
    """Our own pack with 150 sentences under a wrong intent: four in five are found."""
    rows = [
        (intent.base, example.text)
        for intent in load_pack(Path("intents/packs/retail_zh")).intents.values()
        for example in intent.examples
        if len(example.text) > 3 and intent.base != "out_of_scope"
    ]
    names = sorted({name for name, _ in rows})
    generator = np.random.default_rng(0)
    moved = generator.permutation(len(rows))[:150].tolist()
    for row in moved:
        others = [name for name in names if name != rows[row][0]]
        rows[row] = (others[generator.integers(len(others))], rows[row][1])
    cached = CachedEncoder(encoder, tmp_path)
    problems = find_semantic_problems(pack_of(rows), lambda: cached)
    lines = {one.place.line - 1 for one in problems if one.code == "label_suspect"}
    assert len(lines & set(moved)) >= 0.8 * len(moved)
