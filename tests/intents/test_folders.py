"""A folder becomes one pack: the same whatever the order of its files, with all problems."""

from __future__ import annotations

import os
from itertools import permutations
from pathlib import Path

import pytest

from intents import loader
from intents.loader import load_files, load_pack
from intents.merge import merge_files
from intents.reader import read_text
from tests.intents.reading import block, codes, texts


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_files_below_a_folder_are_joined(tmp_path: Path) -> None:
    write(tmp_path, {"a.yml": block("- x"), "b/c.yaml": block("- y"), ".git/d.yml": "{", "e.txt": "{", ".f.yml": "{"})
    read = load_pack(tmp_path)
    assert (texts(read), read.files, codes(read)) == (["x", "y"], ("a.yml", "b/c.yaml"), [])
    assert [str(place) for place in read.intents["a"].places] == ["a.yml:2:3", "b/c.yaml:2:3"]


def test_the_order_of_files_is_no_matter() -> None:
    files = [
        read_text("nlu:\n- synonym: A\n  examples: |\n    - x\n" + block("- [q](e:A)")[5:], "a.yml"),
        read_text("nlu:\n- synonym: B\n  examples: |\n    - x\n" + block("- q", "- r")[5:], "b.yml"),
        read_text(
            "nlu:\n- intent: a\n  metadata: {owner: 乔, near_misses: [x]}\n  examples: |\n    - r\n"
            "responses:\n  utter_a:\n  - text: 1\n",
            "c.yml",
        ),
        read_text("nlu:\n- intent: a\n  metadata: {owner: 林}\n  examples: |\n    - s\n", "d.yml"),
    ]
    first = merge_files(files)
    assert first.intents["a"].about.owner == "林"
    assert first.synonyms["x"] == "B"
    assert codes(first) == ["synonym_conflict", "duplicate_example", "variant_shape", "metadata_conflict"]
    for order in permutations(files):
        again = merge_files(order)
        assert again == first
        assert again.problems == first.problems
        assert list(again.intents) == list(first.intents)


def test_an_answer_in_two_files_is_told_and_the_last_file_counts(tmp_path: Path) -> None:
    write(
        tmp_path, {"a.yml": "responses:\n  utter_a:\n  - text: x\n", "b.yml": "responses:\n  utter_a:\n  - text: y\n"}
    )
    read = load_pack(tmp_path)
    assert ([one.text for one in read.responses["utter_a"].variants], codes(read)) == (["y"], ["response_repeated"])


def test_one_broken_file_does_not_touch_the_others(tmp_path: Path) -> None:
    write(tmp_path, {"a.yml": "nlu: [", "b.yml": block("- x")})
    (tmp_path / "c.yml").write_bytes(b"\xff\xfe\x00")
    read = load_pack(tmp_path)
    assert texts(read) == ["x"]
    assert [one.place.file for one in read.problems] == ["a.yml", "c.yml"]


def test_a_single_file_is_a_folder_of_one(tmp_path: Path) -> None:
    write(tmp_path, {"a.yml": block("- x"), "b.yml": block("- y")})
    assert load_pack(tmp_path / "a.yml").files == ("a.yml",)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    assert codes(load_pack(tmp_path)) == ["folder_empty"]


def test_a_folder_over_the_limit_is_refused_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "MAX_FOLDER_BYTES", 100)
    write(tmp_path, {"a.yml": block("- x"), "b.yml": block("- " + "y" * 100)})
    read = load_pack(tmp_path)
    assert (dict(read.intents), codes(read)) == ({}, ["folder_too_large"])


def test_a_file_that_vanished_or_dangles_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"a.yml": block("- x")})
    os.symlink(tmp_path / "gone", tmp_path / "b.yml")
    read = load_pack(tmp_path)
    assert (texts(read), codes(read)) == (["x"], ["file_unreadable"])


def test_the_template_pack_reads_without_a_problem() -> None:
    read = merge_files(load_files(Path(__file__).parents[2] / "intents" / "packs" / "retail_zh"))
    assert read.problems == ()
    assert len(read.intents) >= 44
    assert all(read.find_response(name) is not None for name in read.intents)
