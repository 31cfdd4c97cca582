"""Write intents, word lists and answers as a new file in Rasa's format. (To change a file in place: `editor`.)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from intents.annotations import parse_annotations, write_annotations
from intents.model import About, Example, Intent, IntentFile, Json, Pack, Response, Value, Variant
from intents.yaml_text import name_text, quoted, value_lines

HEAD = 'version: "3.1"'


def write_pack(pack: Pack) -> str:
    """Return a whole pack as one file."""
    implied = _implied(pack.intents.values())
    synonyms = {text: value for text, value in pack.synonyms.items() if implied.get(text) != value}
    patterns: dict[str, list[str]] = {}
    for pattern in pack.patterns:
        patterns.setdefault(pattern.name, []).append(pattern.pattern)
    return _write(pack.intents.values(), synonyms, patterns, pack.lookups, pack.responses.values())


def write_file(content: IntentFile) -> str:
    """Return the content of one file anew: comments are gone, faults too."""
    from intents.merge import merge_files

    return write_pack(merge_files([content]))


def _implied(intents: Iterable[Intent]) -> dict[str, Value]:
    """Return the synonyms that the annotations of the examples state by themselves."""
    return {
        example.text[entity.start : entity.end]: entity.value
        for intent in intents
        for example in intent.examples
        for entity in example.entities
    }


def _write(
    intents: Iterable[Intent],
    synonyms: Mapping[str, Value],
    patterns: Mapping[str, list[str]],
    lookups: Mapping[str, Iterable[str]],
    responses: Iterable[Response],
) -> str:
    items = [intent_lines(intent) for intent in intents]
    meanings: dict[str, list[str]] = {}
    for text, value in synonyms.items():
        # A number as a meaning exists only in an annotation; a synonym item takes texts.
        meanings.setdefault(str(value), []).append(text)
    for kind, lists in (("synonym", meanings), ("regex", patterns), ("lookup", lookups)):
        items += [
            [f"- {kind}: {name_text(name)}", "  examples: |", *(f"    - {text}".rstrip(" ") for text in texts)]
            for name, texts in lists.items()
        ]
    lines = [HEAD]
    if items:
        lines += ["", "nlu:"]
        for number, item in enumerate(items):
            lines += ([""] if number else []) + item
    answers = [line for response in responses for line in response_lines(response)]
    if answers:
        lines += ["", "responses:", *answers]
    return "\n".join(lines) + "\n"


def example_source(example: Example) -> str:
    """Return an example as it is written: with its annotations."""
    parsed = parse_annotations(example.source)
    if example.source and (parsed.text, parsed.entities) == (example.text, example.entities):
        return example.source
    return write_annotations(example.text, example.entities)


def intent_lines(intent: Intent) -> list[str]:
    """Return an intent as the lines of an item under `nlu:`."""
    lines = [f"- intent: {name_text(intent.name)}"]
    metadata = about_value(intent.about)
    if metadata is not None:
        lines += value_lines({"metadata": metadata}, 2)
    sources = [(example_source(example), example.metadata) for example in intent.examples]
    if all(metadata is None and "\n" not in source for source, metadata in sources):
        return [*lines, "  examples: |", *(f"    - {source}".rstrip(" ") for source, _ in sources)]
    lines.append("  examples:")
    for source, metadata in sources:
        lines.append(f"  - text: {quoted(source)}")
        if metadata is not None:
            lines += value_lines({"metadata": metadata}, 4)
    return lines


def about_value(about: About) -> Json:
    """Return the metadata as written, or, for an intent made by a program, from its fields."""
    if about.raw is not None:
        return about.raw
    value: dict[str, Json] = {}
    for key in ("description", "handoff", "owner", "version"):
        written = getattr(about, key)
        if written is not None:
            value[key] = written
    if about.slots:
        value["slots"] = [{"name": slot.name, "prompt": slot.prompt} for slot in about.slots]
    if about.near_misses:
        value["near_misses"] = [
            {"text": miss.text, "intent": miss.intent} if miss.intent else miss.text for miss in about.near_misses
        ]
    return value or None


def response_lines(response: Response) -> list[str]:
    """Return an answer as the lines of an entry under `responses:`."""
    if not response.variants:
        return [f"  {name_text(response.name)}: []"]
    return value_lines({response.name: [variant_value(one) for one in response.variants]}, 2)


def variant_value(variant: Variant) -> Json:
    """Return a wording as written, or, for one made by a program, from its fields."""
    if variant.raw is not None:
        return variant.raw
    metadata: dict[str, Json] = {}
    if variant.condition is not None:
        metadata["when"] = variant.condition.when
        metadata["cue" if variant.condition.when == "cue" else "slot"] = variant.condition.name
    if variant.cards:
        metadata["cards"] = [{"kind": card.kind, **card.data} for card in variant.cards]
    if variant.buttons:
        metadata["buttons"] = [{"title": one.title, "payload": one.payload} for one in variant.buttons]
    value: dict[str, Json] = {"text": variant.text or ""}
    if variant.channel is not None:
        value["channel"] = variant.channel
    if metadata:
        value["metadata"] = metadata
    return value
