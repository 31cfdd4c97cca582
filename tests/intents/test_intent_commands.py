"""`kefu intents` on the command line: what it prints, and its exit codes."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from intents.commands import app
from intents.loader import load_pack
from intents.texts import catalogue
from tests.intents.reading import block, pack
from tests.intents.test_folders import write
from tests.intents.test_import_export import NLU


def run(*args: object) -> tuple[int, str]:
    """Run a command; return its exit code and everything it said."""
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_sound_folder_passes(tmp_path: Path) -> None:
    assert run("check", write(tmp_path, {"a.yml": NLU})) == (0, "没有问题：1 个文件，1 个意图，1 条例句\n")


def test_an_error_is_told_with_place_words_and_cure(tmp_path: Path) -> None:
    code, said = run("check", write(tmp_path, {"a.yml": "version: 3.1\n" + NLU[NLU.index("nlu") :]}))
    assert code == 1
    assert (
        'a.yml:1:10 错误 版本号没有加引号 [version_no_text]\n    version: 3.1\n    改法: 写成 version: "3.1"\n' in said
    )


@pytest.mark.parametrize(
    ("line", "plain", "strict"), [("你好", 1, 1), ("- [a] (b)", 0, 0), ("# 你好", 0, 1), ("-", 0, 1), ("- 好", 0, 0)]
)
def test_what_was_left_out_fails_and_warnings_only_when_strict(
    tmp_path: Path, line: str, plain: int, strict: int
) -> None:
    folder = write(tmp_path, {"a.yml": block("- 早", line)})
    assert (run("check", folder)[0], run("check", folder, "--strict")[0]) == (plain, strict)


def test_a_program_gets_json(tmp_path: Path) -> None:
    code, said = run("check", write(tmp_path, {"a.yml": block("- 早", "x")}), "--format", "json", "--lang", "en")
    answer = json.loads(said)
    assert (code, answer["summary"]["warnings"], answer["summary"]["examples"]) == (1, 1, 1)
    assert answer["problems"] == [
        {
            "severity": "warning",
            "code": "dash_missing",
            "file": "a.yml",
            "line": 5,
            "column": 5,
            "text": "the line does not start with '-' and was not read",
            "cure": "begin the line with '- '",
            "excerpt": "x",
            "lost": True,
        }
    ]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert run("check", tmp_path)[0] == 2


def test_a_table_is_imported_and_the_kind_is_guessed(tmp_path: Path) -> None:
    source = tmp_path / "faq.csv"
    source.write_text("问题,意图\n你好,greet\n", encoding="utf-8")
    code, said = run("import", source, "--to", tmp_path / "out")
    assert (code, "1 个意图" in said) == (0, True)
    assert list(load_pack(tmp_path / "out").intents) == ["greet"]
    code, said = run("import", source, "--to", tmp_path / "out")
    assert (code, "已经存在" in said) == (2, True)
    assert run("import", source, "--to", tmp_path / "out", "--force")[0] == 0


def test_an_import_that_left_something_out_says_so(tmp_path: Path) -> None:
    source = tmp_path / "faq.csv"
    source.write_text("问题,意图\n你好,greet\n,b\n", encoding="utf-8")
    assert run("import", source, "--to", tmp_path / "out")[0] == 1


def test_an_unreadable_import_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    source = tmp_path / "corpus.json"
    source.write_text("{", encoding="utf-8")
    code, said = run("import", source, "--to", tmp_path / "out")
    assert (code, "corpus.json:1:2" in said, (tmp_path / "out").exists()) == (2, True, False)


def test_a_full_target_is_told_and_leaves_no_half_file(tmp_path: Path) -> None:
    source = write(tmp_path / "ours", {"a.yml": NLU})
    (tmp_path / "out").write_text("a file where a folder should be", encoding="utf-8")
    assert run("export", source, "--to", tmp_path / "out")[0] == 2


def test_an_export_reads_back_without_difference(tmp_path: Path) -> None:
    source = write(tmp_path / "ours", {"a.yml": NLU})
    assert run("export", source, "--to", tmp_path / "out")[0] == 0
    assert run("diff", source, tmp_path / "out" / "data") == (0, "两边没有差别\n")


def test_a_difference_is_told_in_words_and_by_the_exit_code(tmp_path: Path) -> None:
    old = write(tmp_path / "old", {"a.yml": NLU})
    new = write(tmp_path / "new", {"a.yml": NLU + "    - 早\n"})
    assert run("diff", old, new) == (1, "意图“hi”新增例句：早\n")
    _, said = run("diff", old, new, "--format", "json", "--lang", "en")
    assert json.loads(said)["changes"][0]["text"] == "intent 'hi', new example: 早"


def readme_blocks() -> list[tuple[str, str, str]]:
    """Return the marked blocks of the README: right or wrong, the findings named, the text."""
    text = files("intents").joinpath("README.md").read_text("utf-8")
    return re.findall(r"^```yaml (right|wrong)([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("kind", "named", "text"), readme_blocks())
def test_the_page_for_trainers_tells_the_truth(kind: str, named: str, text: str) -> None:
    read = pack(text)
    assert sorted(f"{one.code}:{one.place.line}" for one in read.problems) == sorted(named.split())
    assert (kind == "right") == (not read.problems)
    assert read.intents or read.synonyms


def test_the_page_has_examples_of_both_kinds() -> None:
    kinds = [kind for kind, _, _ in readme_blocks()]
    assert kinds.count("right") >= 3 and kinds.count("wrong") >= 8


def test_both_languages_say_everything_with_the_same_places() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert set(zh) == set(en)
    for key, text in zh.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", en[key])), key


def test_every_code_that_the_source_reports_has_words() -> None:
    source = "".join(path.read_text("utf-8") for path in files("intents").iterdir() if path.name.endswith(".py"))
    known = {key.removeprefix("problem.") for key in catalogue("zh") if key.startswith("problem.")}
    assert {key.removeprefix("cure.") for key in catalogue("zh") if key.startswith("cure.")} == known
    reported = set(re.findall(r'(?:report|Problem|Fault|BrokenYamlError)\(\s*"(\w+)"', source))
    assert len(reported) > 50
    assert reported - known == set()
    assert {code for code in known if f'"{code}"' not in source} == set()
