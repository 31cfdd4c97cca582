"""The plot of a run: rates against the peers, and how cost grows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eval.load.measure import Measure, Workload
from eval.load.report import grouped
from eval.load.stats import spread

_COLOURS = {"ours/sqlite": "#1f77b4", "ours/postgresql": "#17becf", "ejabberd": "#d62728", "relay": "#7f7f7f"}
Field = Callable[[Measure], float | None]


def draw(path: Path, *, measures: Sequence[Measure], growth: Sequence[Measure]) -> None:
    """Write a PNG with six panels."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 3, figsize=(15, 8.5), layout="constrained")
    _bars(axes[0][0], measures, "one_to_one", lambda row: row.per_s, "one-to-one, 200 users: accepted/s")
    _bars(axes[0][1], measures, "fan_out", lambda row: row.deliveries_per_s, "fan-out to 200: deliveries/s")
    _lines(axes[0][2], growth, "fan_out", lambda row: row.cpu_us_per_op, "CPU a delivery, us", "members")
    _lines(axes[1][0], growth, "stored_messages", _accept_p50, "send accepted, ms p50", "messages stored")
    _lines(axes[1][1], growth, "history", _deliver_p50, "page of 50, ms p50 (dashed: from the middle)", "stored")
    _lines(axes[1][1], growth, "deep_history", _deliver_p50, None, "messages stored", dashed=True)
    _lines(
        axes[1][2],
        measures,
        "connections",
        lambda row: row.memory_mb,
        "memory, MB (with its database)",
        "idle connections",
    )
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _accept_p50(row: Measure) -> float | None:
    return row.accept.p50 if row.accept else None


def _deliver_p50(row: Measure) -> float | None:
    return row.deliver.p50 if row.deliver else None


def points(measures: Sequence[Measure], workload: Workload, field: Field) -> dict[str, list[tuple[int, float]]]:
    """Return (size, median) by server, in the order of the sizes."""
    found: dict[str, list[tuple[int, float]]] = {}
    for rows in grouped(measures):
        values = [value for row in rows if (value := field(row)) is not None]
        if rows[0].workload == workload and values:
            found.setdefault(rows[0].target, []).append((rows[0].size, spread(values).median))
    return found


def _bars(axis: Any, measures: Sequence[Measure], workload: Workload, field: Field, title: str) -> None:
    found = points(measures, workload, field)
    names = [name for name in _COLOURS if name in found]
    values = [found[name][0][1] for name in names]
    bars = axis.bar(names, values, color=[_COLOURS[name] for name in names])
    axis.bar_label(bars, labels=[f"{value:,.0f}" for value in values])
    axis.set_title(title)
    axis.tick_params(axis="x", labelrotation=15)


def _lines(
    axis: Any,
    measures: Sequence[Measure],
    workload: Workload,
    field: Field,
    title: str | None,
    label: str,
    *,
    dashed: bool = False,
) -> None:
    for name, line in points(measures, workload, field).items():
        style = "--" if dashed else "-"
        legend = None if dashed else name
        axis.plot(*zip(*line, strict=True), style, marker="o", color=_COLOURS[name], label=legend)
    axis.set_xscale("log")
    # A second group of lines in the same panel may be higher than the first.
    axis.autoscale(axis="y")
    axis.set_ylim(bottom=0)
    axis.set_xlabel(label)
    if title is not None:
        axis.set_title(title)
    if axis.get_legend_handles_labels()[0]:
        axis.legend()
