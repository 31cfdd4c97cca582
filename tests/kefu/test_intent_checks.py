"""`kefu intents check` besides the syntax: what a suite asks may not be learned."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path

import pytest

from intents.loader import load_pack
from kefu.intent_checks import check_leakage


def suite_texts() -> list[str]:
    """Texts of an open part of a suite that ships."""
    with (resources.files("eval") / "suites/retail_zh/intents.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["text"] for row in csv.DictReader(file) if len(row["text"]) > 6]  # type: ignore[arg-type]


def test_an_utterance_out_of_a_suite_is_told_with_both_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_DATA", str(tmp_path))
    asked = suite_texts()[3]
    lines = f"    - 今天天气真好适合喝茶\n    - {asked}\n    - {asked}呀\n"
    (tmp_path / "a.yml").write_text(f'version: "3.1"\nnlu:\n- intent: a\n  examples: |\n{lines}', "utf-8")
    found = check_leakage(load_pack(tmp_path / "a.yml"))
    assert {(one.code, one.place.line) for one in found} == {("suite_leak", 6)}
    assert found[0].severity == "warning" and "intents.csv" in found[0].data["where"]
    assert asked in found[0].text("zh") and found[0].cure("en")


def test_the_template_pack_holds_no_sentence_of_a_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_DATA", str(tmp_path))
    pack = load_pack(Path(str(resources.files("intents") / "packs" / "retail_zh")))
    asked = {one.data["text"] for one in check_leakage(pack) if "intents.csv" in one.data["where"]}
    assert asked == set()
