"""What is wrong with a single record, whatever the graph holds besides."""

from __future__ import annotations

from knowledge_graph.records import FactRecord, NodeRecord, Problem
from knowledge_graph.schema import ANY_UNIT, DECIMAL_UNITS, WHOLE_UNITS, Predicate, Schema

_LARGEST = 2**62


def node_problem(record: NodeRecord, schema: Schema) -> Problem | None:
    """An unknown kind, or an empty id or name."""
    if record.kind not in schema.kinds:
        known = "、".join(schema.kinds)
        text = f"没有 {record.kind!r} 这种节点，可用的有 {known} · unknown kind"
        return Problem(record.source, "unknown_kind", text)
    if not record.id.strip() or not record.name.strip():
        return Problem(record.source, "empty", "编号和名称不能为空 · id and name must not be empty")
    return None


def fact_problem(record: FactRecord, kind: str, schema: Schema) -> Problem | None:
    """What is wrong with a fact of a node of `kind`; where an edge leads is not looked at."""
    rule = schema.predicates.get(record.predicate)
    if rule is None:
        known = "、".join(schema.predicates)
        text = f"没有 {record.predicate!r} 这种属性或关系，可用的有 {known} · unknown predicate"
        return Problem(record.source, "unknown_predicate", text)
    if kind not in rule.of:
        allowed = "、".join(rule.of)
        text = f"{rule.label}（{record.predicate}）不能用在 {kind} 上，只用于 {allowed} · wrong kind of node"
        return Problem(record.source, "wrong_kind", text)
    starts, ends = record.valid_from_us, record.valid_to_us
    if starts is not None and ends is not None and ends <= starts:
        return Problem(record.source, "empty_validity", "结束时间不晚于开始时间 · it ends before it starts")
    return None if rule.unit in schema.kinds else value_problem(record, rule)


def value_problem(record: FactRecord, rule: Predicate) -> Problem | None:
    """What is wrong with an attribute's value: its type, or a bound."""
    value, unit = record.value, rule.unit
    if unit in WHOLE_UNITS:
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= _LARGEST:
            text = f"{rule.label} 应是整数（单位 {unit}），这里是 {value!r} · a whole number is needed"
            return Problem(record.source, "not_a_number", text)
        if rule.min is not None and value < rule.min:
            return Problem(record.source, "too_small", f"{rule.label} 不能小于 {rule.min}，这里是 {value} · too small")
        if rule.max is not None and value > rule.max:
            return Problem(record.source, "too_large", f"{rule.label} 不能大于 {rule.max}，这里是 {value} · too large")
        return None
    if unit in DECIMAL_UNITS:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            return Problem(
                record.source, "not_a_number", f"{rule.label} 应是数字，这里是 {value!r} · a number is needed"
            )
        return None
    if unit != ANY_UNIT and (not isinstance(value, str) or not value.strip()):
        return Problem(record.source, "empty", f"{rule.label} 不能为空 · must not be empty")
    if rule.order and value not in rule.order:
        text = f"{rule.label} 只能是 {'、'.join(rule.order)}，这里是 {value!r} · not one of the known values"
        return Problem(record.source, "unknown_value", text)
    return None
