"""Entity annotations inside an example: `[text](entity)` and its longer forms, read exactly as Rasa reads them.

There is no escape: what does not fit one of the forms to the letter is plain text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from intents.model import Entity, Json, Value

# [text] followed without a gap by (entity), (entity:value), {json} or [list]. A text ends at the first `]`.
_ANNOTATION = re.compile(
    r"""\[(?P<text>[^\]]+)\]
    (?: \((?P<entity>[^:)]+)(?::(?P<value>[^)]+))?\)
      | \{(?P<one>[^}]+)\}
      | \[(?P<many>[^\n]*?)\] )""",
    re.VERBOSE,
)
MAX_HINTS = 5  # of one example; more say nothing new
_OBJECT = re.compile(r"\{([^}]+)\}")
_FULL_WIDTH = re.compile(r"[［【\[][^［【\[\]】］]+[\]】］](?:[（(][^（()）]+[)）]|｛[^｛}｝]+[}｝])")
_UNREAD = re.compile(r"\[[^\[\]]*\]+[ \t]*(?:\([^()]*\)|\{[^{}]*\})")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong or odd at code point `start` of the example as written."""

    code: str
    start: int
    written: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Annotated:
    """An example taken apart. With a fault among `errors` Rasa would reject the whole file."""

    text: str
    entities: tuple[Entity, ...]
    errors: tuple[Fault, ...] = ()
    hints: tuple[Fault, ...] = ()


class _WrongObjectError(ValueError):
    pass


def parse_annotations(source: str) -> Annotated:
    """Take the annotations out of an example; offsets count code points of the text that remains.

    A wrong JSON object becomes an error and its span plain text without entity; odd spellings become hints.
    """
    if "[" not in source and "［" not in source and "【" not in source:
        return Annotated(source, ())
    plain: list[str] = []
    entities: list[Entity] = []
    errors: list[Fault] = []
    hints: list[Fault] = []
    length = at = 0
    for match in _find(source):
        before, text = source[at : match.start()], match["text"]
        hints += _odd(before, at)
        start = length + len(before)
        try:
            found = _entities(match, start, start + len(text))
            if match["many"] is not None and not found:
                hints.append(Fault("annotation_list_empty", match.start(), match[0]))
            entities += found
        except _WrongObjectError as wrong:
            errors.append(Fault("annotation_json", match.start(), match[0], str(wrong)))
        plain += (before, text)
        length, at = start + len(text), match.end()
    hints += _odd(source[at:], at)
    plain.append(source[at:])
    return Annotated("".join(plain), tuple(entities), tuple(errors), tuple(hints[:MAX_HINTS]))


def _find(source: str) -> Iterator[re.Match[str]]:
    """Yield the annotations from left to right, in a time that does not grow with the square of the brackets."""
    start = source.find("[")
    while start >= 0 and (closing := source.find("]", start)) >= 0:
        match = _ANNOTATION.match(source, start)
        if match is not None:
            yield match
        # A further `[` before the same `]` would be followed by the same, and fail as well.
        start = source.find("[", match.end() if match is not None else closing + 1)


def _entities(match: re.Match[str], start: int, end: int) -> list[Entity]:
    """Return the entities of one annotation; raise _WrongObjectError."""
    text = match["text"]
    if match["entity"] is not None:
        return [Entity(start, end, match["entity"], match["value"] or text)]
    objects = [match["one"]] if match["one"] is not None else _OBJECT.findall(match["many"])
    return [_from_object(body, text, start, end) for body in objects]


def _from_object(body: str, text: str, start: int, end: int) -> Entity:
    try:
        data = json.loads("{" + body + "}")
    except (ValueError, RecursionError) as error:
        raise _WrongObjectError(str(error)) from error
    if not isinstance(data.get("entity"), str):
        raise _WrongObjectError('"entity": "…"')
    for key in ("role", "group"):
        if key in data and not isinstance(data[key], str):
            raise _WrongObjectError(f'"{key}": "…"')
    value = data.get("value", text)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _WrongObjectError('"value": "…"')
    # An empty role or group counts as none.
    return Entity(start, end, data["entity"], value, data.get("role") or None, data.get("group") or None)


def _odd(rest: str, offset: int) -> list[Fault]:
    """Point at plain text that somebody probably meant as an annotation."""
    full = [Fault("bracket_full_width", offset + m.start(), m[0]) for m in _FULL_WIDTH.finditer(rest) if _wide(m[0])]
    return full + [Fault("annotation_unread", offset + m.start(), m[0]) for m in _UNREAD.finditer(rest)]


def _wide(written: str) -> bool:
    return any(sign in written for sign in "［】］【（）｛｝")


def write_annotations(text: str, entities: Sequence[Entity]) -> str:
    """Return the example as a line of a file; raise ValueError for spans that overlap or lie outside the text."""
    spans: dict[tuple[int, int], list[Entity]] = {}
    for entity in sorted(entities, key=lambda one: (one.start, one.end)):
        spans.setdefault((entity.start, entity.end), []).append(entity)
    parts: list[str] = []
    at = 0
    for (start, end), group in spans.items():
        if not at <= start < end <= len(text):
            raise ValueError(f"the span {start}..{end} overlaps another or lies outside of {text!r}")
        parts += (text[at:start], f"[{text[start:end]}]", _mark(text[start:end], group))
        at = end
    return "".join([*parts, text[at:]])


def _mark(text: str, group: list[Entity]) -> str:
    if len(group) > 1:
        return "[" + ", ".join(_object(text, one) for one in group) + "]"
    (one,) = group
    if one.role is None and one.group is None and not re.search(r"[:)]", one.entity) and one.entity:
        if one.value == text:
            return f"({one.entity})"
        if isinstance(one.value, str) and one.value and ")" not in one.value:
            return f"({one.entity}:{one.value})"
    return _object(text, one)


def _object(text: str, one: Entity) -> str:
    data: dict[str, Json] = {"entity": one.entity}
    if one.role is not None:
        data["role"] = one.role
    if one.group is not None:
        data["group"] = one.group
    value: Value = one.value
    if value != text:
        data["value"] = value
    # A `}` or `]` would end the annotation early, so JSON spells both as escapes.
    written = json.dumps(data, ensure_ascii=False)
    return "{" + written[1:-1].replace("}", "\\u007d").replace("{", "\\u007b").replace("]", "\\u005d") + "}"
