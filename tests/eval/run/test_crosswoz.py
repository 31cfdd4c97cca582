"""The public suite crosswoz from its files to the report; the city here is a little one of our own."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.commands import make_app
from eval.report.page import report
from eval.run.log import RunLog
from eval.spec.read import read_suite
from tests.eval.places_set import TESTED, dialogue, pack, write_city
from tests.eval.writing import run

SUITE = Path(__file__).parents[3] / "eval" / "suites" / "public" / "crosswoz.yaml"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> RunLog:
    folder = tmp_path_factory.mktemp("crosswoz")
    return run(read_suite(SUITE), folder / "run", bench_data=write_city(folder / "data"))


def test_the_graph_answers_within_the_talk_and_refuses_what_it_does_not_hold(log: RunLog) -> None:
    told = {output.sample_id: (output.answer or {})["attributes"] for output in log.outputs}
    assert told["d1/4"] == [{"of": "景点", "name": "电话", "values": ["010-1111"]}]
    assert told["d2/0"] == [{"of": "景点", "name": "评分", "values": ["无"]}]
    assert not log.failed
    found = {figure.name: (figure.value, figure.n) for figure in log.judged[0].figures}
    assert found["right"] == (1.0, 2) and found["invented"] == (0.0, 1)


def test_an_error_is_shown_with_the_turns_before_it(tmp_path: Path) -> None:
    *turns, reply = TESTED[0]["turns"]
    other = {**reply, "dialog_act": [["Inform", "景点", "电话", "999"]]}
    folder = write_city(tmp_path, tested=[dialogue("d9", *turns, other)])
    page = report([run(read_suite(SUITE), tmp_path / "run", bench_data=folder)], [])
    assert '<div class="before">' in page and "<b>顾客</b> 我要去望江塔" in page and "<b>客服</b> 好的" in page
    assert "答错" in page and "kg_triples.tsv.gz:2" in page


def test_without_the_data_the_suite_is_skipped_with_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEFU_BENCH_DATA", raising=False)
    done = CliRunner().invoke(make_app({}), ["run", "public/crosswoz", "--out", str(tmp_path)])
    assert done.exit_code == 0 and "跳过 public/crosswoz" in done.output and "KEFU_BENCH_DATA" in done.output


def test_check_reads_the_data_where_they_are_and_says_so_where_they_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KEFU_BENCH_DATA", raising=False)
    told = CliRunner().invoke(make_app({}), ["check", "public/crosswoz"])
    assert told.exit_code == 0 and "public/crosswoz  写法没有问题；公开数据没有读" in told.output
    folder = write_city(tmp_path)
    asked = ["check", "public/crosswoz", "--bench-data", str(folder)]
    assert "public/crosswoz  n = 4" in CliRunner().invoke(make_app({}), asked).output
    pack(folder / "crosswoz" / "dialogues.test.jsonl.gz", ["{"])
    broken = CliRunner().invoke(make_app({}), asked)
    assert broken.exit_code == 2 and "dialogues.test.jsonl.gz:1" in broken.output


def test_a_folder_of_other_sets_skips_it_too_and_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    asked = ["run", "public/crosswoz", "--out", str(tmp_path / "runs"), "--bench-data"]
    (tmp_path / "others").mkdir()
    done = CliRunner().invoke(make_app({}), [*asked, str(tmp_path / "others")])
    assert done.exit_code == 0 and "跳过 public/crosswoz" in done.output and "crosswoz/kg_triples" in done.output
    assert CliRunner().invoke(make_app({}), [*asked, str(tmp_path / "none")]).exit_code == 2


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("dialogues.test.jsonl.gz", "dialogues.test.jsonl.gz:1"),
        ("dialogues.valid.jsonl.gz", "dialogues.valid.jsonl.gz:1"),
        ("kg_triples.tsv.gz", "kg_triples.tsv.gz:"),
    ],
)
def test_a_damaged_file_is_named_with_its_line_and_the_exit_code_tells(tmp_path: Path, name: str, told: str) -> None:
    folder = write_city(tmp_path / "data")
    pack(folder / "crosswoz" / name, ['{"dialogue_id": "d1", "turns": [{"role": "usr"}]}'])
    asked = ["run", "public/crosswoz", "--out", str(tmp_path / "runs"), "--bench-data", str(folder)]
    done = CliRunner().invoke(make_app({}), asked)
    assert done.exit_code == 2 and told in done.output
