"""Our own keys under an intent's `metadata`. Whatever Rasa accepts stays in `raw`; wrong shapes are only pointed at."""

from __future__ import annotations

from intents.model import HANDOFFS, About, Handoff, NearMiss, Place, Slot
from intents.source import Source
from intents.yaml_tree import Mapping, Scalar, Sequence, Tree, plain_value


def read_about(source: Source, tree: Tree | None) -> About:
    """Return what the metadata of an intent says; keys of others are kept in `raw` without a word."""
    if tree is None:
        return About()
    raw = plain_value(tree)
    if not isinstance(tree, Mapping):
        return About(raw=raw)
    return About(
        description=_text(source, tree, "description"),
        near_misses=tuple(_near_misses(source, tree.find("near_misses"))),
        slots=tuple(_slots(source, tree.find("slots"))),
        handoff=_handoff(source, tree.find("handoff")),
        owner=_text(source, tree, "owner"),
        version=_text(source, tree, "version"),
        raw=raw,
    )


def _text(source: Source, tree: Mapping, key: str) -> str | None:
    value = tree.find(key)
    if value is None:
        return None
    if isinstance(value, Scalar):
        # `version: 2` is as good as `version: "2"` here: nothing is calculated with it.
        return None if value.kind == "null" else value.text
    source.report("metadata_shape", value.line, value.column, key=key, wanted="text")
    return None


def _handoff(source: Source, value: Tree | None) -> Handoff | None:
    if value is None:
        return None
    written = value.text if isinstance(value, Scalar) else ""
    for known in HANDOFFS:
        if written == known:
            return known
    source.report("handoff_unknown", value.line, value.column, value=written)
    return None


def _entries(source: Source, value: Tree | None, key: str, wanted: str) -> tuple[Tree, ...]:
    if value is None or (isinstance(value, Scalar) and value.kind == "null"):
        return ()
    if isinstance(value, Sequence):
        return value.items
    source.report("metadata_shape", value.line, value.column, key=key, wanted=wanted)
    return ()


def _field(entry: Mapping, key: str) -> str | None:
    value = entry.find(key)
    return value.text if isinstance(value, Scalar) and value.kind != "null" else None


def _near_misses(source: Source, value: Tree | None) -> list[NearMiss]:
    wanted = "- {text: …, intent: …}"
    found: list[NearMiss] = []
    for entry in _entries(source, value, "near_misses", wanted):
        place = Place(source.file, entry.line, entry.column)
        text = _field(entry, "text") if isinstance(entry, Mapping) else None
        if isinstance(entry, Scalar) and entry.kind != "null":
            found.append(NearMiss(entry.text, None, place))
        elif isinstance(entry, Mapping) and text:
            found.append(NearMiss(text, _field(entry, "intent"), place))
        else:
            source.report("metadata_shape", entry.line, entry.column, key="near_misses", wanted=wanted)
    return found


def _slots(source: Source, value: Tree | None) -> list[Slot]:
    wanted = "- {name: …, prompt: …}"
    found: list[Slot] = []
    for entry in _entries(source, value, "slots", wanted):
        name, prompt = (_field(entry, "name"), _field(entry, "prompt")) if isinstance(entry, Mapping) else (None, None)
        if name and prompt:
            found.append(Slot(name, prompt))
        else:
            source.report("metadata_shape", entry.line, entry.column, key="slots", wanted=wanted)
    return found
