"""Import of nlp.js corpora: JSON with intents, utterances, answers and entities with options."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from intents.imported import Collector, Imported, ImportRefusedError, Output, one_line
from intents.merge import merge_files
from intents.model import About, Entity, Example, Intent, Json, Pattern, Place, Slot, Synonym, Term
from intents.problems import Problem, sort_problems
from intents.source import UnreadableError, load_source
from intents.writer import write_file

# Where nlp.js keeps what no intent is meant for; as an intent it would be answered.
_FOREIGN, _OUT_OF_SCOPE = "None", "out_of_scope"
_MENTION = re.compile(r"%(\w+)%|@(\w+)|\{\{\s*(\w+)\s*\}\}")


def import_nlpjs(path: Path) -> Imported:
    """Read a corpus; `tests` stay out (they are no training data). Raises ImportRefusedError for another JSON."""
    corpus = _load(path)
    data = corpus.get("data")
    if not isinstance(data, list):
        raise ImportRefusedError(Problem("import_no_corpus", Place(path.name, 1, 1)))
    collector = Collector(path.name)
    written = corpus.get("entities")
    entities = written if isinstance(written, dict) else {}
    options = _options(entities)
    known: dict[str, Intent] = {}
    for number, record in enumerate(data, 1):
        if isinstance(record, dict):
            _read_record(collector, record, number, options, known)
    content = replace(
        collector.finish(known), terms=_terms(options), synonyms=_synonyms(options), patterns=_patterns(entities)
    )
    read = merge_files([content])
    output = Output(f"{path.stem}.yml", write_file(content).encode())
    return Imported((output,), read, sort_problems([*collector.problems, *read.problems]))


def _load(path: Path) -> dict[str, Json]:
    try:
        text = load_source(path, path.name).text
    except UnreadableError as error:
        raise ImportRefusedError(error.problem) from error
    try:
        corpus = json.loads(text)
    except json.JSONDecodeError as error:
        place = Place(path.name, error.lineno, error.colno)
        raise ImportRefusedError(Problem("import_json", place, {"reason": error.msg})) from error
    except (RecursionError, ValueError) as error:
        raise ImportRefusedError(Problem("import_json", Place(path.name, 1, 1), {"reason": str(error)})) from error
    return corpus if isinstance(corpus, dict) else {}


def _texts(value: Json) -> list[str]:
    """Return the texts of a list, of a single text, or of lists keyed by language."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [one for one in value if isinstance(one, str)]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    return []


def _options(entities: dict[str, Json]) -> dict[str, dict[str, list[str]]]:
    """Return entity -> option -> its texts."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, entity in entities.items():
        options = entity.get("options") if isinstance(entity, dict) else None
        if isinstance(options, dict):
            found[name] = {option: list(map(one_line, _texts(texts))) or [option] for option, texts in options.items()}
    return found


def _read_record(
    collector: Collector,
    record: dict[str, Json],
    number: int,
    options: Mapping[str, dict[str, list[str]]],
    known: dict[str, Intent],
) -> None:
    written = record.get("intent")
    if not isinstance(written, str) or not written.strip():
        collector.report("import_no_intent", number)
        return
    name = collector.name(written, number)
    if name == _FOREIGN:
        collector.report("import_name", number, name=name, new=_OUT_OF_SCOPE)
        name = _OUT_OF_SCOPE
    known.setdefault(name, Intent(name, about=About(slots=_slots(record.get("slotFilling")))))
    for index, text in enumerate(_texts(record.get("utterances"))):
        _add(collector, name, one_line(text), number, index, options)
    answers = record.get("answers", [])
    for answer in answers if isinstance(answers, list) else [answers]:
        if isinstance(answer, str):
            collector.answer(name, answer)
        elif isinstance(answer, dict) and isinstance(said := answer.get("answer"), str):
            if answer.get("opts"):
                collector.report("import_condition", number, name=name, condition=str(answer["opts"]))
                continue
            collector.answer(name, said)


def _slots(filling: Json) -> tuple[Slot, ...]:
    found: list[Slot] = []
    for name, rule in filling.items() if isinstance(filling, dict) else ():
        question = _texts(rule.get("question")) if isinstance(rule, dict) and rule.get("mandatory") else []
        if question:
            found.append(Slot(name, question[0]))
    return tuple(found)


def _add(
    collector: Collector, intent: str, text: str, number: int, turn: int, options: Mapping[str, dict[str, list[str]]]
) -> None:
    """Add an utterance; a mention such as `@size` becomes one of the entity's words, annotated, in turn."""
    plain, at = "", 0
    entities: list[Entity] = []
    for match in _MENTION.finditer(text):
        name = match[1] or match[2] or match[3]
        choices = options.get(name)
        if not choices:
            continue
        option = list(choices)[turn % len(choices)]
        word = choices[option][0] or option
        plain += text[at : match.start()]
        entities.append(Entity(len(plain), len(plain) + len(word), name, option))
        plain, at = plain + word, match.end()
    if not entities or any(sign in text for sign in "[]"):
        collector.example(intent, text, number)
        return
    collector.annotated(intent, Example(plain + text[at:], tuple(entities)))


def _terms(options: Mapping[str, dict[str, list[str]]]) -> tuple[Term, ...]:
    return tuple(
        Term(name, text) for name, choices in options.items() for texts in choices.values() for text in texts if text
    )


def _synonyms(options: Mapping[str, dict[str, list[str]]]) -> tuple[Synonym, ...]:
    return tuple(
        Synonym(text, option)
        for choices in options.values()
        for option, texts in choices.items()
        for text in texts
        if text and text != option
    )


def _patterns(entities: dict[str, Json]) -> tuple[Pattern, ...]:
    found: list[Pattern] = []
    for name, entity in entities.items():
        for written in _texts(entity.get("regex")) if isinstance(entity, dict) else []:
            # JavaScript writes /…/gi; the flags have no place in the file.
            match = re.fullmatch(r"/(.*)/[a-z]*", written, re.DOTALL)
            found.append(Pattern(name, one_line(match[1] if match else written)))
    return tuple(found)
