"""`kefu index`: documents and questions that the bot may answer with: build, change, search, check."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kefu.base.errors import ConfigError
from kefu.commands.base import Data, Database, Url, console, read_settings, refusals

if TYPE_CHECKING:
    from bot.encoding.encoder import Encoder
    from bot.retrieval.documents.index import DocumentIndex
    from kefu.documents import Tell
    from messaging_core.settings import Settings

OK, FOUND = 0, 1
Enterprise = Annotated[str | None, typer.Option("--enterprise", help="企业编号 · the enterprise's id")]
Format = Annotated[Literal["text", "json"], typer.Option("--format", help="输出格式 · output format")]
Paths = Annotated[
    list[Path] | None,
    typer.Argument(help="文件或目录：md html pdf docx csv txt；默认工作目录的 documents · files or folders"),
]

app = typer.Typer(
    no_args_is_help=True,
    help="检索：文档与问答的索引，建立、增删、试查、检查。Retrieval: build, change, search, check.",
)


@app.command()
def build(
    paths: Paths = None,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    enterprise: Enterprise = None,
    output: Format = "text",
    publish: Annotated[bool, typer.Option(help="建好就上线 · make it live")] = True,
) -> None:
    """读文档、切段、去重、建索引并上线；有一份读不了就什么都不变。Index documents; one fault and nothing changes.

    退出码 · exit codes: 0 完成 done · 2 有读不了的文档 a document is refused
    """
    from kefu.documents import build_index, find_files, read_files
    from kefu.workspace import documents_folder

    settings = read_settings(data, database)
    with refusals():
        files = find_files(paths or [documents_folder(settings)])
        if not files:
            raise ConfigError(f"{paths or documents_folder(settings)}: 没有文档 · there are no documents here")
        with _progress() as tell:
            encoder = _encoder(settings)
            index = build_index(read_files(files, tell), encoder, foreign=_foreign(settings), tell=tell)
        _finish(settings, index, encoder, output, enterprise=enterprise, url=url, publish=publish)


@app.command()
def add(
    paths: Annotated[list[Path], typer.Argument(help="文档 · documents", exists=True)],
    data: Data = None,
    database: Database = None,
    url: Url = None,
    enterprise: Enterprise = None,
    output: Format = "text",
) -> None:
    """增加或更新几份文档，其余不动，立即生效。Add or replace documents; the rest stays, live at once."""
    from kefu.documents import change_index, find_files, read_files

    settings = read_settings(data, database)
    with refusals():
        encoder = _encoder(settings)
        index = _live(settings, encoder, enterprise=enterprise, url=url)
        index = change_index(index, encoder, put=read_files(find_files(paths)))
        _finish(settings, index, encoder, output, enterprise=enterprise, url=url, publish=True)


@app.command()
def remove(
    names: Annotated[list[str], typer.Argument(help="文档的文件名 · names of documents")],
    data: Data = None,
    database: Database = None,
    url: Url = None,
    enterprise: Enterprise = None,
    output: Format = "text",
) -> None:
    """从索引里去掉几份文档，立即生效。Take documents out of the index, at once."""
    from kefu.documents import change_index

    settings = read_settings(data, database)
    with refusals():
        encoder = _encoder(settings)
        index = change_index(_live(settings, encoder, enterprise=enterprise, url=url), encoder, put={}, removed=names)
        _finish(settings, index, encoder, output, enterprise=enterprise, url=url, publish=True)


@app.command()
def search(
    text: str,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    enterprise: Enterprise = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=50, help="最多几条 · at most")] = 5,
    output: Format = "text",
    within: Annotated[Literal["documents", "faq"], typer.Option("--in", help="查文档还是问答 · which")] = "documents",
) -> None:
    """试查一句话：每条给出把握、出处和依据。Search; every hit with confidence, place and likeness.

    退出码 · exit codes: 0 有够把握的 one is sure enough · 1 没有 none · 2 打不开 unreadable
    """
    settings = read_settings(data, database)
    with refusals():
        encoder = _encoder(settings)
        rows, bar = _search(settings, encoder, text, limit, within, enterprise=enterprise, url=url)
    if output == "json":
        typer.echo(json.dumps({"threshold": bar, "hits": rows}, ensure_ascii=False))
    for row in rows if output == "text" else ():
        mark = "✓" if row["confidence"] >= bar else " "
        console().print(f"{mark} {row['confidence']:.2f}  {row['title']}  ({row['place']})", markup=False)
        console().print(f"    {row['text']}", markup=False)
    raise typer.Exit(OK if any(row["confidence"] >= bar for row in rows) else FOUND)


@app.command()
def check(
    paths: Paths = None,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    enterprise: Enterprise = None,
    output: Format = "text",
) -> None:
    """检查：文档是否都读得了，线上索引是否完好、是否跟得上文档。Are documents readable, and is the live index current?

    退出码 · exit codes: 0 一致 current · 1 有差别 it is behind · 2 读不了 damaged or unreadable
    """
    from kefu.documents import find_files, read_files
    from kefu.workspace import documents_folder

    settings = read_settings(data, database)
    with refusals():
        encoder = _encoder(settings)
        read = read_files(find_files(paths or [documents_folder(settings)]))
        index = _live(settings, encoder, enterprise=enterprise, url=url)
    held: dict[str, set[int]] = {}
    for passage in index.passages:
        held.setdefault(passage.document, set()).add(passage.id)
    everywhere = {one.text for one in index.passages}
    told = {
        "added": sorted(read.keys() - held.keys()),
        "removed": sorted(held.keys() - read.keys()),
        "changed": sorted(
            name
            for name in read.keys() & held.keys()
            if held[name] - {one.id for one in read[name]} or any(one.text not in everywhere for one in read[name])
        ),
    }
    behind = any(told.values())
    if output == "json":
        typer.echo(json.dumps({"documents": index.documents, **told, "current": not behind}, ensure_ascii=False))
    else:
        for word, names in told.items():
            for name in names:
                console().print(f"{word}: {name}", markup=False)
        state = "落后，请 kefu index build · behind" if behind else "一致 · current"
        console().print(f"{len(index.documents)} 份 documents, {len(index)} 段 passages: {state}", markup=False)
    raise typer.Exit(FOUND if behind else OK)


@app.command()
def asked(
    data: Data = None,
    database: Database = None,
    url: Url = None,
    enterprise: Enterprise = None,
    output: Format = "text",
) -> None:
    """顾客真实问过、没答好或点过赞踩的话，可以收作某条问答的说法。What customers asked that was missed or judged.

    退出码 · exit codes: 0 有 some · 1 没有 none · 2 读不了 unreadable
    """
    from kefu.ledger import read_asked

    settings = read_settings(data, database)
    with refusals():
        rows = asyncio.run(read_asked(settings, enterprise=enterprise, url=url))
    if output == "json":
        typer.echo(json.dumps({"items": rows}, ensure_ascii=False))
    for row in rows if output == "text" else ():
        console().print(f"{row['times']} x [{row['why']}] {row['text']}  → {row['faq_id'] or '?'}", markup=False)
    raise typer.Exit(OK if rows else FOUND)


@app.command()
def adopt(
    faq_id: Annotated[str, typer.Argument(help="问答的编号 · the entry")],
    texts: Annotated[list[str], typer.Argument(help="顾客的原话，可以几句 · what customers wrote")],
    data: Data = None,
    database: Database = None,
    url: Url = None,
    enterprise: Enterprise = None,
) -> None:
    """把顾客的原话收作一条问答的说法：立即能搜到，以后训练也带上。Adopt customers' words as wordings of an entry.

    示例 · example:  kefu index adopt ship_weekend "礼拜天寄得出来不"
    """
    from kefu.adopting import adopt as adopt_texts
    from kefu.publishing import list_versions, publish_version

    settings = read_settings(data, database)
    with refusals():
        history = asyncio.run(list_versions(settings, enterprise=enterprise, url=url))
        if not history:
            raise ConfigError("还没有发布过机器人，先执行 kefu train · no bot was published yet")
        version = adopt_texts(settings, history[0].version, faq_id, texts, _encoder(settings))
        asyncio.run(publish_version(settings, version, enterprise=enterprise, note=f"adopt {faq_id}", url=url))
    console().print(f"[green]已上线 · live:[/green] {version}")


def _search(
    settings: Settings,
    encoder: Encoder,
    text: str,
    limit: int,
    within: str,
    *,
    enterprise: str | None,
    url: str | None,
) -> tuple[list[dict[str, Any]], float]:
    from bot.understanding.normalise import normalise

    vector = encoder.encode([normalise(text)])[0]
    if within == "documents":
        index = _live(settings, encoder, enterprise=enterprise, url=url)
        hits = index.search(text, vector, limit=limit, threshold=0.0)
        rows = [
            {
                "confidence": round(hit.confidence, 4), "title": hit.passage.title, "place": hit.passage.place,
                "text": hit.passage.text, "vector": round(hit.vector, 4), "lexical": round(hit.lexical, 4),
            }
            for hit in hits
        ]  # fmt: skip
        return rows, index.settings.threshold
    faq = _live_faq(settings, encoder, enterprise=enterprise, url=url)
    found = faq.search(text, vector, limit=limit, threshold=0.0)
    rows = [
        {
            "confidence": round(hit.confidence, 4), "title": hit.entry_id, "place": hit.place or "",
            "text": hit.matched, "vector": round(hit.vector, 4), "lexical": round(hit.lexical, 4),
        }
        for hit in found
    ]  # fmt: skip
    return rows, faq.threshold


def _live(settings: Settings, encoder: Encoder, *, enterprise: str | None, url: str | None) -> DocumentIndex:
    from bot.retrieval.documents.index import DocumentIndex
    from kefu.bundle import bundle_folder
    from kefu.publishing import live_documents
    from kefu.workspace import artefacts_folder

    version = asyncio.run(live_documents(settings, enterprise=enterprise, url=url))
    if version is None:
        raise ConfigError("还没有文档索引，先执行 kefu index build · there is no index of documents yet")
    return DocumentIndex.load(bundle_folder(artefacts_folder(settings), version), encoder)


def _live_faq(settings: Settings, encoder: Encoder, *, enterprise: str | None, url: str | None) -> Any:
    from bot.retrieval.faq_index import FaqIndex
    from kefu.bundle import bundle_folder, read_bundle
    from kefu.publishing import list_versions
    from kefu.workspace import artefacts_folder

    history = asyncio.run(list_versions(settings, enterprise=enterprise, url=url))
    if not history:
        raise ConfigError("还没有发布过机器人，先执行 kefu train · no bot was published yet")
    root = artefacts_folder(settings)
    return FaqIndex.load(bundle_folder(root, read_bundle(root, history[0].version).faq), encoder)


def _finish(
    settings: Settings,
    index: DocumentIndex,
    encoder: Encoder,
    output: str,
    *,
    enterprise: str | None,
    url: str | None,
    publish: bool,
) -> None:
    from kefu.publishing import publish_documents
    from kefu.workspace import artefacts_folder

    started = time.monotonic()
    version = index.save(artefacts_folder(settings), encoder).name
    if publish:
        asyncio.run(publish_documents(settings, version, enterprise=enterprise, note="kefu index", url=url))
    took = round(time.monotonic() - started, 3)
    if output == "json":
        told = {"version": version, "live": publish, "documents": index.documents, "passages": len(index)}
        typer.echo(json.dumps({**told, "switched_s": took}, ensure_ascii=False))
        return
    state = "已上线 · live" if publish else "未上线 · not live"
    console().print(f"[green]{state}:[/green] {version}  {len(index.documents)} 份 documents, {len(index)} 段 passages")


def _encoder(settings: Settings) -> Encoder:
    from bot.encoding.tiers import load_encoder
    from kefu.training_file import read_training_file
    from kefu.workspace import models_folder, vectors_folder

    chosen = read_training_file(settings).encoder
    return load_encoder(chosen, models=models_folder(settings), cache=vectors_folder(settings))


def _foreign(settings: Settings) -> Sequence[str]:
    """Texts that are not the shop's business, by the workspace's pack: no passage answers them."""
    from bot.training.pack_examples import pack_examples
    from intents.loader import load_pack
    from kefu.workspace import find_pack

    try:
        return [one.text for one in pack_examples(load_pack(find_pack(settings))) if one.intent is None]
    except ConfigError:  # documents may be indexed before there is a pack
        return ()


@contextmanager
def _progress() -> Iterator[Tell]:
    from rich.progress import Progress

    with Progress(console=console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def tell(stage: str, done: int, total: int) -> None:
            words = {"read": "读取 · reading", "encode": "建索引 · indexing"}
            if stage not in tasks:
                tasks[stage] = bars.add_task(words[stage], total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield tell
