"""A batch of suites from the command line: run, print, write what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from eval.compare.baseline import accept, baseline_path, read_baseline
from eval.compare.gate import gate, tell_change
from eval.compare.junit import junit
from eval.compare.pair import Comparison
from eval.errors import MISSED, PASSED, UNREACHABLE, EvalError, TargetError
from eval.report.html import measure_name, number, scorer_title, span
from eval.report.names import target_of, title_of
from eval.report.page import report, write_page
from eval.run.log import RunLog, read_log
from eval.run.run import RunOptions, run_suite
from eval.samples.read import read_samples
from eval.spec.places import Document
from eval.spec.read import LoadedSuite, find_suites, read_suite
from eval.texts import say
from kefu.base.texts import LANGS, Lang


@dataclass(frozen=True, slots=True)
class Request:
    """What `kefu eval run` was asked."""

    paths: tuple[Path, ...]
    folder: Path
    release: bool
    targets: tuple[Mapping[str, Any] | None, ...]
    processes: int | None
    executor: str | None
    limit: int | None
    budget_s: float | None
    rate_per_s: float | None
    bench_data: Path | None
    baseline: Path | None
    factories: Mapping[str, str]
    lang: Lang


def load_suite(path: Path) -> tuple[LoadedSuite, RunLog | None]:
    """Read a suite, or the one in a log that is to be run once more, exactly as it was."""
    if path.suffix != ".json":
        return read_suite(path), None
    log = read_log(path)
    return LoadedSuite(log.suite, Document(str(path), {}, {}), Path(log.suite_file)), log


def run_all(request: Request, console: Console) -> int:
    """Run every suite against every target; return the exit code, the gravest of all."""
    lang = request.lang
    logs: list[RunLog] = []
    absent: list[Mapping[Lang, str]] = []
    code = PASSED
    try:
        suites = [load_suite(path) for path in find_suites(request.paths)]
    except EvalError as error:
        return _print_error(error, console, lang)
    for loaded, earlier in suites:
        if "bench_data" in loaded.suite.needs and request.bench_data is None:
            _print_skipped(loaded, say("run.bench_data", lang), console, lang)
            continue
        # A release is run once more as a release: without its sealed part it would be another paper.
        asked = replace(request, release=request.release or (earlier is not None and earlier.release))
        for place, target in enumerate(request.targets):
            try:
                log = _run_one(loaded, asked, target, place, console)
            except EvalError as error:
                if error.code == "set_missing" and "bench_data" in loaded.suite.needs:
                    _print_skipped(loaded, error.text(lang), console, lang)
                    continue
                console.print(f"[bold]{escape(loaded.suite.suite)}[/bold]")
                code = max(code, _print_error(error, console, lang))
                if isinstance(error, TargetError):
                    absent.append(_absent(loaded, target, error))
                continue
            logs.append(log)
            print_log(log, console, lang)
            if earlier is not None:
                _print_sameness(earlier, log, console, lang)
            code = max(code, PASSED if log.passed else UNREACHABLE if log.unanswered else MISSED)
    if logs:
        _write_all(logs, absent, request, console)
    return code


def _absent(loaded: LoadedSuite, target: Mapping[str, Any] | None, error: TargetError) -> Mapping[Lang, str]:
    asked = {**loaded.suite.target, **(target or {})}
    title = {"zh": loaded.suite.title.zh, "en": loaded.suite.title.en}
    return {
        lang: say("report.absent", lang, {"title": title[lang], "target": asked["kind"], "why": error.text(lang)})
        for lang in LANGS
    }


def _print_skipped(loaded: LoadedSuite, why: str, console: Console, lang: Lang) -> None:
    console.print(
        "[yellow]" + escape(say("run.skipped", lang, {"suite": loaded.suite.suite, "why": why})) + "[/yellow]"
    )


def _run_one(
    loaded: LoadedSuite, request: Request, target: Mapping[str, Any] | None, place: int, console: Console
) -> RunLog:
    name = loaded.suite.suite.replace("/", "__") + (f"@{place}" if len(request.targets) > 1 else "")
    options = RunOptions(
        folder=request.folder / name,
        shared=request.folder.parent / "shared",
        release=request.release,
        processes=request.processes,
        executor=request.executor,
        bench_data=request.bench_data,
        factories=request.factories,
        target=target,
        limit=request.limit,
        budget_s=request.budget_s,
        rate_per_s=request.rate_per_s,
    )
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(loaded.suite.suite, total=None)

        def tell(what: str, done: int, total: int) -> None:
            shown_as = f"{loaded.suite.suite} · {say(f'run.{what}', request.lang)}"
            if bar.tasks[0].description != shown_as:
                # Each part is timed on its own: the time left of the answers does not follow from the training's.
                bar.reset(task, description=shown_as, total=total, completed=done)
            bar.update(task, completed=done, total=total)

        return run_suite(loaded, options, tell=tell)


def _print_sameness(earlier: RunLog, log: RunLog, console: Console, lang: Lang) -> None:
    old, new = msgspec.structs.asdict(earlier.hashes), msgspec.structs.asdict(log.hashes)
    differing = [name for name in old if old[name] != new[name]] + (
        ["revision"] if earlier.revision != log.revision else []
    )
    code = "run.differs" if differing else "run.same"
    console.print(escape(say(code, lang, {"what": ", ".join(differing)})))


def _write_all(
    logs: Sequence[RunLog], absent: Sequence[Mapping[Lang, str]], request: Request, console: Console
) -> None:
    folder = request.folder
    page = folder / "report.html"
    write_page(report(logs, _baselines(logs, request.baseline), absent), page)
    (folder / "junit.xml").write_bytes(junit(logs))
    figures = {
        f"{log.suite.suite}@{log.run_id}": {one.key: one for judged in log.judged for one in judged.figures}
        for log in logs
    }
    (folder / "figures.json").write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=1))
    console.print(say("run.report", request.lang, {"path": page}))


def _baselines(logs: Sequence[RunLog], folder: Path | None) -> list[RunLog]:
    if folder is None:
        return []
    return [read_baseline(folder, log) for log in logs if baseline_path(folder, log.suite.suite).exists()]


def check_all(paths: Sequence[Path], console: Console, lang: Lang, bench_data: Path | None = None) -> int:
    """Read every suite with its data and print what is wrong; outside data are read where their folder is named."""
    code = PASSED
    try:
        files = find_suites(paths)
    except EvalError as error:
        return _print_error(error, console, lang)
    for path in files:
        try:
            loaded = read_suite(path)
            if "bench_data" in loaded.suite.needs and bench_data is None:
                console.print(f"[green]✓[/green] {loaded.suite.suite}  {say('run.unread', lang)}")
                continue
            open_part = read_samples(loaded, release=False, bench_data=bench_data)
            whole = read_samples(loaded, release=True, bench_data=bench_data)
            sealed = len(whole) - len(open_part)
            console.print(f"[green]✓[/green] {loaded.suite.suite}  n = {len(open_part)} + {sealed}")
        except EvalError as error:
            code = max(code, _print_error(error, console, lang))
    return code


def print_log(log: RunLog, console: Console, lang: Lang) -> None:
    """Print a run's figures and everything that was wrong."""
    told = f"{escape(log.suite.suite)}  [dim]{escape(target_of(log))}[/dim]"
    console.print(f"\n[bold]{escape(title_of(log, lang))}[/bold]  {told}", highlight=False)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    wanted = {one.figure: one for one in log.thresholds}
    anchors, tier = {one.figure: one for one in log.suite.anchors}, log.target.get("tier", "")
    for judged in log.judged:
        for figure in judged.figures:
            if figure.n == 0:
                continue
            note = say("run.few", lang) if figure.few else ""
            if (threshold := wanted.get(figure.key)) is not None:
                colour = {"met": "green", "missed": "red"}.get(threshold.result, "yellow")
                note += f" [{colour}]{threshold.wanted} {say(f'run.{threshold.result}', lang)}[/{colour}]"
            if (anchor := anchors.get(figure.key)) is not None and figure.value is not None:
                note += f"  [{'; '.join(anchor.published)}]".replace("[", r"\[") if anchor.published else ""
                if (met := anchor.met(figure.value, tier)) is not None:
                    word = say("run.met" if met else "run.missed", lang)
                    note += f" [{'green' if met else 'red'}]{anchor.aim(tier):g} {word}[/]"
            name = f"{scorer_title(figure.scorer, lang)} · {measure_name(figure.key, lang)}"
            table.add_row(
                name, f"[bold]{number(figure.value, figure.unit)}[/bold]", span(figure), f"n={figure.n}", note
            )
    console.print(table)
    if not log.release and any(data.sealed for data in log.suite.data):
        console.print(f"[dim]{say('run.sealed_out', lang)}[/dim]")
    if log.failed:
        kinds = ", ".join(f"{word} {count}" for word, count in log.failed.items())
        console.print(f"[red]{escape(say('run.failed', lang, {'count': sum(log.failed.values()), 'kinds': kinds}))}")
    if log.unanswered:
        first = next((f"{one.error}" for one in log.outputs if one.error), log.judged[0].verdicts[0].why)
        console.print(f"[red]✗[/red] {escape(say('run.unanswered', lang, {'first': first}))}")
    if log.leaks:
        counts = {kind: sum(leak.kind == kind for leak in log.leaks) for kind in ("exact", "near", "semantic")}
        kinds = ", ".join(f"{say(f'report.leak_{kind}', lang)} {count}" for kind, count in counts.items() if count)
        colour = "red" if log.leakage_fails else "yellow"
        console.print(f"[{colour}]{escape(say('run.leaks', lang, {'count': len(log.leaks), 'kinds': kinds}))}")


