"""The bench of knowledge runs small, and judges by the goal's direction."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from eval.knowledge.figures import Figure, keep, kept, tell
from eval.knowledge.plot import plot_growth
from eval.knowledge.scale import measure_linking, measure_scale
from eval.knowledge.vectors import crowd, measure_vectors


@pytest.mark.parametrize(
    ("value", "goal", "better", "met"),
    [(1.0, 2.0, "less", True), (3.0, 2.0, "less", False), (3.0, 2.0, "more", True), (1.0, None, "more", None)],
)
def test_a_figure_is_judged_by_its_goal(value: float, goal: float | None, better: str, met: bool | None) -> None:
    assert Figure("work", "name", value, "", goal, better).met is met  # type: ignore[arg-type]


def test_the_graph_at_a_small_size_is_measured() -> None:
    figures = {one.name: one.value for one in measure_scale((1_000,))}
    assert figures["load"] > 0
    assert {"filter and order, p95, base", "two hops, p95, overlay", "a changed price"} <= figures.keys()


def test_whole_names_are_all_found_and_most_misspelt_ones() -> None:
    figures = {one.name: one.value for one in measure_linking(1_000)}
    assert figures["whole name, among the first three"] == 1.0
    assert figures["one wrong character, among the first three"] > 0.7


def test_the_crowd_of_vectors_is_the_same_every_time_and_most_neighbours_are_found() -> None:
    rows, queries = crowd(4_000)
    assert np.array_equal(rows, crowd(4_000)[0])
    assert np.allclose(np.linalg.norm(queries, axis=1), 1.0, atol=1e-5)
    figures = {one.name: one.value for one in measure_vectors(4_000)}
    assert figures["IVF-SQ8, recall@10"] > 0.6


def test_figures_are_written_with_the_machine(tmp_path: Path) -> None:
    tell([Figure("work", "name", 1.0, "ms", 2.0)], tmp_path / "figures.json")
    log = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert log["figures"][0]["met"] is True
    assert log["machine"]["cores"]


def test_what_is_measured_is_kept_and_the_growth_is_drawn(tmp_path: Path) -> None:
    figures = [Figure(f"graph of {size} nodes", "load", size / 1e3, "CPU s") for size in (1_000, 10_000)]
    assert kept(tmp_path, "graph") is None
    keep(tmp_path, "graph", figures)
    assert kept(tmp_path, "graph") == figures
    assert plot_growth(figures, tmp_path / "growth.svg") and not plot_growth(figures[:1], tmp_path / "one.svg")
    assert "<svg" in (tmp_path / "growth.svg").read_text("utf-8")
