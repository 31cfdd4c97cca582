"""What a run showed, as tables in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from eval.load.goals import Verdict
from eval.load.measure import Measure
from eval.load.stats import Latency, spread

_STYLES = {"met": "green", "missed": "red", "not measured": "yellow", "peer absent": "yellow"}


def number(value: float | None) -> str:
    """Return a number with as many digits as say something, or a dash."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def percentiles(latency: Latency | None) -> str:
    """Return p50 / p95 / p99 in ms, or a dash."""
    return "-" if latency is None else " / ".join(number(part) for part in (latency.p50, latency.p95, latency.p99))


def line(measure: Measure) -> str:
    """Return one measure as a line of progress."""
    head = f"round {measure.round}" if measure.round else "growth "
    head = f"{head}  {measure.workload:<15} {measure.target:<15} {measure.size:>7,}"
    if measure.error is not None:
        return f"{head}  FAILED {measure.error[:300]}"
    rate = measure.deliveries_per_s if measure.operation == "delivery" else measure.per_s
    parts = [f"{number(rate)} {measure.operation}/s" if rate is not None else ""]
    parts.append(f"{number(measure.cpu_us_per_op)} us CPU" if measure.cpu_us_per_op is not None else "")
    parts.append(f"p50 {number(measure.deliver.p50)} ms" if measure.deliver else "")
    parts.append(f"{number(measure.mb_per_1000)} MB/1,000" if measure.mb_per_1000 is not None else "")
    parts.append("" if measure.exact else f"LOST OR DOUBLED: {measure.delivered} of {measure.wanted}")
    return f"{head}  {', '.join(part for part in parts if part)}"


def _median(rows: Sequence[Measure], field: Callable[[Measure], float | None]) -> float | None:
    values = [value for row in rows if (value := field(row)) is not None]
    return spread(values).median if values else None


def _median_latency(rows: Sequence[Measure], field: Callable[[Measure], Latency | None]) -> Latency | None:
    found = [latency for row in rows if (latency := field(row)) is not None]
    if not found:
        return None
    parts = ([latency.p50 for latency in found], [latency.p95 for latency in found], [latency.p99 for latency in found])
    p50, p95, p99 = (spread(part).median for part in parts)
    return Latency(p50=p50, p95=p95, p99=p99)


def grouped(measures: Sequence[Measure]) -> list[list[Measure]]:
    """Return the measures that repeat each other, one list for each workload, size and server, in order."""
    groups: dict[tuple[str, int, str], list[Measure]] = {}
    for measure in measures:
        if measure.error is None:
            groups.setdefault((measure.workload, measure.size, measure.target), []).append(measure)
    return [groups[key] for key in sorted(groups, key=lambda key: (_order(measures, key[0]), key[1], key[2]))]


def _order(measures: Sequence[Measure], workload: str) -> int:
    return next(place for place, measure in enumerate(measures) if measure.workload == workload)


def measures_table(title: str, measures: Sequence[Measure]) -> Table:
    """Return a table with the medians of the rounds."""
    table = Table(
        title=title, caption="medians of the rounds; cores: server / load / others; lost also counts doubled ones"
    )
    table.add_column("workload", no_wrap=True)
    table.add_column("server", no_wrap=True)
    for name in ("size", "sends/s", "deliveries/s", "accept ms p50/95/99", "deliver ms p50/95/99"):
        table.add_column(name, justify="right")
    for name in ("CPU us/op", "cores", "MB", "MB/1,000", "stall ms", "lost"):
        table.add_column(name, justify="right")
    for rows in grouped(measures):
        first = rows[0]
        shares: tuple[Callable[[Measure], float | None], ...] = (
            lambda row: row.server_cpu_share,
            lambda row: row.load_cpu_share,
            lambda row: row.others_cpu_share,
        )
        table.add_row(
            first.workload,
            first.target,
            f"{first.size:,}",
            number(_median(rows, lambda row: row.per_s)),
            number(_median(rows, lambda row: row.deliveries_per_s)),
            percentiles(_median_latency(rows, lambda row: row.accept)),
            percentiles(_median_latency(rows, lambda row: row.deliver)),
            number(_median(rows, lambda row: row.cpu_us_per_op)),
            " / ".join(number(_median(rows, share)) for share in shares) if first.server_cpu_share is not None else "-",
            number(_median(rows, lambda row: row.memory_mb)),
            number(_median(rows, lambda row: row.mb_per_1000)),
            number(max((row.stall_ms for row in rows if row.stall_ms is not None), default=None)),
            str(sum(abs(row.wanted - row.delivered) for row in rows)),
        )
    return table


def goals_table(verdicts: Sequence[Verdict]) -> Table:
    """Return the goals with their verdicts."""
    table = Table(
        title="Goals", caption="ratios are taken pair by pair in each round; value: median (least to greatest)"
    )
    for name in ("goal", "server", "limit", "measured", "verdict"):
        table.add_column(name)
    for verdict in verdicts:
        goal = verdict.goal
        sign = ">=" if goal.sense == "at least" else "<="
        limit = f"{sign} {goal.limit:g} {goal.unit}"
        if goal.stretch is not None:
            limit += f" (stretch {goal.stretch:g})"
        value = verdict.value
        shown = f"{number(value.median)} ({number(value.low)} to {number(value.high)})" if value else "-"
        state = f"{verdict.state}, stretch too" if verdict.stretched else verdict.state
        table.add_row(goal.title, verdict.target, limit, shown, Text(state, style=_STYLES[verdict.state]))
    return table


def print_report(
    console: Console,
    *,
    measures: Sequence[Measure],
    growth: Sequence[Measure],
    verdicts: Sequence[Verdict],
    notes: Sequence[str],
) -> None:
    """Print the tables, what failed, and the notes."""
    if measures:
        console.print(measures_table("Workloads", measures))
    if growth:
        console.print(measures_table("Growth", growth))
    if verdicts:
        console.print(goals_table(verdicts))
    for measure in (*measures, *growth):
        if measure.error is not None:
            console.print(Text(line(measure), style="red"))
    for note in notes:
        console.print(Text(f"note: {note}", style="yellow"))
