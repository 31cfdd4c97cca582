"""Files that are written correctly and will still trouble a model: each planted fault is found at its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from intents.commands import make_app
from intents.loader import load_pack
from intents.problems import Problem
from intents.quality import find_quality_problems
from tests.intents.test_folders import write


def intent(name: str, *examples: str) -> str:
    """An intent item with six further examples of its own, so that it is not tiny."""
    own = [f"{name}第{word}种说法" for word in "甲乙丙丁戊己"]
    return f"- intent: {name}\n  examples: |\n" + "".join(f"    - {text}\n" for text in (*examples, *own))


def problems(tmp_path: Path, nlu: str, responses: str = "") -> list[Problem]:
    content = f'version: "3.1"\nnlu:\n{nlu}' + (f"responses:\n{responses}" if responses else "")
    pack = load_pack(write(tmp_path, {"a.yml": content}))
    assert pack.problems == ()
    return find_quality_problems(pack)


def found(tmp_path: Path, nlu: str, responses: str = "") -> list[tuple[str, int]]:
    return [(one.code, one.place.line) for one in problems(tmp_path, nlu, responses)]


def test_sound_files_have_no_findings(tmp_path: Path) -> None:
    assert found(tmp_path, intent("退货", "我要退货") + intent("发货", "几时发货")) == []


def test_an_intent_of_three_examples_is_tiny(tmp_path: Path) -> None:
    tiny = "- intent: 少\n  examples: |\n    - 甲一\n    - 乙二\n    - 丙三\n"
    assert found(tmp_path, tiny + intent("退货")) == [("intent_tiny", 3)]


def test_one_intent_with_ten_times_the_examples_is_out_of_balance(tmp_path: Path) -> None:
    many = intent("大", *(f"第{number}句话儿" for number in range(80)))
    assert ("imbalance", 3) in found(tmp_path, many + intent("甲") + intent("乙") + intent("丙"))


def test_the_same_utterance_in_two_intents_names_the_first_place(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, intent("退货", "不要了！") + intent("取消", "不要了"))
    assert (problem.code, problem.place.line) == ("same_in_two", 14)
    assert problem.data["where"] == "a.yml:5" and problem.data["rival"] == "退货"


def test_utterances_that_differ_in_courtesies_are_nearly_the_same(tmp_path: Path) -> None:
    assert found(tmp_path, intent("发货", "请问什么时候发货呢") + intent("物流", "什么时候发货")) == [
        ("nearly_in_two", 14)
    ]


def test_a_word_with_two_names_is_a_disagreement(tmp_path: Path) -> None:
    nlu = intent("甲", "去[杭州](city)", "到[杭州](city)玩") + intent("乙", "寄[杭州](place)")
    assert found(tmp_path, nlu) == [("entity_two_names", 15)]


def test_a_half_marked_utterance_is_noted(tmp_path: Path) -> None:
    nlu = intent("甲", "去[杭州](city)", "到[杭州](city)玩", "回[杭州](city)", "从[北京](city)到杭州")
    assert found(tmp_path, nlu) == [("entity_unmarked", 8)]


@pytest.mark.parametrize(
    "text", ["我电话13912345678", "身份证33010619900101123X", "卡号6222021234567890123", "发到 lin@example.com"]
)
def test_personal_data_in_an_utterance_is_found(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, intent("甲", text)) == [("personal_data", 5)]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("现在只要99元", "answer_price"),
        ("今天打8折哦", "answer_price"),
        ("12月3日前发货", "answer_date"),
        ("￥12.5", "answer_price"),
    ],
)
def test_a_price_or_date_typed_into_an_answer_is_found(tmp_path: Path, answer: str, code: str) -> None:
    assert [one for one, _ in found(tmp_path, intent("甲"), f"  utter_甲:\n  - text: {answer}\n")] == [code]


def test_a_placeholder_in_an_answer_is_fine(tmp_path: Path) -> None:
    assert found(tmp_path, intent("甲"), "  utter_甲:\n  - text: 现在{price}，48小时内发货\n") == []


def run(*args: object) -> tuple[int, str]:
    result = CliRunner().invoke(make_app([find_quality_problems]), [str(arg) for arg in args])
    return result.exit_code, result.output


def test_a_warning_fails_only_when_strict(tmp_path: Path) -> None:
    folder = write(tmp_path, {"a.yml": f'version: "3.1"\nnlu:\n{intent("甲", "我电话13912345678")}'})
    code, output = run("check", folder)
    assert code == 0 and "a.yml:5:7 警告" in output and "[personal_data]" in output
    assert run("check", folder, "--strict")[0] == 1
    assert "personal_data" not in run("check", folder, "--quick")[1]


def test_sarif_names_rule_file_line_and_column(tmp_path: Path) -> None:
    folder = write(tmp_path, {"a.yml": f'version: "3.1"\nnlu:\n{intent("甲", "我电话13912345678")}'})
    code, output = run("check", folder, "--format", "sarif", "--lang", "en")
    assert code == 0
    log = json.loads(output)
    (result,) = log["runs"][0]["results"]
    assert (log["version"], result["ruleId"], result["level"]) == ("2.1.0", "personal_data", "warning")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a.yml"
    assert place["region"] == {"startLine": 5, "startColumn": 7}
