"""The template pack retail_zh is rich, varied, consistent and free of facts that belong elsewhere."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from ruamel.yaml import YAML

PACK = files("intents").joinpath("packs", "retail_zh")
ANNOTATION = re.compile(r"\[([^\[\]]+)\]\(([a-z_]+)(?::([^()]+))?\)")
ENTITIES = {"product", "category", "place", "carrier", "order_no"}
HANDOFF = {"never", "offer", "always"}
SAME_CHARACTERS = 0.75  # Jaccard of character pairs from which two utterances count as the same thought


@dataclass(frozen=True, slots=True)
class Utterance:
    """One example line as written, with where it stands."""

    intent: str
    file: str
    marked: str

    @property
    def text(self) -> str:
        """The utterance without its annotations."""
        return ANNOTATION.sub(lambda match: match[1], self.marked)

    @property
    def shape(self) -> str:
        """The utterance with slots, digits, punctuation and case taken out."""
        bare = ANNOTATION.sub(lambda match: f"<{match[2]}>", self.marked)
        return re.sub(r"\d+", "0", re.sub(r"[^\w<>]", "", unicodedata.normalize("NFKC", bare).lower()))


@cache
def documents() -> dict[str, Any]:
    """Read every YAML file of the pack; duplicate keys are errors."""
    yaml = YAML(typ="safe", pure=True)
    paths = sorted((path for path in PACK.iterdir() if path.name.endswith(".yml")), key=lambda path: path.name)
    return {path.name: yaml.load(path.read_text(encoding="utf-8")) for path in paths}


def items(kind: str) -> list[tuple[str, dict[str, Any]]]:
    """List the items of one kind with the file each stands in."""
    return [(name, item) for name, data in documents().items() for item in data.get("nlu", []) if kind in item]


def examples(item: dict[str, Any]) -> list[str]:
    """Split the examples block of an item."""
    lines = item["examples"].splitlines()
    assert all(line.startswith("- ") and line[2:].strip() for line in lines), item
    return [line[2:] for line in lines]


@cache
def utterances() -> list[Utterance]:
    """List all utterances of the pack."""
    return [Utterance(item["intent"], name, line) for name, item in items("intent") for line in examples(item)]


def lookup(name: str) -> list[str]:
    """Return the terms of one lookup table."""
    return [line for _, item in items("lookup") if item["lookup"] == name for line in examples(item)]


def intents() -> list[str]:
    """List the intents in order."""
    return [item["intent"] for _, item in items("intent")]


def test_files_are_rasa_yaml_with_our_keys_in_metadata_only() -> None:
    for name, data in documents().items():
        assert data["version"] == "3.1", name
        assert set(data) <= {"version", "nlu", "responses"}, name
        for item in data.get("nlu", []):
            kind = {"intent", "synonym", "lookup", "regex"} & set(item)
            assert len(kind) == 1
            assert set(item) - kind <= {"examples", "metadata"}, item
    topics = {name for name, _ in items("intent")} - {"out_of_scope.yml"}
    assert 8 <= len(topics) <= 10


def test_there_are_enough_intents_and_utterances() -> None:
    counts = Counter(one.intent for one in utterances())
    assert len(intents()) == len(set(intents())) == len(counts)
    scope = counts.pop("out_of_scope")
    assert scope >= 120
    assert len(counts) >= 44
    assert {intent: count for intent, count in counts.items() if count < 24} == {}


def test_no_two_utterances_differ_only_in_a_slot_a_digit_or_punctuation() -> None:
    shapes: dict[str, list[Utterance]] = defaultdict(list)
    for one in utterances():
        shapes[one.shape or one.text].append(one)
    assert {shape: same for shape, same in shapes.items() if len(same) > 1} == {}


def pairs(text: str) -> frozenset[str]:
    """Return the character pairs of a text, with its edges."""
    padded = f"^{text}$"
    return frozenset(padded[i : i + 2] for i in range(len(padded) - 1))


def close_pairs(texts: list[str]) -> set[tuple[int, int]]:
    """Find the texts that share SAME_CHARACTERS of their character pairs.

    Two such texts share one of their rarest pairs (prefix filter, Chaudhuri et al. 2006), so only those are compared.
    """
    grams = [pairs(text) for text in texts]
    rarity = Counter(gram for own in grams for gram in own)
    seen: dict[str, list[int]] = defaultdict(list)
    found = set()
    for number, own in enumerate(grams):
        prefix = sorted(own, key=lambda gram: (rarity[gram], gram))[: int(len(own) * (1 - SAME_CHARACTERS)) + 1]
        for other in {other for gram in prefix for other in seen[gram]}:
            if len(own & grams[other]) >= SAME_CHARACTERS * len(own | grams[other]):
                found.add((other, number))
        for gram in prefix:
            seen[gram].append(number)
    return found


def test_no_utterance_nearly_repeats_another() -> None:
    texts = [re.sub(r"\W", "", one.text.lower()) or one.text for one in utterances()]
    close = [(utterances()[first], utterances()[second]) for first, second in close_pairs(texts)]
    assert close == []


def test_the_search_for_repeats_finds_a_planted_one() -> None:
    texts = ["退货的运费到底由谁来承担呢", "请问明前龙井还有现货吗", "退货的运费到底由谁来承担"]
    assert close_pairs(texts) == {(0, 2)}


def test_utterances_vary_like_those_of_real_customers() -> None:
    texts = [one.text for one in utterances() if one.intent != "out_of_scope"]
    assert sum(len(text) <= 6 for text in texts) >= 200, "short forms"
    assert sum(len(text) >= 28 for text in texts) >= 40, "long stories"
    assert sum(bool(re.search(r"[\U0001F300-\U0001FAFF\u2705-\u27BF]", text)) for text in texts) >= 15, "emoji"
    assert sum(bool(re.search(r"[貨發單錢國點麼這個樣嗎還買換]", text)) for text in texts) >= 30, "traditional"
    assert sum(bool(re.search(r"咋|啥|莫得|木有|么么|唔|冇|嘅|伐|要得|好多钱", text)) for text in texts) >= 60, (
        "dialect"
    )


def test_metadata_explains_every_intent() -> None:
    known = set(intents())
    for _, item in items("intent"):
        meta = item["metadata"]
        assert set(meta) <= {"description", "near_misses", "handoff", "slots"}, item["intent"]
        assert meta["description"], item["intent"]
        assert meta["handoff"] in HANDOFF, item["intent"]
        assert len(meta["near_misses"]) >= 2, item["intent"]
        for miss in meta["near_misses"]:
            assert set(miss) == {"text", "intent"}
            assert miss["intent"] in known - {item["intent"]}, (item["intent"], miss)
            own = [one.shape for one in utterances() if one.intent == item["intent"]]
            assert Utterance("", "", miss["text"]).shape not in own, miss
        for slot in meta.get("slots", []):
            assert set(slot) == {"name", "prompt"}


def test_annotations_are_well_formed_and_their_values_are_known() -> None:
    tables = {name: set(lookup(name)) for name in ENTITIES - {"order_no"}}
    synonyms = {text: item["synonym"] for _, item in items("synonym") for text in examples(item)}
    for one in utterances():
        rest = ANNOTATION.sub("", one.marked)
        assert not re.search(r"[\[\]]", rest), one
        for text, entity, value in ANNOTATION.findall(one.marked):
            assert entity in ENTITIES, one
            if entity == "order_no":
                assert re.fullmatch(r"YC\d{12}", text), one
                continue
            assert (value or text) in tables[entity], one
            assert not value or synonyms.get(text, value) == value, one


@pytest.mark.parametrize("entity", ["product", "category", "carrier", "place"])
def test_a_known_term_is_annotated_wherever_it_occurs(entity: str) -> None:
    terms = sorted((term for term in lookup(entity) if len(term) > 1), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, terms)))
    missed = [(one.intent, one.text, pattern.findall(ANNOTATION.sub("|", one.marked))) for one in utterances()]
    assert [entry for entry in missed if entry[2]] == []


def test_product_words_are_those_of_the_demo_shop() -> None:
    table = files("kefu").joinpath("demo", "shop_data", "products.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(table)))
    names = {name for row in rows for name in [row["name"], *row["aliases"].split("|")]}
    assert set(lookup("product")) == names
    assert set(lookup("category")) >= {row["category"] for row in rows}


def test_regular_expressions_compile_and_find_the_demo_order() -> None:
    patterns = {item["regex"]: [re.compile(line) for line in examples(item)] for _, item in items("regex")}
    shop = files("kefu").joinpath("demo", "shop_data")
    for table, column, name in [
        ("orders.csv", "order_id", "order_no"),
        ("parcels.csv", "tracking_no", "tracking_no"),
    ]:
        for row in csv.DictReader(io.StringIO(shop.joinpath(table).read_text(encoding="utf-8"))):
            assert any(pattern.fullmatch(row[column]) for pattern in patterns[name]), row[column]


def test_a_synonym_has_one_meaning() -> None:
    meanings = Counter(text for _, item in items("synonym") for text in examples(item))
    assert [text for text, count in meanings.items() if count > 1] == []
    assert all(item["synonym"] not in examples(item) for _, item in items("synonym"))


def test_every_intent_has_one_to_three_answers_without_facts() -> None:
    responses = documents()["responses.yml"]["responses"]
    assert set(responses) == {f"utter_{intent}" for intent in intents()}
    said: Counter[str] = Counter()
    for name, variants in responses.items():
        # Further wordings are for what the customer has said already.
        assert 1 <= sum("when" not in variant.get("metadata", {}) for variant in variants) <= 3, name
        assert any("when" not in variant.get("metadata", {}) for variant in variants), name
        for variant in variants:
            assert set(variant) <= {"text", "metadata"}, name
            # Names of placeholders may have digits: what is said may not.
            spoken = re.sub(r"\{[^}]*\}", "", variant["text"])
            assert not re.search(
                r"\d|(?<!第)(?!一元)[一二三四五六七八九十百千]+(?:元|块|折|天|小时|月\S?日)", spoken
            ), variant
            said[variant["text"]] += 1
    assert [text for text, count in said.items() if count > 1] == []


def test_a_slot_that_an_answer_asks_for_is_declared() -> None:
    slots = {
        item["intent"]: {slot["name"] for slot in item["metadata"].get("slots", [])} for _, item in items("intent")
    }
    for name, variants in documents()["responses.yml"]["responses"].items():
        for meta in (variant.get("metadata", {}) for variant in variants):
            assert set(meta) <= {"when", "slot", "cue", "buttons"}, name
            if meta.get("when") == "missing_slot":
                assert meta["slot"] in slots[name.removeprefix("utter_")], name


def test_no_utterance_holds_personal_data() -> None:
    for one in utterances():
        assert not re.search(r"1[3-9]\d{9}|\d{17}[\dX]|@\w+\.\w+", one.text), one
