"""`kefu graph`: load, check, query, stats, diff, change one fact, take a feed, roll back."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kefu.base.clock import SystemClock, format_time, parse_time
from kefu.base.errors import ConfigError
from knowledge_graph.build import Built, GraphRefused, build, build_leniently
from knowledge_graph.compare import Difference, compare
from knowledge_graph.folder import GraphFolder
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.loading.feeds import HttpFeed, SqlFeed, changes_of
from knowledge_graph.loading.rows import TableRow
from knowledge_graph.loading.shop_feed import OpenShop, ShopFeed, named_shop
from knowledge_graph.loading.tables import read_table, table_records
from knowledge_graph.network import network
from knowledge_graph.network import rank as ranks
from knowledge_graph.records import FactRecord, Problem, Record
from knowledge_graph.revise import Changes, compact, revise
from knowledge_graph.schema import Schema, load_schema, packed_schema

OK, FOUND, REFUSED = 0, 1, 2
_SHOWN = 40

app = typer.Typer(
    no_args_is_help=True,
    help="知识图谱：加载、检查、提问、统计、比较。Knowledge graph: load, check, query, stats, diff.",
)

Files = Annotated[list[Path], typer.Argument(help="CSV、Excel、JSONL、三元组 TSV · tables and triples", exists=True)]
Folder = Annotated[Path, typer.Option("--graph", help="存放图的目录 · folder of the graph", envvar="KEFU_GRAPH")]
SchemaOption = Annotated[
    Path | None,
    typer.Option("--schema", help="模式文件，默认零售 · schema, by default retail", exists=True),
]
KindOption = Annotated[str | None, typer.Option("--kind", help="表里是哪种节点 · kind of node of the tables")]
FormatOption = Annotated[Literal["text", "json"], typer.Option("--format", help="输出格式 · output format")]
AtOption = Annotated[str | None, typer.Option("--at", help="以何时为准，默认现在 · as of this time (RFC 3339)")]
DEFAULT = Path("data/graph")


@app.command()
def check(files: Files, schema: SchemaOption = None, kind: KindOption = None, output: FormatOption = "text") -> None:
    """检查文件：每个问题给出 文件:行、说明和改法，不改动任何东西。Check files; nothing is changed.

    退出码 · exit codes: 0 通过 fine · 1 有问题 faults · 2 打不开 unreadable
    """
    built = _build(files, _schema(schema), kind)
    _tell_problems(built.problems, output)
    if output == "text" and not built.problems:
        base = built.base
        Console().print(
            f"[green]通过 · fine:[/green] {len(base.nodes.ids)} 节点 nodes, {len(base.columns.subject)} 事实 facts"
        )
    raise typer.Exit(FOUND if built.problems else OK)


@app.command()
def load(
    files: Files,
    graph: Folder = DEFAULT,
    schema: SchemaOption = None,
    kind: KindOption = None,
    output: FormatOption = "text",
    dry_run: Annotated[bool, typer.Option("--preview", help="只看会改什么 · say what would change")] = False,
    note: Annotated[str, typer.Option("--note", help="这一版的说明 · a word about this version")] = "",
) -> None:
    """整体加载为新版本；有一处问题就不生效，现用版本不变。Load as the new version; one fault and nothing changes."""
    built = _build(files, _schema(schema), kind)
    if built.problems and not dry_run:
        _tell_problems(built.problems, output)
        raise typer.Exit(FOUND)
    folder, new = GraphFolder(graph), KnowledgeGraph(built.base)
    old = _current(folder)
    differences = [] if old is None else compare(old, new)
    if not dry_run:
        folder.publish(new, at_us=SystemClock().now_us(), note=note)
    change = _Change(new.version, old is None, not dry_run, differences, built.problems)
    _tell_change(change, output)
    raise typer.Exit(FOUND if built.problems else OK)


def make_app(own_shop: Callable[[Path | None], OpenShop] | None = None) -> typer.Typer:
    """Return the commands; `own_shop` opens the shop of a workspace (None: the default one) for `feed`."""
    whole = typer.Typer(no_args_is_help=True, help=app.info.help)
    whole.add_typer(app)
    whole.command(name="feed")(_make_feed(own_shop))
    return whole


def _make_feed(own_shop: Callable[[Path | None], OpenShop] | None) -> Callable[..., None]:
    def feed(
        source: Annotated[
            str | None,
            typer.Argument(help="http 地址，或数据库地址（配合 --sql）；不写就读店铺接口 · none: the Shop port"),
        ] = None,
        graph: Folder = DEFAULT,
        kind: KindOption = None,
        sql: Annotated[str | None, typer.Option("--sql", help="查询语句，列名同表格 · a query")] = None,
        header: Annotated[list[str] | None, typer.Option("--header", help="名字: 值；可重复 · may repeat")] = None,
        shop: Annotated[
            str | None,
            typer.Option("--shop", help="店铺接口 模块:工厂函数，默认工作目录的店铺 · the shop as module:factory"),
        ] = None,
        data: Annotated[
            Path | None, typer.Option("--data", help="店铺所在的工作目录 · workspace of the shop. KEFU_DATA")
        ] = None,
        every: Annotated[
            float | None, typer.Option("--every", min=1, help="每隔几秒再取 · again each so many s")
        ] = None,
        output: FormatOption = "text",
        dry_run: Annotated[bool, typer.Option("--preview", help="只看会改什么 · say what would change")] = False,
    ) -> None:
        """从接口、数据库或店铺取商品，只改有变化的，立即成为新版本；有一处不对就不生效。Take changes from a live feed.

        示例 · example:  kefu graph feed sqlite:///shop.db --kind variant --sql "select sku as id, price from v"

        店铺接口 · Shop port:  kefu graph feed --shop myshop.port:open_shop --every 5

        每隔几秒取时，第一次取不到就停下；以后取不到会说明并接着再试。With --every only the first failure ends it.

        退出码 · exit codes: 0 已是最新 up to date · 1 有不对的行 rows are refused · 2 取不到 the feed is down
        """
        try:
            rows = _source(source, sql, header or [])
            if rows is not None and (shop is not None or data is not None):
                raise ConfigError("地址与 --shop、--data 只能选一样 · an address, or a shop, not both")
            if rows is None and (sql is not None or header or kind is not None):
                raise ConfigError("--sql、--header、--kind 要有地址 · --sql, --header and --kind need an address")
            taken = rows or _shop_feed(shop, data, own_shop)
        except ConfigError as error:
            raise _stop(error) from error
        refused = _take(GraphFolder(graph), taken, kind, output, dry_run=dry_run)
        while every is not None:
            time.sleep(every)
            with suppress(typer.Exit):  # a feed that is down for once has been told, and is asked again
                _take(GraphFolder(graph), taken, kind, output, dry_run=dry_run)
        raise typer.Exit(FOUND if refused else OK)

    return feed


def _source(source: str | None, sql: str | None, headers: list[str]) -> HttpFeed | SqlFeed | None:
    if source is None:
        return None
    named = dict(one.partition(":")[::2] for one in headers)
    return HttpFeed(source, {k.strip(): v.strip() for k, v in named.items()}) if sql is None else SqlFeed(source, sql)


def _shop_feed(name: str | None, data: Path | None, own_shop: Callable[[Path | None], OpenShop] | None) -> ShopFeed:
    if name is not None:
        return ShopFeed(name, named_shop(name))
    if own_shop is None:
        raise ConfigError("要一个地址，或 --shop 模块:工厂函数 · an address or --shop module:factory is needed")
    return ShopFeed("shop", own_shop(data))


def _take(
    folder: GraphFolder, rows: HttpFeed | SqlFeed | ShopFeed, kind: str | None, output: str, *, dry_run: bool
) -> bool:
    """Take a feed once; return whether anything was refused. A shop's whole catalogue may be the first version."""
    live = _current(folder) if isinstance(rows, ShopFeed) else _need(folder)
    old = live or KnowledgeGraph(build([], packed_schema("retail")))
    try:
        if isinstance(rows, ShopFeed):
            records = rows.records(old.schema)
        else:
            records = table_records(rows.rows(), old.schema, kind=kind)
        changes, problems = changes_of(old, records)
        new = revise(old, changes) if changes.put else old
    except GraphRefused as error:
        problems, new = [*problems, *error.problems], old
    except ConfigError as error:
        raise _stop(error) from error
    if problems and not dry_run:
        _tell_problems(tuple(problems), output)
        return True
    if new is not old and not dry_run:
        folder.publish(compact(new) if live is None else new, at_us=SystemClock().now_us(), note="feed")
    differences = [] if live is None else compare(old, new)
    _tell_change(_Change(new.version, live is None, not dry_run, differences, tuple(problems)), output)
    return bool(problems)


