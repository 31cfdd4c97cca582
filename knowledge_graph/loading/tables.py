"""From rows to records: a column is a predicate by its name, by the shop's field, or by its Chinese label."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

from kefu.base.clock import parse_time
from knowledge_graph.catalogue import net_grams, places
from knowledge_graph.loading.rows import Cell, TableRow, read_rows
from knowledge_graph.model import Value
from knowledge_graph.records import FactRecord, NodeRecord, Problem, Record
from knowledge_graph.schema import ANY_UNIT, DECIMAL_UNITS, WHOLE_UNITS, Predicate, Schema

_IDS = ("id", "编号", "sku")
_NAMES = ("name", "名称")
_ALIASES = ("aliases", "别名")
_SEVERAL = "|"
_YUAN = ("_yuan", "（元）", "(元)")
_FACT_COLUMNS = {"subject", "predicate", "value"}
_NODE_PREDICATES = {"kind", "name", "alias"}


def guess_kind(path: Path, schema: Schema) -> str | None:
    """The kind of node in a table by the file's name: `products.csv` holds product."""
    stem = path.stem.lower()
    names = (stem, stem.removesuffix("s"), stem.removesuffix("ies") + "y", stem.removesuffix("es"))
    return next((name for name in names if name in schema.kinds), None)


def read_table(path: Path, schema: Schema, *, kind: str | None = None) -> Iterator[Record | Problem]:
    """Yield the records of a table of nodes, or of a list of facts (columns subject, predicate, value)."""
    if path.suffix.lower() == ".tsv" and kind is None and guess_kind(path, schema) is None:
        yield from read_triples(path, schema)
        return
    chosen = kind or guess_kind(path, schema)
    yield from table_records(read_rows(path), schema, kind=chosen)


def table_records(
    rows: Iterable[TableRow | Problem], schema: Schema, *, kind: str | None = None
) -> Iterator[Record | Problem]:
    """Yield the records of rows; `kind` is for rows that do not name their own."""
    for row in rows:
        if isinstance(row, Problem):
            yield row
        elif row.cells.keys() >= _FACT_COLUMNS:
            yield _fact(row, schema)
        else:
            yield from _node(row, schema, kind)


def read_triples(path: Path, schema: Schema) -> Iterator[Record | Problem]:
    """Yield the records of a TSV of triples without a header; `kind`, `name` and `alias` describe the node itself.

    The nodes' own lines are held back until all are read: a kind may stand below a name.
    """
    from knowledge_graph.loading.encodings import find_encoding

    encoding = find_encoding(path)
    if isinstance(encoding, Problem):
        yield encoding
        return
    described: dict[str, dict[str, list[str]]] = {}
    sources: dict[str, str] = {}
    with path.open(encoding=encoding, newline="\n") as file:
        for number, line in enumerate(file, start=1):
            source = f"{path.name}:{number}"
            parts = line.rstrip("\r\n").split("\t")
            if parts == [""]:
                continue
            if len(parts) != 3 or not parts[0].strip():
                text = f"应是三列：主体、谓词、值，这里有 {len(parts)} 列 · three columns are needed"
                yield Problem(source, "wrong_length", text)
                continue
            subject, predicate, value = parts
            if predicate in _NODE_PREDICATES:
                described.setdefault(subject, {}).setdefault(predicate, []).append(value)
                sources.setdefault(subject, source)
            else:
                rule = schema.predicates.get(predicate)
                yield _record(subject, predicate, value, rule, source)
    for subject, said in described.items():
        kind = said.get("kind", [schema.main])[0]
        name = said.get("name", [subject])[0]
        yield NodeRecord(subject, kind, name, tuple(said.get("alias", ())), sources[subject])


def _fact(row: TableRow, schema: Schema) -> Record | Problem:
    cells = row.cells
    predicate = str(cells["predicate"])
    made = _record(str(cells["subject"]), predicate, cells["value"], schema.predicates.get(predicate), row.source)
    if isinstance(made, Problem):
        return made
    try:
        starts, ends = (_moment(cells.get(name)) for name in ("valid_from", "valid_to"))
    except ValueError as error:
        text = f"时间要像 2026-11-22T08:00:00+08:00（{error}） · a time with its offset is needed"
        return Problem(row.source, "bad_time", text)
    unit = cells.get("unit")
    return FactRecord(
        made.subject, predicate, made.value, row.source, starts, ends, None if unit is None else str(unit)
    )


