"""The report says what was met, what was missed, what failed and what got lost."""

import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from eval.load.goals import judge_all
from eval.load.measure import Measure
from eval.load.plan import QUICK
from eval.load.plot import draw, points
from eval.load.report import grouped, line, number, print_report
from eval.load.results import Results, machine, read, write
from eval.load.stats import Latency

MEASURES = [
    Measure(
        target=target,
        workload="one_to_one",
        round=number,
        size=200,
        wanted=1000,
        delivered=1000,
        seconds=1.0,
        per_s=rate,
        deliveries_per_s=rate,
        accept=Latency(p50=1.5, p95=2, p99=3),
        deliver=Latency(p50=2.5, p95=3, p99=4),
        cpu_us_per_op=cost,
        server_cpu_share=0.9,
        load_cpu_share=0.5,
        memory_mb=50.0,
    )
    for number in (1, 2, 3)
    for target, rate, cost in (("ours/sqlite", 8000.0 + number, 90.0), ("ejabberd", 2000.0, 650.0))
]


def rendered(*, measures: list[Measure], notes: list[str] | None = None) -> str:
    console = Console(file=io.StringIO(), width=190)
    verdicts = judge_all(measures, ["ours/sqlite"])
    print_report(console, measures=measures, growth=[], verdicts=verdicts, notes=notes or [])
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_tables_hold_medians_and_verdicts() -> None:
    text = rendered(measures=MEASURES)
    assert "8,002" in text
    assert "4.00 (4.00 to 4.00)" in text
    assert "met, stretch too" in text
    assert "peer absent" in text  # no relay was measured
    assert "not measured" in text  # no fan-out either


def test_a_failure_and_a_note_are_shown() -> None:
    failed = Measure(target="ours/sqlite", workload="history", round=1, error="TimeoutError: too slow")
    text = rendered(measures=[*MEASURES, failed], notes=["peer absent: p1_pgsql.app not found"])
    assert "FAILED TimeoutError: too slow" in text
    assert "note: peer absent: p1_pgsql.app not found" in text


def test_lost_deliveries_stand_in_the_line_of_progress() -> None:
    assert "LOST" not in line(MEASURES[0])
    assert "LOST OR DOUBLED: 999 of 1000" in line(msgspec.structs.replace(MEASURES[0], delivered=999))


def test_numbers_keep_the_digits_that_say_something() -> None:
    assert [number(value) for value in (None, 0.0834, 12.34, 1234567.8)] == ["-", "0.08", "12.3", "1,234,568"]


def test_repeats_are_grouped_by_workload_size_and_server() -> None:
    assert [len(rows) for rows in grouped(MEASURES)] == [3, 3]


def test_the_plot_takes_the_median_of_each_size() -> None:
    bigger = msgspec.structs.replace(MEASURES[0], size=400, per_s=5.0)
    found = points([bigger, *MEASURES], "one_to_one", lambda row: row.per_s)
    assert found["ours/sqlite"] == [(200, 8002.0), (400, 5.0)]


def test_log_and_plot_are_written(tmp_path: Path) -> None:
    log = tmp_path / "load.json"
    results = Results(
        started_at="2026-11-22T08:00:00+00:00",
        seconds=12.0,
        revision="abc",
        machine=machine(postgresql="15", fsync_ms=0.1),
        plan=QUICK,
        settings={"ours/sqlite": ("KEFU_LOG_LEVEL=warning",)},
        notes=[],
        verdicts=judge_all(MEASURES, ["ours/sqlite"]),
        measures=MEASURES,
        growth=[],
    )
    write(log, results)
    assert read(log) == results
    draw(log.with_suffix(".png"), measures=MEASURES, growth=MEASURES)
    assert log.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


def test_a_file_that_is_no_log_is_named(tmp_path: Path) -> None:
    log = tmp_path / "load.json"
    log.write_text('{"started_at": 1}')
    with pytest.raises(ValueError, match=r"load\.json"):
        read(log)
