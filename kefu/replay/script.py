"""What is played: dialogues as customers' turns, from JSON lines of what happened or from a written suite."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from intents.source import UnreadableError, load_source
from intents.yaml_tree import BrokenYamlError, Mapping, Scalar, Sequence, Tree, parse_yaml
from kefu.base.errors import ConfigError

ACTS = ("reply", "clarify", "recommend", "hand_off", "silent")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a written turn must bring; empty fields ask nothing."""

    acts: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    not_contains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """One dialogue: the customer's turns, each of one message or a burst. `customer` is an id of the shop."""

    id: str
    turns: tuple[tuple[str, ...], ...]
    place: str
    customer: str | None = None
    expected: Expected | None = None
    tags: tuple[str, ...] = field(default=())


def read_scripts(path: Path) -> list[Script]:
    """Read `.jsonl` (dialogues) or `.yaml` (a suite); raise ConfigError with file:line for what is neither."""
    scripts = _read_dialogues(path) if path.suffix == ".jsonl" else _read_suite(path)
    seen: set[str] = set()
    for script in scripts:
        if script.id in seen:
            raise ConfigError(f"{script.place}: 编号 {script.id} 重复 · this id stands twice")
        seen.add(script.id)
    if not scripts:
        raise ConfigError(f"{path}: 没有对话 · holds no dialogue")
    return scripts


def _read_dialogues(path: Path) -> list[Script]:
    """Lines of `{"dialogue_id", "turns": [{"role": "user" | "system", "text"}]}`; a run of user rows is one turn."""
    scripts = []
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: 读不到 · cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            row = json.loads(line)
            turns = _bursts(row["turns"])
            script_id = str(row["dialogue_id"])
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"{place}: 不是一段对话 · is no dialogue: {error!r}") from error
        if turns:
            scripts.append(Script(id=script_id, turns=turns, place=place))
    return scripts


def _bursts(rows: list[dict[str, Any]]) -> tuple[tuple[str, ...], ...]:
    bursts: list[list[str]] = []
    before = ""
    for row in rows:
        if row["role"] == "user" and str(row["text"]).strip():
            if before == "user":
                bursts[-1].append(str(row["text"]))
            else:
                bursts.append([str(row["text"])])
        before = row["role"]
    return tuple(tuple(burst) for burst in bursts)


def _read_suite(path: Path) -> list[Script]:
    """A list of `{turns: [..], expect: {act, contains, any_of, not_contains}, customer}`; a turn may be a list."""
    try:
        tree = parse_yaml(load_source(path, str(path)))
    except UnreadableError as error:
        raise ConfigError(f"{path}: {error.problem.text('zh')} {error.problem.cure('zh')}") from error
    except BrokenYamlError as error:
        raise ConfigError(f"{path}:{error.line}: {error.words}") from error
    if not isinstance(tree, Sequence):
        raise _wrong(path, tree.line if tree is not None else 1, "应该是一个列表 · must be a list")
    return [_sample(path, item, number) for number, item in enumerate(tree.items, 1)]


def _sample(path: Path, item: Tree, number: int) -> Script:
    if not isinstance(item, Mapping):
        raise _wrong(path, item.line, "每一项应该有 turns · each item needs turns")
    unknown = [key for key, _ in item.pairs if key.text not in ("id", "turns", "expect", "customer", "tags")]
    if unknown:
        raise _wrong(path, unknown[0].line, f"不认识“{unknown[0].text}” · unknown key")
    turns = item.find("turns")
    if not isinstance(turns, Sequence) or not turns.items:
        raise _wrong(path, item.line, "turns 应该是一个列表 · turns must be a list")
    name, customer = item.find("id"), item.find("customer")
    return Script(
        id=name.text if isinstance(name, Scalar) else f"{path.stem}-{number}",
        turns=tuple(_texts(path, turn) for turn in turns.items),
        place=f"{path}:{item.line}",
        customer=customer.text if isinstance(customer, Scalar) and customer.kind == "str" else None,
        expected=_expected(path, item.find("expect")),
        tags=_texts(path, item.find("tags")),
    )


def _expected(path: Path, tree: Tree | None) -> Expected | None:
    if tree is None:
        return None
    if not isinstance(tree, Mapping):
        raise _wrong(path, tree.line, "expect 应该是一组键值 · expect must be a mapping")
    known = ("act", "contains", "facts", "any_of", "not_contains")
    for key, _ in tree.pairs:
        if key.text not in known:
            raise _wrong(path, key.line, f"不认识“{key.text}”，可用 {', '.join(known)} · unknown key")
    acts = _texts(path, tree.find("act"))
    if wrong := [act for act in acts if act not in ACTS]:
        raise _wrong(path, tree.line, f"act 没有“{wrong[0]}”，可用 {', '.join(ACTS)} · unknown act")
    return Expected(
        acts=acts,
        contains=(*_texts(path, tree.find("contains")), *_texts(path, tree.find("facts"))),
        any_of=_texts(path, tree.find("any_of")),
        not_contains=_texts(path, tree.find("not_contains")),
    )


def _texts(path: Path, tree: Tree | None) -> tuple[str, ...]:
    if tree is None or (isinstance(tree, Scalar) and tree.kind == "null"):
        return ()
    if isinstance(tree, Scalar):
        return (tree.text,)
    if isinstance(tree, Sequence) and all(isinstance(item, Scalar) for item in tree.items):
        return tuple(item.text for item in tree.items if isinstance(item, Scalar))
    raise _wrong(path, tree.line, "应该是文字或文字列表 · must be a text or a list of texts")


def _wrong(path: Path, line: int, text: str) -> ConfigError:
    return ConfigError(f"{path}:{line}: {text}")