@app.command()
def rank(
    seeds: Annotated[list[str], typer.Argument(help="起点的编号 · ids to start from")],
    graph: Folder = DEFAULT,
    predicate: Annotated[
        list[str] | None, typer.Option("--predicate", help="只走这些边 · only these edges; may repeat")
    ] = None,
    backend: Annotated[
        str, typer.Option("--backend", help="arrays、networkx 或已安装的 NetworkX 后端 · or an installed backend")
    ] = "arrays",
    most: Annotated[int, typer.Option("--most", min=1, help="前几个 · how many")] = 20,
    output: FormatOption = "text",
) -> None:
    """从几个节点出发，哪些节点离得近（个性化 PageRank）。Which nodes are near to some (personalised PageRank)."""
    live = _need(GraphFolder(graph))
    unknown = [id for id in seeds if live.find_node(id) is None]
    try:
        if unknown:
            raise ConfigError(f"{unknown[0]}: 没有这个节点 · there is no such node")
        near = ranks(network(live, predicates=predicate), dict.fromkeys(seeds, 1.0), backend=backend)
    except ConfigError as error:
        raise _stop(error) from error
    best = sorted(near.items(), key=lambda one: (-one[1], one[0]))[:most]
    if output == "json":
        typer.echo(msgspec.json.encode({"backend": backend, "rank": dict(best)}).decode())
        return
    for id, value in best:
        node = live.find_node(id)
        Console(highlight=False).print(f"{value:.5f}  {id}  {node.name if node else ''}", markup=False)


