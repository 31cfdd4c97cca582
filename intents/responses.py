"""Answers: `utter_<intent>` under `responses:`, with our conditions, cards and buttons in a variant's `metadata`."""

from __future__ import annotations

from intents.model import Button, Card, Condition, Json, Place, Response, Variant
from intents.source import Source
from intents.yaml_tree import Mapping, Scalar, Sequence, Tree, plain_value

_KEYS = {
    "id": "str",
    "text": "str",
    "image": "str",
    "custom": "map",
    "buttons": "list",
    "button_type": "str",
    "quick_replies": "list",
    "attachment": "map",
    "elements": "list",
    "channel": "str",
    "metadata": "any",
    "condition": "list",
}
_WHEN = {"missing_slot": "slot", "has_slot": "slot", "cue": "cue"}


def read_responses(source: Source, answers: list[tuple[Scalar, Tree]]) -> list[Response]:
    """Read all answers; a variant that Rasa would reject or that has a condition nobody knows is left out."""
    found: dict[str, Response] = {}
    for key, tree in answers:
        if not isinstance(tree, Sequence):
            if source.was_cut(key.line):
                continue
            source.report("response_no_list", tree.line, tree.column, name=key.text)
            continue
        if key.text in found:
            # Only a broken file gets here with a key twice; the tree's own check speaks for sound ones.
            source.report("yaml_key_twice", key.line, key.column, key=key.text)
            continue
        variants = [variant for entry in tree.items for variant in _read_variant(source, key.text, entry)]
        found[key.text] = Response(key.text, tuple(variants), Place(source.file, key.line, key.column))
    return list(found.values())


def _read_variant(source: Source, name: str, entry: Tree) -> list[Variant]:
    if not isinstance(entry, Mapping):
        source.report("variant_no_mapping", entry.line, entry.column, name=name)
        return []
    sound = True
    for key, value in entry.pairs:
        if key.text not in _KEYS:
            source.report("variant_key", key.line, key.column, key=key.text)
        elif not _has_shape(value, _KEYS[key.text]):
            source.report("variant_shape", value.line, value.column, key=key.text)
            sound = False
    text, custom = entry.find("text"), entry.find("custom")
    spoken = isinstance(text, Scalar) and text.kind == "str"
    if sound and not spoken and not (isinstance(custom, Mapping) and custom.pairs):
        source.report("variant_empty", entry.line, entry.column, name=name)
        sound = False
    metadata = entry.find("metadata")
    ours = metadata if isinstance(metadata, Mapping) else Mapping((), 0, 0)
    condition, known = _condition(source, ours)
    if not sound or not known:
        return []
    channel = entry.find("channel")
    return [
        Variant(
            text=text.text if isinstance(text, Scalar) and text.kind == "str" else None,
            condition=condition,
            buttons=(*_buttons(source, entry.find("buttons")), *_buttons(source, ours.find("buttons"))),
            cards=_cards(source, ours.find("cards")),
            channel=channel.text if isinstance(channel, Scalar) else None,
            raw=plain_value(entry),
            place=Place(source.file, entry.line, entry.column),
        )
    ]


def _has_shape(value: Tree, shape: str) -> bool:
    if isinstance(value, Scalar) and value.kind == "null":
        return True
    if shape == "map":
        return isinstance(value, Mapping)
    if shape == "list":
        return isinstance(value, Sequence)
    return shape == "any" or (isinstance(value, Scalar) and value.kind == "str")


def _condition(source: Source, ours: Mapping) -> tuple[Condition | None, bool]:
    """Return the condition, and False when one is written that we cannot keep: better silent than wrong."""
    when = ours.find("when")
    if when is None:
        return None, True
    written = when.text if isinstance(when, Scalar) else ""
    needed = _WHEN.get(written, "slot")
    name = ours.find(needed)
    if isinstance(name, Scalar) and name.text:
        if written == "missing_slot":
            return Condition("missing_slot", name.text), True
        if written == "has_slot":
            return Condition("has_slot", name.text), True
        if written == "cue":
            return Condition("cue", name.text), True
    code = "condition_name" if written in _WHEN else "condition_unknown"
    source.report(code, when.line, when.column, when=written, key=needed)
    return None, False


def _buttons(source: Source, value: Tree | None) -> tuple[Button, ...]:
    found: list[Button] = []
    for entry in _list(source, value, "buttons"):
        title, payload = (
            (_word(entry, "title"), _word(entry, "payload")) if isinstance(entry, Mapping) else (None, None)
        )
        if title is None or payload is None:
            source.report("button_shape", entry.line, entry.column)
        elif not title:
            source.report("button_untitled", entry.line, entry.column)
        else:
            # A button without payload says its title.
            found.append(Button(title, payload or title))
    return tuple(found)


def _word(entry: Mapping, key: str) -> str | None:
    """Return a text, empty when the key is missing, None when it holds something else."""
    value = entry.find(key)
    if value is None or (isinstance(value, Scalar) and value.kind == "null"):
        return ""
    return value.text if isinstance(value, Scalar) and value.kind == "str" else None


def _cards(source: Source, value: Tree | None) -> tuple[Card, ...]:
    found: list[Card] = []
    for entry in _list(source, value, "cards"):
        data: Json = plain_value(entry)
        kind = data.get("kind") if isinstance(data, dict) else None
        if isinstance(data, dict) and isinstance(kind, str) and kind:
            found.append(Card(kind, {key: one for key, one in data.items() if key != "kind"}))
        else:
            source.report("card_shape", entry.line, entry.column)
    return tuple(found)


def _list(source: Source, value: Tree | None, key: str) -> tuple[Tree, ...]:
    if value is None or (isinstance(value, Scalar) and value.kind == "null"):
        return ()
    if isinstance(value, Sequence):
        return value.items
    source.report("variant_shape", value.line, value.column, key=key)
    return ()
