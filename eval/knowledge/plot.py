"""How time and memory of the graph grow with its size, as one picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from eval.knowledge.figures import Figure

_SIZE = re.compile(r"graph of (\d+) nodes")


def plot_growth(figures: Sequence[Figure], path: Path) -> bool:
    """Draw every figure of the graph over the number of nodes, both logarithmic; False when there is too little."""
    lines: dict[str, list[tuple[int, float]]] = {}
    for one in figures:
        found = _SIZE.search(one.work)
        if found is not None and one.value > 0:
            lines.setdefault(f"{one.name} ({one.unit})", []).append((int(found[1]), one.value))
    if not any(len(points) > 1 for points in lines.values()):
        return False
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 5))
    for name, points in sorted(lines.items()):
        axes.loglog(*zip(*sorted(points), strict=True), marker="o", label=name)
    axes.set_xlabel("nodes")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
    return True