@app.command(name="set")
def set_fact(
    subject: str,
    predicate: str,
    values: Annotated[list[str], typer.Argument(help="新的值 · the new values")],
    graph: Folder = DEFAULT,
    output: FormatOption = "text",
) -> None:
    """改一个事实，立即成为新版本。Change one fact; the next version is live at once.

    示例 · example:  kefu graph set MT-1203-01 price 3500
    """
    folder = GraphFolder(graph)
    old = _need(folder)
    row = (TableRow("kefu graph set", {"subject": subject, "predicate": predicate, "value": value}) for value in values)
    records = list(table_records(row, old.schema))
    wrong = [one for one in records if isinstance(one, Problem)]
    try:
        if wrong:
            raise GraphRefused(tuple(wrong))
        new = revise(old, Changes(put=[one for one in records if isinstance(one, FactRecord)]))
    except GraphRefused as error:
        _tell_problems(error.problems, output)
        raise typer.Exit(FOUND) from error
    folder.publish(new, at_us=SystemClock().now_us(), note=f"{subject}/{predicate}")
    _tell_change(_Change(new.version, False, True, compare(old, new)), output)


@app.command()
def rollback(graph: Folder = DEFAULT) -> None:
    """退回上一个版本。Go back one version."""
    try:
        entry = GraphFolder(graph).roll_back()
    except (LookupError, ConfigError) as error:
        raise _stop(error) from error
    Console().print(f"[green]现用 · live:[/green] {entry.version} {entry.note}", highlight=False)


@app.command()
def query(
    text: str,
    graph: Folder = DEFAULT,
    at: AtOption = None,
    focus: Annotated[list[str] | None, typer.Option("--focus", help="刚说过的节点 · nodes last spoken of")] = None,
    output: FormatOption = "text",
) -> None:
    """用一句话提问，答案附出处。Ask in words; the answer names its sources.

    退出码 · exit codes: 0 有答案 answered · 1 没有 no answer · 2 打不开 unreadable
    """
    live = _need(GraphFolder(graph))
    answer = live.ask(text, at_us=_moment(at), focus=tuple(focus or ()))
    if output == "json":
        typer.echo(msgspec.json.encode(answer).decode())
    else:
        console = Console(highlight=False)
        asked = " ".join(f"{name}={value}" for name, value in answer.asked.items())
        console.print(f"[bold]{answer.status}[/bold] {answer.kind} · {answer.total} · {asked}", markup=True)
        for row in answer.rows:
            console.print(f"  {row.node_id} {row.name}", markup=False)
            for fact in row.facts:
                console.print(f"    {fact.id} = {fact.value} {fact.unit}  ({fact.source})", markup=False)
    raise typer.Exit(OK if answer.status == "answered" else FOUND)


@app.command()
def learn(
    file: Annotated[Path, typer.Argument(help='JSONL：{"text", "asks": [属性], "focus": [节点]}', exists=True)],
    graph: Folder = DEFAULT,
) -> None:
    """从顾客真实问过的话学会“问的是什么”。Learn from customers' questions what they ask for.

    退出码 · exit codes: 0 已生效 live · 2 文件有误 the file is wrong
    """
    from knowledge_graph.asking.examples import read_examples
    from knowledge_graph.asking.learn import learn_asks

    folder = GraphFolder(graph)
    live = _need(folder)
    try:
        model = learn_asks(live, read_examples(file, live.schema))
    except ConfigError as error:
        raise _stop(error) from error
    folder.put_asks(model)
    Console(highlight=False).print(f"[green]学会了 · learned:[/green] {'、'.join(model.labels)}")


