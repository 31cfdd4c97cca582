"""`kefu eval` as it is typed: what it writes, and the exit code for everything that can be wrong."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from eval.commands import make_app
from eval.commands.run import parse_target
from kefu.cli import app as kefu_app
from tests.eval.writing import write_suite

ROWS = [{"text": "多少钱", "intent": "price", "id": f"a{n}"} for n in range(30)]
READ = {"intent": "intent", "confidence": "sure"}


def typed(*words: str | Path) -> Result:
    return CliRunner().invoke(make_app({}), [str(word) for word in words])


def suite(folder: Path, service: str, path: str = "predict", **changes: object) -> Path:
    target = {"kind": "http", "url": f"{service}/{path}", "read": READ}
    return write_suite(folder, ROWS, target=target, concurrency=16, **changes)


def test_run_writes_log_report_junit_and_figures(service: str, tmp_path: Path) -> None:
    done = typed("run", suite(tmp_path, service), "--out", tmp_path / "out", "--batch", "b")
    assert done.exit_code == 0, done.output
    batch = tmp_path / "out" / "b"
    assert (batch / "test__one" / "log.json").exists() and "评测报告" in (batch / "report.html").read_text("utf-8")
    assert ElementTree.parse(batch / "junit.xml").getroot().find("testsuite").get("tests") == "30"  # type: ignore[union-attr]
    figures = json.loads((batch / "figures.json").read_text("utf-8"))
    assert figures["test/one@b/test__one"]["intent.accuracy"]["value"] == 1.0


def test_the_product_hands_its_own_bots_to_the_runs(service: str, tmp_path: Path) -> None:
    path = suite(tmp_path, service)
    words = ["eval", "run", path, "--target", "kind=bot,factory=sun_tea", "--out", tmp_path / "out"]
    done = CliRunner().invoke(kefu_app, [str(word) for word in words])
    assert done.exit_code == 2 and "sun_tea" in done.output and "moon_tea" in done.output


def test_a_missed_threshold_ends_with_1(service: str, tmp_path: Path) -> None:
    path = suite(tmp_path, service, thresholds={"calibration.ece": {"max": 0.01}})
    done = typed("run", path, "--out", tmp_path / "out")
    assert done.exit_code == 1 and "未达到" in done.output


def test_a_wrong_suite_ends_with_2_and_its_place(tmp_path: Path, service: str) -> None:
    done = typed("run", suite(tmp_path, service, sed=1), "--out", tmp_path / "out")
    assert done.exit_code == 2 and "suite.yaml:" in done.output and "sed" in done.output


def test_a_target_that_is_down_ends_with_3(tmp_path: Path) -> None:
    done = typed("run", suite(tmp_path, "http://127.0.0.1:9"), "--out", tmp_path / "out")
    assert done.exit_code == 3 and "127.0.0.1:9" in done.output


@pytest.mark.parametrize("path", ["nan", "nonsense", "empty", "broken", "nowhere"])
def test_a_target_that_answers_nothing_usable_ends_with_3_and_an_example(
    tmp_path: Path, service: str, path: str
) -> None:
    done = typed("run", suite(tmp_path, service, path), "--out", tmp_path / "out")
    assert done.exit_code == 3 and "一条也没有答上来，例如：" in done.output


def test_what_cannot_be_written_is_named_and_ends_with_2(tmp_path: Path, service: str) -> None:
    path = suite(tmp_path, service)
    done = typed("run", path, "--out", path)
    assert done.exit_code == 2 and str(path) in done.output and "读写不了" in done.output
    assert typed("run", path, "--out", tmp_path / "out", "--baseline", tmp_path / "nowhere").exit_code == 2


def test_a_folder_without_suites_ends_with_2(tmp_path: Path) -> None:
    assert typed("run", tmp_path, "--out", tmp_path / "out").exit_code == 2


def test_outside_sets_without_their_data_are_skipped_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KEFU_BENCH_DATA", raising=False)
    done = typed("run", "public/smp2017", "--out", tmp_path / "out")
    assert done.exit_code == 0 and "跳过 public/smp2017" in done.output


def test_one_suite_ranks_several_bots_and_says_which_is_absent(service: str, tmp_path: Path) -> None:
    targets = [f"url={service}/predict", f"kind=rasa,url={service}", "kind=rasa,url=http://127.0.0.1:9"]
    words = [word for target in targets for word in ("--target", target)]
    done = typed("run", suite(tmp_path, service), "--out", tmp_path / "out", "--batch", "b", *words)
    assert done.exit_code == 3 and "127.0.0.1:9 没有人应答" in done.output
    page = (tmp_path / "out" / "b" / "report.html").read_text("utf-8")
    assert "同一张卷子上的名次" in page
    assert "没有参加：试卷 的评测对象 rasa，http://127.0.0.1:9 没有人应答" in page and "Not there: target rasa" in page


def test_gate_accepts_holds_and_fails(service: str, tmp_path: Path) -> None:
    path, base = suite(tmp_path, service), tmp_path / "base"
    typed("run", path, "--out", tmp_path / "out", "--batch", "good")
    good = tmp_path / "out" / "good" / "test__one"
    assert typed("gate", good, "--baseline", base).exit_code == 2
    assert typed("gate", good, "--baseline", base, "--accept").exit_code == 0
    assert typed("gate", good, "--baseline", base).exit_code == 0
    typed("run", suite(tmp_path, service, "nonsense"), "--out", tmp_path / "out", "--batch", "bad")
    done = typed("gate", tmp_path / "out" / "bad" / "test__one", "--baseline", base, "--junit", tmp_path / "j.xml")
    assert done.exit_code == 1 and "intent.accuracy" in done.output and (tmp_path / "j.xml").exists()


def test_compare_report_score_and_history_read_runs(service: str, tmp_path: Path) -> None:
    path = suite(tmp_path, service)
    for batch in ("one", "two"):
        typed("run", path, "--out", tmp_path / "out", "--batch", batch)
    runs = [tmp_path / "out" / batch / "test__one" for batch in ("one", "two")]
    assert "误差之内" in typed("compare", *runs).output
    assert typed("score", runs[0]).exit_code == 0
    assert typed("report", *runs, "--to", tmp_path / "r.html").exit_code == 0 and (tmp_path / "r.html").exists()
    assert typed("history", tmp_path / "out", "--to", tmp_path / "h.html").exit_code == 0
    assert "评测历史" in (tmp_path / "h.html").read_text("utf-8")


def test_a_log_can_be_run_once_more_and_says_what_differs(service: str, tmp_path: Path) -> None:
    path = suite(tmp_path, service)
    typed("run", path, "--out", tmp_path / "out", "--batch", "one")
    log = tmp_path / "out" / "one" / "test__one" / "log.json"
    assert "与日志相同" in typed("run", log, "--out", tmp_path / "out", "--batch", "two").output
    (tmp_path / "rows.csv").write_text("text,intent,id\n多少钱,price,a0\n", "utf-8")
    assert "data" in typed("run", log, "--out", tmp_path / "out", "--batch", "three").output


def test_a_release_is_run_once_more_with_its_sealed_part(service: str, tmp_path: Path) -> None:
    path = suite(tmp_path, service, data=[{"file": "rows.csv"}, {"file": "sealed.csv", "sealed": True}])
    (tmp_path / "sealed.csv").write_text("text,intent,id\n几天到,time,s0\n", "utf-8")
    typed("run", path, "--release", "--out", tmp_path / "out", "--batch", "one")
    again = typed(
        "run", tmp_path / "out" / "one" / "test__one" / "log.json", "--out", tmp_path / "out", "--batch", "two"
    )
    assert "n=31" in again.output and "与日志相同" in again.output


def test_check_names_every_wrong_suite_without_running_it(tmp_path: Path) -> None:
    write_suite(tmp_path, ROWS)
    write_suite(tmp_path / "bad", ROWS, kind="mind")
    done = typed("check", tmp_path)
    assert done.exit_code == 2 and "✓ test/one" in done.output and "mind" in done.output


def test_a_target_is_typed_as_keys_and_values() -> None:
    assert parse_target("kind=rasa,url=http://x/a,b=1,serve=true") == {
        "kind": "rasa", "url": "http://x/a", "b": 1, "serve": True,
    }  # fmt: skip
    assert parse_target("kind=intent_model,settings.few=20,settings.svm_c=0.25,tier=e5") == {
        "kind": "intent_model", "tier": "e5", "settings": {"few": 20, "svm_c": 0.25},
    }  # fmt: skip
