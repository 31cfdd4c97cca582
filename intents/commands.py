"""`kefu intents`: check, import, export and compare intent folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from intents.diff import diff_packs
from intents.imported import Imported, ImportRefusedError, write_outputs
from intents.loader import load_pack
from intents.model import Pack, Place
from intents.nlpjs import import_nlpjs
from intents.problems import Problem, sort_problems
from intents.rasa import export_rasa, import_rasa
from intents.report import changes_json, counts, print_problems, print_summary, problems_json
from intents.sarif import problems_sarif
from intents.sheets import import_sheet
from intents.tables import SHEETS
from intents.texts import say
from kefu.base.texts import Lang

OK, FOUND, REFUSED = 0, 1, 2
FurtherCheck = Callable[[Pack], Iterable[Problem]]
Source = Literal["auto", "rasa", "nlpjs", "sheet"]

FormatOption = Annotated[Literal["text", "json"], typer.Option("--format", help="输出格式 · output format")]
LangOption = Annotated[Lang, typer.Option("--lang", help="语言 · language")]
ForceOption = Annotated[bool, typer.Option("--force", help="覆盖已有文件 · overwrite existing files")]


def _make_check(further: Sequence[FurtherCheck]) -> Callable[..., None]:
    def check(
        path: Annotated[Path, typer.Argument(help="目录或文件 · folder or file", exists=True)],
        output: Annotated[
            Literal["text", "json", "sarif"], typer.Option("--format", help="输出格式 · output format")
        ] = "text",
        lang: LangOption = "zh",
        strict: Annotated[bool, typer.Option("--strict", help="警告也算不通过 · warnings fail too")] = False,
        quick: Annotated[bool, typer.Option("--quick", help="只查写法 · syntax only")] = False,
    ) -> None:
        """检查写法和内容，给出 文件:行:列、说明和改法。Check the files; each finding has place, text and cure.

        退出码 · exit codes: 0 通过 fine · 1 有错误或没读的内容 errors, or something left out · 2 打不开 unreadable
        """
        pack = load_pack(path)
        unreadable = any(one.code in ("folder_empty", "folder_too_large") for one in pack.problems)
        if not quick and not unreadable:
            added = [problem for look in further for problem in look(pack)]
            pack = replace(pack, problems=sort_problems([*pack.problems, *added]))
        if output == "json":
            typer.echo(problems_json(pack, pack.problems, lang))
        elif output == "sarif":
            typer.echo(problems_sarif(pack.problems, lang))
        else:
            console = Console(highlight=False)
            print_problems(console, pack.problems, lang)
            print_summary(console, pack, pack.problems, lang)
        if unreadable:
            raise typer.Exit(REFUSED)
        if any(one.lost or (strict and one.severity == "warning") for one in pack.problems):
            raise typer.Exit(FOUND)

    return check


def import_command(
    path: Annotated[Path, typer.Argument(help="Rasa 目录、nlp.js 语料或表格 · what to import", exists=True)],
    to: Annotated[Path, typer.Option("--to", help="放到哪个目录 · folder to write to")],
    kind: Annotated[Source, typer.Option("--from", help="来源，默认自动判断 · kind of source")] = "auto",
    lang: LangOption = "zh",
    force: ForceOption = False,
) -> None:
    """导入 Rasa 目录、nlp.js 语料、CSV 或 Excel 问答表。Import Rasa folders, nlp.js corpora, CSV or Excel FAQ sheets.

    退出码 · exit codes: 0 全部导入 all taken · 1 有内容没有导入 something left out · 2 没有导入 nothing imported
    """
    readers = {"rasa": import_rasa, "nlpjs": import_nlpjs, "sheet": import_sheet}
    try:
        imported = readers[_guess(path) if kind == "auto" else kind](path)
    except ImportRefusedError as error:
        raise _refuse(error.problem, lang) from error
    _finish(imported, to, "done.imported", lang, force=force)


def export(
    path: Annotated[Path, typer.Argument(help="意图目录 · intent folder", exists=True)],
    to: Annotated[Path, typer.Option("--to", help="Rasa 项目目录 · folder of the Rasa project")],
    lang: LangOption = "zh",
    force: ForceOption = False,
) -> None:
    """导出成 Rasa 项目：data/ 和 domain.yml，注释和顺序不变。Export a Rasa project; comments and order stay."""
    try:
        exported = export_rasa(path)
    except ImportRefusedError as error:
        raise _refuse(error.problem, lang) from error
    _finish(exported, to, "done.exported", lang, force=force)


def diff(
    old: Annotated[Path, typer.Argument(help="原来的目录 · the one before", exists=True)],
    new: Annotated[Path, typer.Argument(help="现在的目录 · the one after", exists=True)],
    output: FormatOption = "text",
    lang: LangOption = "zh",
) -> None:
    """用句子说出两个目录的差别。Tell the difference of two folders in words. Exit codes: 0 same · 1 different."""
    packs = (load_pack(old), load_pack(new))
    changes = diff_packs(*packs)
    if output == "json":
        typer.echo(changes_json(changes, lang))
    else:
        for change in changes:
            typer.echo(change.text(lang))
        if not changes:
            typer.echo(say("diff.same", lang))
    # What could not be read cannot be compared: say so where it does not mix with the answer.
    errors = [one for pack in packs for one in pack.problems if one.severity == "error"]
    print_problems(Console(stderr=True, highlight=False), errors, lang)
    if changes or errors:
        raise typer.Exit(FOUND)


def _guess(path: Path) -> Literal["rasa", "nlpjs", "sheet"]:
    if path.suffix.lower() in SHEETS:
        return "sheet"
    return "nlpjs" if path.suffix.lower() == ".json" else "rasa"


def _refuse(problem: Problem, lang: Lang) -> typer.Exit:
    print_problems(Console(stderr=True, highlight=False), [problem], lang)
    return typer.Exit(REFUSED)


def _finish(made: Imported, target: Path, done: str, lang: Lang, *, force: bool) -> None:
    """Write the files, then say what was made and what was wrong."""
    try:
        write_outputs(made.outputs, target, overwrite=force)
    except FileExistsError as error:
        raise _refuse(Problem("file_exists", Place(str(error), 1, 1)), lang) from error
    except OSError as error:
        data = {"reason": error.strerror or str(error)}
        raise _refuse(Problem("file_unwritable", Place(str(target), 1, 1), data), lang) from error
    console = Console(highlight=False)
    print_problems(console, made.problems, lang)
    numbers = {**counts(made.pack, made.problems), "files": len(made.outputs), "target": str(target)}
    typer.echo(say(done, lang, numbers))
    if any(one.lost for one in made.problems):
        raise typer.Exit(FOUND)


def make_app(further: Sequence[FurtherCheck] = ()) -> typer.Typer:
    """Return `kefu intents`; `further` checks look at a pack's content when its syntax has been read."""
    made = typer.Typer(
        no_args_is_help=True, help="意图文件：检查、导入、导出、比较。Intent files: check, import, export, diff."
    )
    made.command(name="check")(_make_check(further))
    made.command(name="import")(import_command)
    made.command()(export)
    made.command()(diff)
    return made


app = make_app()
