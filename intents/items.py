"""The items under `nlu:`: intents, synonyms, regular expressions and word lists."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches

from intents.about import read_about
from intents.examples import Line, read_block, read_examples
from intents.model import Intent, Pattern, Place, Synonym, Term
from intents.source import Source
from intents.yaml_tree import Mapping, Scalar, Tree

KINDS = ("intent", "synonym", "regex", "lookup")


@dataclass(slots=True)
class Items:
    """What the items of one file say, in their order."""

    intents: list[Intent] = field(default_factory=list)
    synonyms: list[Synonym] = field(default_factory=list)
    patterns: list[Pattern] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)


def read_items(source: Source, trees: list[Tree]) -> Items:
    """Read all items; what is wrong is reported and the rest kept."""
    items = Items()
    for tree in trees:
        if isinstance(tree, Mapping):
            _read_item(source, tree, items)
        else:
            source.report("item_no_mapping", tree.line, tree.column)
    return items


def _read_item(source: Source, tree: Mapping, items: Items) -> None:
    kinds = [key for key, _ in tree.pairs if key.text in KINDS]
    if len(kinds) > 1:
        source.report("two_kinds", kinds[1].line, kinds[1].column, first=kinds[0].text, second=kinds[1].text)
        return
    kind = kinds[0].text if kinds else ""
    allowed = [kind, "examples", *(["metadata"] if kind in ("intent", "") else [])]
    unknown = [key for key, _ in tree.pairs if key.text not in allowed]
    for key in unknown:
        close = get_close_matches(key.text, [*allowed, *(() if kinds else KINDS)], 1)
        cure = close[0] if close and close[0] else ", ".join(name for name in allowed if name)
        source.report("unknown_key", key.line, key.column, key=key.text, cure_key=cure)
    if not kinds:
        if not unknown:
            source.report("no_kind", tree.line, tree.column)
        return
    name = _read_name(source, kinds[0], tree)
    if name is None:
        return
    examples = tree.find("examples")
    if examples is None and unknown:
        # The misspelt key is the cause and was reported.
        examples = Scalar("str", "", "", kinds[0].line, kinds[0].column)
        if kind != "intent":
            return
    if kind == "intent":
        _read_intent(source, tree, name, kinds[0], examples, items, misspelt=bool(unknown))
    else:
        _read_lines(source, kind, name, kinds[0], examples, items)


def _read_name(source: Source, key: Scalar, tree: Mapping) -> str | None:
    value = tree.find(key.text)
    if value is None or (isinstance(value, Scalar) and (value.kind == "null" or value.text == "")):
        source.report("name_empty", key.line, key.column, kind=key.text)
        return None
    if not isinstance(value, Scalar) or value.kind != "str":
        text = value.text if isinstance(value, Scalar) else "…"
        if not isinstance(value, Scalar) or value.kind != "tag":
            source.report("name_no_text", value.line, value.column, kind=key.text, name=text)
        return None
    if key.text != "intent":
        return value.text
    if value.text.count("/") > 1 or value.text.startswith("/"):
        source.report("name_slashes", value.line, value.column, name=value.text)
        return None
    if value.text != value.text.strip():
        source.report("name_spaces", value.line, value.column, name=value.text.strip())
    return value.text.strip().removesuffix("/")


def _read_intent(
    source: Source, tree: Mapping, name: str, key: Scalar, examples: Tree | None, items: Items, *, misspelt: bool
) -> None:
    place = Place(source.file, key.line, key.column)
    if misspelt and tree.find("examples") is None:
        items.intents.append(Intent(name, (), read_about(source, tree.find("metadata")), (place,)))
        return
    read = read_examples(source, examples, name, key)
    items.intents.append(Intent(name, read, read_about(source, tree.find("metadata")), (place,)))
    for example in read:
        for entity in example.entities:
            text = example.text[entity.start : entity.end]
            if text != entity.value:
                items.synonyms.append(Synonym(text, entity.value, example.place))


def _read_lines(source: Source, kind: str, name: str, key: Scalar, examples: Tree | None, items: Items) -> None:
    if examples is None or (isinstance(examples, Scalar) and (examples.kind == "null" or not examples.text)):
        source.report("examples_empty", key.line, key.column, name=name)
        return
    if not isinstance(examples, Scalar) or examples.kind != "str":
        source.report("examples_shape", examples.line, examples.column, name=name)
        return
    for line in read_block(source, examples):
        place = Place(source.file, line.line, line.column)
        if kind == "synonym":
            items.synonyms.append(Synonym(line.text, name, place))
        elif kind == "lookup":
            items.terms.append(Term(name, line.text, place))
        elif _compiles(source, line):
            items.patterns.append(Pattern(name, line.text, place))


def _compiles(source: Source, line: Line) -> bool:
    try:
        re.compile(line.text)
    except (re.error, RecursionError, OverflowError) as error:
        source.report("regex_wrong", line.line, line.column, reason=str(error))
        return False
    return True
