"""Our model of satisfaction as a target: it learns from one part and answers the other; the talks here are our own."""

from __future__ import annotations

import json
from pathlib import Path

from eval.run.log import RunLog
from eval.spec.read import read_suite
from tests.eval.writing import run

SUITE = Path(__file__).parents[3] / "eval" / "suites" / "public" / "uss_jddc_0.yaml"
_SOUR, _CALM = ("太慢了，我要投诉", "怎么还没到，太差了", "再不退款我就投诉你们"), ("好的", "什么时候发货", "谢谢你")


def run_folds(folder: Path) -> RunLog:
    """Every second talk turns sour in its third turn."""
    talks = []
    for number in range(40):
        sour = number % 2 == 0
        turns = [
            {"role": "user", "text": f"在吗，问一下订单{number}", "label": "neutral"},
            {"role": "system", "text": "在的，请讲"},
            {"role": "user", "text": "还没收到货", "label": "neutral"},
            {"role": "system", "text": "我帮您查一下"},
            {
                "role": "user",
                "text": (_SOUR if sour else _CALM)[number % 3],
                "label": "dissatisfied" if sour else "satisfied",
            },
            {"role": "user", "text": "OVERALL", "label": "neutral"},
        ]
        talks.append({"dialogue_id": f"d{number}", "turns": turns})
    (folder / "data" / "uss_jddc").mkdir(parents=True)
    rows = "\n".join(json.dumps(talk, ensure_ascii=False) for talk in talks)
    (folder / "data" / "uss_jddc" / "valid.jsonl").write_text(rows, "utf-8")
    return run(read_suite(SUITE), folder / "run", bench_data=folder / "data")


def test_a_fold_is_judged_by_a_model_of_the_others_and_early_offers_by_dialogue(tmp_path: Path) -> None:
    log = run_folds(tmp_path)
    assert not log.failed and {sample.group for sample in log.samples} == {f"d{n}" for n in range(0, 40, 5)}
    auc, caught = log.figure("satisfaction.auc"), log.figure("offer.caught")
    assert auc is not None and (auc.value or 0) > 0.9
    assert caught is not None and (caught.value, caught.n) == (1.0, 4)