def _moment(cell: Cell) -> int | None:
    return None if cell is None or cell == "" else parse_time(str(cell))


def _node(row: TableRow, schema: Schema, kind: str | None) -> Iterator[Record | Problem]:
    cells = dict(row.cells)
    chosen = str(cells.pop("kind", None) or kind or "")
    if chosen not in schema.kinds:
        known = "、".join(schema.kinds)
        text = f"不知道是哪种节点，请加 kind 列或指定 --kind（{known}） · the kind is not known"
        yield Problem(row.source, "unknown_kind", text)
        return
    id = _take(cells, (f"{chosen}_id", *_IDS))
    if id is None:
        yield Problem(row.source, "no_id", f"缺少编号（{chosen}_id、id 或 编号） · the id is missing")
        return
    label = cells.get("label")
    name = _take(cells, _NAMES) or (str(label) if label else id)
    aliases = _take(cells, _ALIASES) or ""
    yield NodeRecord(id, chosen, name, tuple(a.strip() for a in aliases.split(_SEVERAL) if a.strip()), row.source)
    for column, cell in cells.items():
        if cell is None or cell == "":
            continue
        yield from _column(id, chosen, column, cell, schema, row.source)


def _column(id: str, kind: str, column: str, cell: Cell, schema: Schema, source: str) -> Iterator[Record | Problem]:
    plain = column
    for ending in _YUAN:
        plain = plain.removesuffix(ending)
    in_yuan = plain != column
    predicate = _predicate_of(plain, kind, schema)
    if predicate is None:
        known = "、".join(name for name, rule in schema.predicates.items() if kind in rule.of)
        text = f"不认识列 {column!r}，{kind} 可用的有 {known} · the column is not known"
        yield Problem(source, "unknown_column", text)
        return
    rule = schema.predicates[predicate]
    for value in _values(cell, several=rule.many):
        yield _record(id, predicate, _fen(value) if in_yuan and rule.unit == "fen" else value, rule, source)
    if predicate == "origin" and "place" in schema.predicates:
        for place in places(str(cell)):
            yield FactRecord(id, "place", place, source)
    if predicate == "size" and "net" in schema.predicates:
        net = net_grams(str(cell))
        if net is not None:
            yield FactRecord(id, "net", net, source)


def _predicate_of(column: str, kind: str, schema: Schema) -> str | None:
    for name, rule in schema.predicates.items():
        if kind in rule.of and column in (name, rule.field, rule.label, f"{name}_id"):
            return name
    return None


def _values(cell: Cell, *, several: bool) -> list[Cell]:
    if isinstance(cell, list):
        return cell
    if several and isinstance(cell, str):
        return [part.strip() for part in cell.split(_SEVERAL) if part.strip()]
    return [cell.strip() if isinstance(cell, str) else cell]


def _fen(cell: Cell) -> Cell:
    """Yuan as fen, exactly; what is not a whole number of fen is left for the check to refuse."""
    try:
        fen = Decimal(str(cell)) * 100
    except InvalidOperation:
        return cell
    return int(fen) if fen == fen.to_integral_value() else str(cell)


def _record(subject: str, predicate: str, cell: Cell, rule: Predicate | None, source: str) -> FactRecord | Problem:
    value = cell if rule is None else _typed(cell, rule)
    if value is None or isinstance(value, list):
        return Problem(source, "bad_value", f"{predicate} 的值 {cell!r} 不能用 · the value cannot be used")
    return FactRecord(subject.strip(), predicate, value, source)


def _typed(cell: Cell, rule: Predicate) -> Value | None:
    """The cell as the unit wants it; text that is no number stays text, and the builder says so with the line."""
    if isinstance(cell, bool) or cell is None or isinstance(cell, list):
        return None
    if rule.unit in WHOLE_UNITS:
        if isinstance(cell, float) and cell.is_integer():
            return int(cell)
        text = str(cell).strip().replace(",", "")
        return int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdecimal() else cell
    if rule.unit in DECIMAL_UNITS:
        try:
            return float(cell)
        except ValueError:
            return cell
    return cell if rule.unit == ANY_UNIT else str(cell).strip()


def _take(cells: dict[str, Cell], names: Iterable[str]) -> str | None:
    for name in names:
        if name in cells:
            cell = cells.pop(name)
            if isinstance(cell, float) and cell.is_integer():
                cell = int(cell)
            if cell is not None and str(cell).strip():
                return "|".join(map(str, cell)) if isinstance(cell, list) else str(cell).strip()
    return None
