"""`kefu graph feed`: changes from an address, a database or a shop."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from kefu.base.clock import SystemClock
from kefu.base.errors import ConfigError
from knowledge_graph.build import GraphRefused, build
from knowledge_graph.commands.base import (
    DEFAULT,
    FOUND,
    OK,
    Change,
    Folder,
    FormatOption,
    KindOption,
    find_live,
    need_live,
    stop,
    tell_change,
    tell_problems,
)
from knowledge_graph.compare import compare
from knowledge_graph.folder import GraphFolder
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.loading.feeds import HttpFeed, SqlFeed, changes_of
from knowledge_graph.loading.retiring import Whole
from knowledge_graph.loading.shop_feed import OpenShop, ShopFeed, named_shop
from knowledge_graph.loading.tables import table_records
from knowledge_graph.revise import compact, revise
from knowledge_graph.schema import packed_schema


def make_feed(own_shop: Callable[[Path | None], OpenShop] | None) -> Callable[..., None]:
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
        full: Annotated[
            bool,
            typer.Option("--full", help="地址给的是全部：图里多出来的就下架 · the address tells all: retire the rest"),
        ] = False,
        force: Annotated[bool, typer.Option("--force", help="一次下架过半也照做 · retire even more than half")] = False,
        output: FormatOption = "text",
        dry_run: Annotated[bool, typer.Option("--preview", help="只看会改什么 · say what would change")] = False,
    ) -> None:
        """从接口、数据库或店铺取商品，只改有变化的，立即成为新版本；有一处不对就不生效。Take changes from a live feed.

        店铺接口读的是全部，店铺不再有的商品和规格随之下架；地址只改它说到的，除非加 --full。一次下架过半要加 --force。
        What a shop no longer has is retired; an address changes only what it tells, but for --full.

        示例 · example:  kefu graph feed sqlite:///shop.db --kind variant --sql "select sku as id, price from v"

        店铺接口 · Shop port:  kefu graph feed --shop myshop.port:open_shop --every 5

        每隔几秒取时，第一次取不到就停下；以后取不到会说明并接着再试。With --every only the first failure ends it.

        退出码 · exit codes: 0 已是最新 up to date · 1 有不对的行 rows are refused · 2 取不到 the feed is down
        """
        try:
            rows = _source(source, sql, header or [])
            if rows is not None and (shop is not None or data is not None):
                raise ConfigError("地址与 --shop、--data 只能选一样 · an address, or a shop, not both")
            if rows is None and (sql is not None or header or kind is not None or full):
                words = "--sql、--header、--kind、--full 要有地址 · --sql, --header, --kind and --full need an address"
                raise ConfigError(words)
            taken = rows or _shop_feed(shop, data, own_shop)
        except ConfigError as error:
            raise stop(error) from error
        refused = _take(GraphFolder(graph), taken, kind, output, full=full, force=force, dry_run=dry_run)
        while every is not None:
            time.sleep(every)
            with suppress(typer.Exit):  # a feed that is down for once has been told, and is asked again
                _take(GraphFolder(graph), taken, kind, output, full=full, force=force, dry_run=dry_run)
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
    folder: GraphFolder,
    rows: HttpFeed | SqlFeed | ShopFeed,
    kind: str | None,
    output: str,
    *,
    full: bool,
    force: bool,
    dry_run: bool,
) -> bool:
    """Take a feed once; return whether anything was refused. A shop's whole catalogue may be the first version."""
    live = find_live(folder) if isinstance(rows, ShopFeed) else need_live(folder)
    old = live or KnowledgeGraph(build([], packed_schema("retail")))
    whole: Whole | None = None
    try:
        if isinstance(rows, ShopFeed):
            records = rows.records(old.schema)
            whole = Whole(rows.name, rows.kinds, force=force)
        else:
            records = table_records(rows.rows(), old.schema, kind=kind)
            whole = Whole(rows.place, () if kind is None else (kind,), force=force) if full else None
        changes, problems = changes_of(old, records, whole=whole)
        new = revise(old, changes) if changes.put or changes.removed else old
    except GraphRefused as error:
        problems, new = [*problems, *error.problems], old
    except ConfigError as error:
        raise stop(error) from error
    if problems and not dry_run:
        tell_problems(tuple(problems), output)
        return True
    if new is not old and not dry_run:
        folder.publish(compact(new) if live is None else new, at_us=SystemClock().now_us(), note="feed")
    differences = [] if live is None else compare(old, new)
    tell_change(Change(new.version, live is None, not dry_run, differences, tuple(problems)), output)
    return bool(problems)