def print_comparison(found: Comparison, console: Console, lang: Lang) -> None:
    """Print every figure's change, and who flipped."""
    console.print(f"\n[bold]{escape(title_of(found.new, lang))}[/bold]  {found.old.run_id} → {found.new.run_id}")
    for change in found.figures:
        colour = {"worse": "red", "better": "green"}.get(change.outcome, "dim")
        console.print(f"[{colour}]{escape(tell_change(change, lang))}[/{colour}]")
    for scorer, test in found.tests().items():
        data = {"n": found.shared, "lost": test.lost, "gained": test.gained, "p": f"{test.p:.3g}"}
        console.print(f"{scorer_title(scorer, lang)}: {say('report.changes_note', lang, data)}")


def gate_all(
    logs: Sequence[RunLog], folder: Path, console: Console, lang: Lang, *, junit_path: Path | None = None
) -> int:
    """Hold runs against their baselines, print the explanation, return the exit code."""
    results = [gate(log, read_baseline(folder, log)) for log in logs]
    for result in results:
        console.print(f"\n[bold]{escape(result.comparison.new.suite.suite)}[/bold]")
        word = "gate.passed" if result.passed else "gate.failed"
        colour = "green" if result.passed else "red"
        console.print(f"[{colour}]{say(word, lang, {'count': len(result.worse)})}[/{colour}]")
        for reason in result.reasons(lang):
            console.print(f"  {escape(reason)}")
    if junit_path is not None:
        junit_path.write_bytes(junit(logs, results))
    return PASSED if all(result.passed for result in results) else MISSED


def accept_all(logs: Sequence[RunLog], folder: Path, console: Console, lang: Lang) -> None:
    """Store runs as baselines."""
    for path in accept(logs, folder):
        console.print(say("gate.accepted", lang, {"path": path}))


def write_report(logs: Sequence[RunLog], to: Path, baseline: Path | None, console: Console, lang: Lang) -> None:
    """Write the report of some runs."""
    write_page(report(logs, _baselines(logs, baseline)), to)
    console.print(say("run.report", lang, {"path": to}))


def find_logs(folder: Path) -> list[Path]:
    """Return every log below a folder, oldest first by path."""
    return sorted(folder.rglob("log.json"))


def _print_error(error: EvalError, console: Console, lang: Lang) -> int:
    console.print(f"[red]✗[/red] {escape(error.text(lang))}")
    return error.exit_code