@app.command()
def stats(graph: Folder = DEFAULT, output: FormatOption = "text") -> None:
    """各种节点与事实的数量、历史版本。Numbers of nodes and facts, and the history."""
    folder = GraphFolder(graph)
    live = _need(folder)
    kinds = {kind: sum(1 for _ in live.nodes(kind)) for kind in live.schema.kinds}
    facts = Counter(live.base.predicates[number] for number in live.base.columns.predicate.tolist())
    told: dict[str, Any] = {
        "version": live.version,
        "base": live.base.version,
        "overlay": live.overlay.size,
        "nodes": kinds,
        "facts": dict(facts),
        "history": [{"version": e.version, "at": format_time(e.at_us), "note": e.note} for e in folder.history()],
    }
    if output == "json":
        typer.echo(msgspec.json.encode(told).decode())
        return
    console = Console(highlight=False)
    console.print(f"版本 · version {live.version}（base {live.base.version}, overlay {live.overlay.size}）")
    for name, count in (*kinds.items(), *facts.most_common()):
        console.print(f"  {name:<14}{count:>10}")
    for entry in folder.history():
        console.print(f"  {entry.version}  {format_time(entry.at_us)}  {entry.note}", markup=False)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="旧版本 · version")],
    new: Annotated[str, typer.Argument(help="新版本，默认现用 · version, the live one by default")] = "",
    graph: Folder = DEFAULT,
    output: FormatOption = "text",
) -> None:
    """两个版本差在哪里。What differs between two versions."""
    folder = GraphFolder(graph)
    _need(folder)
    entries = {entry.version: entry for entry in folder.history()}
    wanted = [old, new or list(entries)[-1]]
    unknown = [version for version in wanted if version not in entries]
    if unknown:
        raise _stop(ConfigError(f"{unknown[0]}: 没有这个版本，有 {'、'.join(entries)} · there is no such version"))
    left, right = (folder.open(entries[version]) for version in wanted)
    _tell_change(_Change(right.version, False, False, compare(left, right)), output)


def _schema(path: Path | None) -> Schema:
    try:
        return packed_schema("retail") if path is None else load_schema(path)
    except ConfigError as error:
        raise _stop(error) from error


def _build(files: list[Path], schema: Schema, kind: str | None) -> Built:
    """Read and build with a line that counts rows; the line is for people, on stderr."""
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("读取 · reading", total=None)

        def counted(records: Iterator[Record | Problem]) -> Iterator[Record | Problem]:
            due = time.monotonic()
            for number, record in enumerate(records, start=1):
                if time.monotonic() > due:
                    progress.update(task, completed=number)
                    due = time.monotonic() + 0.2
                yield record

        return build_leniently(
            counted(chain.from_iterable(read_table(one, schema, kind=kind) for one in files)), schema
        )


def _current(folder: GraphFolder) -> KnowledgeGraph | None:
    try:
        return folder.current()
    except ConfigError as error:
        raise _stop(error) from error


def _need(folder: GraphFolder) -> KnowledgeGraph:
    live = _current(folder)
    if live is None:
        raise _stop(ConfigError("还没有图，先运行 kefu graph load 文件… · there is no graph yet; load one first"))
    return live


def _moment(at: str | None) -> int:
    try:
        return SystemClock().now_us() if at is None else parse_time(at)
    except ValueError as error:
        raise _stop(ConfigError(f"--at: {error}")) from error


def _tell_problems(problems: tuple[Problem, ...], output: str) -> None:
    if output == "json":
        typer.echo(msgspec.json.encode({"problems": problems}).decode())
        return
    console = Console(highlight=False, soft_wrap=True)
    for problem in problems[:_SHOWN]:
        console.print(f"[red]{problem.code}[/red] ", end="")
        console.print(str(problem), markup=False)
    if len(problems) > _SHOWN:
        console.print(f"… 还有 {len(problems) - _SHOWN} 处 · and more")


@dataclass(frozen=True, slots=True)
class _Change:
    """What a new version says that the live one does not, and what of it would be refused."""

    version: str
    first: bool
    applied: bool
    differences: list[Difference]
    problems: tuple[Problem, ...] = ()


def _tell_change(change: _Change, output: str) -> None:
    if output == "json":
        typer.echo(msgspec.json.encode(change).decode())
        return
    if change.problems:
        _tell_problems(change.problems, output)
    differences, version, first, applied = change.differences, change.version, change.first, change.applied
    console = Console(highlight=False, soft_wrap=True)
    words = {"added": "+ 新增", "changed": "~ 改变", "removed": "- 删除"}
    for one in differences[:_SHOWN]:
        before, after = ("、".join(map(str, values)) for values in (one.before, one.after))
        what = f"{words[one.what]} {one.subject} {one.predicate or ''} {before} → {after}  ({one.source})"
        console.print(what, markup=False)
    if len(differences) > _SHOWN:
        console.print(f"… 还有 {len(differences) - _SHOWN} 处 · and more")
    state = "已生效 · live" if applied else "预览 · preview"
    console.print(f"{state}: {version}" + ("（第一个版本 · the first version）" if first else ""), markup=False)


def _stop(error: Exception) -> typer.Exit:
    Console(stderr=True).print(f"[red]错误 · error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
    return typer.Exit(REFUSED)
