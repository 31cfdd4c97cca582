"""Entities that a pack teaches: by annotated examples, patterns, word lists and synonyms; and who wins an overlap."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from bot.artefact import Artefact
from bot.encoding.use import UseEncoder
from bot.training.example import Mark, TrainingExample
from bot.training.fit_tagger import fit_tagger
from bot.training.pack_examples import pack_entities, pack_examples
from bot.training.train import Trained, train
from bot.understanding.entities.entity import Entity
from bot.understanding.entities.reader import EntityModel, EntityReader
from bot.understanding.entities.tagger import Tagger, spans_of, viterbi
from bot.understanding.entities.word_lists import WordLists
from bot.understanding.hybrid import Understander
from intents.loader import load_pack

CITIES = ("杭州", "北京", "上海", "成都", "昆明", "拉萨", "青岛", "厦门", "长沙", "沈阳")


def flights() -> list[TrainingExample]:
    """Sentences in which the same word is a start or a goal."""
    rows = []
    generator = random.Random(3)
    for _ in range(80):
        here, there = generator.sample(CITIES, 2)
        text = generator.choice(("从{}寄到{}", "{}发往{}要多久", "由{}到{}运费多少")).format(here, there)
        first, second = text.index(here), text.index(there)
        marks = (Mark(first, first + 2, "city", "from", "leg"), Mark(second, second + 2, "city", "to", "leg"))
        rows.append(TrainingExample(text, "ship", None, marks))
    return rows


def model(tagger: Tagger | None = None) -> EntityModel:
    return EntityModel(
        patterns=(("code", r"[A-Z]{2}\d{4}"),),
        lookups={"product": ("大红袍", "红袍", "龙井", "EMS"), "tea": ("龙井",), "city": CITIES},
        synonyms={"红袍": "大红袍", "帝都": "北京"},
        tagger=tagger,
    )


def read(text: str, taught: EntityModel | None = None) -> list[tuple[str, str, object]]:
    found = EntityReader(taught or model()).read(text)
    return [(one.entity, one.text, one.value) for one in found if one.source != "builtin"]


def test_word_lists_work_without_spaces_and_the_longest_term_wins() -> None:
    assert read("有没有大红袍啊") == [("product", "大红袍", "大红袍")]


def test_a_synonym_gives_the_value() -> None:
    assert read("來點紅袍") == [("product", "紅袍", "大红袍")]


def test_a_term_in_two_lists_is_both() -> None:
    assert read("龙井") == [("product", "龙井", "龙井"), ("tea", "龙井", "龙井")]


def test_letters_are_found_as_whole_words_only() -> None:
    assert read("发ems吗") == [("product", "ems", "ems")]
    assert read("items systems") == []


def test_a_pattern_wins_an_equal_span_and_ignores_case() -> None:
    assert read("编号ab1234") == [("code", "ab1234", "ab1234")]


def test_a_longer_built_in_span_beats_a_shorter_term() -> None:
    taught = EntityModel(lookups={"thing": ("三点",)})
    found = EntityReader(taught).read("明天下午三点")
    assert [(one.entity, one.source) for one in found] == [("datetime", "builtin")]


def test_roles_and_groups_are_learned_from_examples() -> None:
    rows = flights()
    tagger = fit_tagger(rows, WordLists(model().lookups), seed=0)
    found = EntityReader(model(tagger)).read("从厦门寄到沈阳几天")
    assert [(one.text, one.role, one.group, one.source) for one in found] == [
        ("厦门", "from", "leg", "lookup"),
        ("沈阳", "to", "leg", "lookup"),
    ]


def test_a_word_never_taught_is_found_by_its_neighbours() -> None:
    tagger = fit_tagger(flights(), WordLists({}), seed=0)
    found = EntityReader(EntityModel(tagger=tagger)).read("从乌龙寄到清泉")
    assert [(one.text, one.role) for one in found if one.source == "tagger"] == [("乌龙", "from"), ("清泉", "to")]


def test_two_entities_on_one_span_stay_together() -> None:
    texts = ["我要去{}", "想去{}玩", "去{}"]
    rows = [
        TrainingExample(
            text.format(city),
            "go",
            None,
            (
                Mark(text.index("{"), text.index("{") + 2, "city"),
                Mark(text.index("{"), text.index("{") + 2, "goal"),
            ),
        )
        for text in texts
        for city in CITIES
    ]
    found = EntityReader(EntityModel(tagger=fit_tagger(rows, WordLists({}), seed=0))).read("我要去拉萨")
    assert [one.entity for one in found if one.source == "tagger"] == ["city", "goal"]


def test_the_order_of_the_examples_changes_no_weight() -> None:
    rows = flights()
    first = fit_tagger(rows, WordLists({}), seed=0)
    second = fit_tagger(rows[::-1], WordLists({}), seed=0)
    assert first is not None and second is not None
    assert list(first.features) == list(second.features)
    assert np.array_equal(first.weights, second.weights)


def test_nothing_marked_is_no_tagger() -> None:
    assert fit_tagger([TrainingExample("你好", "greet")], WordLists({}), seed=0) is None


def test_an_inner_label_never_comes_first() -> None:
    scores = np.array([[0.0, 0.0, 9.0], [0.0, 1.0, 0.0]])
    assert viterbi(scores, np.array([[0, 0, -np.inf], [0, 0, 0], [0, 0, 0]])) != [2, 1]


def test_two_neighbouring_spans_of_one_kind_are_two() -> None:
    assert [(one.start, one.end) for one in spans_of([1, 2, 1, 0, 1], ((),))] == [(0, 2), (2, 3), (4, 5)]


def test_an_artefact_keeps_all_that_was_taught(encoder: UseEncoder, tmp_path: Path) -> None:
    rows = [*flights(), *(TrainingExample(text, "price") for text in ("多少钱", "什么价", "几块"))]
    trained = train(rows, encoder, entities=model())
    folder = trained.artefact.save(tmp_path)
    loaded, fresh = Understander.load(folder, encoder), Understander(trained.model, encoder)
    text = "从厦门寄到沈阳，AB1234，帝都"
    assert loaded.understand(text).entities == fresh.understand(text).entities
    assert [one.role for one in loaded.understand(text).entities][:2] == ["from", "to"]


def test_a_mark_changes_the_models_name(trained: Trained, examples: list[TrainingExample], encoder: UseEncoder) -> None:
    marked = [TrainingExample(one.text, one.intent, one.place) for one in examples]
    marked[0] = TrainingExample(marked[0].text, marked[0].intent, marked[0].place, (Mark(0, 2, "time"),))
    assert name(train(marked, encoder)) != name(trained)


def name(trained: Trained) -> str:
    artefact: Artefact = trained.artefact
    return artefact.hash


def test_the_packs_own_products_are_found_in_its_sentences() -> None:
    """Half of the marked sentences teach the tagger; with the word lists nearly all of the other half is found."""
    pack = load_pack(Path("intents/packs/retail_zh"))
    rows = [row for row in pack_examples(pack) if row.marks]
    lists = pack_entities(pack)
    tagger = fit_tagger(rows[::2], WordLists(lists.lookups), seed=0)
    reader = EntityReader(EntityModel(lists.patterns, lists.lookups, lists.synonyms, tagger))
    wanted = found = 0
    for row in rows[1::2]:
        spans = {(one.start, one.end, one.entity) for one in reader.read(row.text)}
        wanted += len(row.marks)
        found += sum((mark.start, mark.end, mark.entity) in spans for mark in row.marks)
    assert found / wanted >= 0.9, f"{found} of {wanted}"


def test_entities_are_places_in_what_the_customer_wrote(understander: Understander) -> None:
    text = "  ￥９９　的 發貨嗎"
    (money,) = [one for one in understander.understand(text).entities if one.entity == "money"]
    assert text[money.start : money.end] == "￥９９"
    assert isinstance(money, Entity) and money.value == 9_900
