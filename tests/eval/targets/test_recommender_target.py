"""Our recommender as a target: it learns from two parts of the sales and ranks the third; the shop is our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.errors import SuiteError
from eval.run.log import RunLog
from eval.spec.read import read_suite
from tests.eval.writing import run

SUITES = Path(__file__).parents[3] / "eval" / "suites" / "public"
_CIRCLES, _ITEMS = 4, 15


def write_circles(folder: Path, *, triples: str = "") -> Path:
    """Forty listeners in four circles: each hears nine of the fifteen bands of his circle, and bands have a genre."""
    heard = [
        (user, user % _CIRCLES + _CIRCLES * ((user * 7 + step * 4 + step * step) % _ITEMS))
        for user in range(40)
        for step in range(9)
    ]
    home = folder / "lastfm_kg"
    home.mkdir(parents=True)
    rows = "".join(f"{user}\t{item}\t1\n" for user, item in sorted(set(heard)))
    (home / "interactions.tsv").write_text(f"user\titem_entity\tweight\n{rows}", "utf-8")
    genres = "".join(f"{item}\tgenre\t{100 + item % _CIRCLES}\n" for item in range(_CIRCLES * _ITEMS))
    (home / "triples.tsv").write_text(f"head\trelation\ttail\n{triples or genres}", "utf-8")
    return folder


def run_split(folder: Path, *, target: dict[str, object] | None = None) -> RunLog:
    return run(read_suite(SUITES / "lastfm.yaml"), folder / "run", bench_data=folder / "data", target=target)


def test_bands_of_the_own_circle_come_first_and_none_that_the_listener_has(tmp_path: Path) -> None:
    write_circles(tmp_path / "data")
    log = run_split(tmp_path)
    assert not log.failed and log.samples
    lines = (tmp_path / "data" / "lastfm_kg" / "interactions.tsv").read_text("utf-8").splitlines()[1:]
    heard = {tuple(line.split("\t")[:2]) for line in lines}
    tested = {(sample.input["user"], str(item)) for sample in log.samples for item in sample.expected["relevant"]}
    users = {sample.id: sample.input["user"] for sample in log.samples}
    for output in log.outputs:
        ranking = (output.answer or {})["ranking"]
        user = users[output.sample_id]
        assert not {(user, item) for item in ranking} & (heard - tested)
    found = {one.key: one.value or 0 for one in log.judged[0].figures}
    assert found["recommendation.auc"] > 0.8 and found["recommendation.recall"] > 0.8


def test_the_rival_by_popularity_knows_no_circles(tmp_path: Path) -> None:
    write_circles(tmp_path / "data")
    rival = {"kind": "popularity", "train": "lastfm_users", "options": {"seed": 555, "part": "history"}}
    auc = run_split(tmp_path, target=rival).figure("recommendation.auc")
    assert auc is not None and (auc.value or 1) < 0.8


def test_a_broken_link_stops_the_run_by_its_place(tmp_path: Path) -> None:
    write_circles(tmp_path / "data", triples="1\tgenre\n")
    with pytest.raises(SuiteError, match=r"triples\.tsv:2"):
        run_split(tmp_path)
