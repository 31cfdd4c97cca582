"""Many files become one pack: same names are joined, and what contradicts itself is reported."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields, replace

from intents.model import About, Example, Intent, IntentFile, Pack, Place, Response, Value
from intents.problems import Problem, sort_problems


def merge_files(files: Iterable[IntentFile]) -> Pack:
    """Join files into a pack; they are taken in the order of their names, so the order they come in is no matter."""
    ordered = sorted(files, key=lambda one: one.file)
    problems = [problem for one in ordered for problem in one.problems]
    intents = _join_intents(ordered, problems)
    lookups: dict[str, list[str]] = {}
    for term in (term for one in ordered for term in one.terms):
        lookups.setdefault(term.name, []).append(term.text)
    _check_near_misses(intents, problems)
    return Pack(
        intents=intents,
        synonyms=_join_synonyms(ordered, problems),
        patterns=tuple(pattern for one in ordered for pattern in one.patterns),
        lookups={name: tuple(terms) for name, terms in lookups.items()},
        responses=_join_responses(ordered, problems),
        files=tuple(one.file for one in ordered),
        problems=sort_problems(problems),
    )


def _join_intents(files: list[IntentFile], problems: list[Problem]) -> dict[str, Intent]:
    joined: dict[str, list[Intent]] = {}
    for intent in (intent for one in files for intent in one.intents):
        joined.setdefault(intent.name, []).append(intent)
    return {name: _join_intent(parts, problems) for name, parts in joined.items()}


def _join_intent(parts: list[Intent], problems: list[Problem]) -> Intent:
    seen: dict[tuple[object, ...], Place] = {}
    examples: list[Example] = []
    for example in (example for part in parts for example in part.examples):
        # A dict has no hash; its JSON has.
        key = (example.text, example.entities, json.dumps(example.metadata, sort_keys=True))
        if key in seen:
            data = {"first": str(seen[key]), "name": parts[0].name}
            problems.append(Problem("duplicate_example", example.place, data, example.source))
            continue
        seen[key] = example.place
        examples.append(example)
    about = parts[0].about
    for part in parts[1:]:
        about = _join_about(about, part, problems)
    return Intent(parts[0].name, tuple(examples), about, tuple(place for part in parts for place in part.places))


def _join_about(about: About, part: Intent, problems: list[Problem]) -> About:
    """Add the metadata of a further block of the same intent: lists grow, of single values the last one counts."""
    new = part.about
    if new == About():
        return about
    changes: dict[str, object] = {}
    for name in (field.name for field in fields(About)):
        old_value, value = getattr(about, name), getattr(new, name)
        if not value or value == old_value:
            continue
        if isinstance(value, tuple):
            changes[name] = old_value + tuple(one for one in value if one not in old_value)
        elif isinstance(value, dict) and isinstance(old_value, dict):
            changes[name] = {**old_value, **value}
        else:
            if old_value and name != "raw":
                data = {"key": name, "name": part.name, "old": str(old_value), "new": str(value)}
                problems.append(Problem("metadata_conflict", part.places[0], data))
            changes[name] = value
    return replace(about, **changes)  # type: ignore[arg-type]


def _join_synonyms(files: list[IntentFile], problems: list[Problem]) -> dict[str, Value]:
    meanings: dict[str, Value] = {}
    for synonym in (synonym for one in files for synonym in one.synonyms):
        old = meanings.get(synonym.text)
        if old is not None and old != synonym.value:
            data = {"text": synonym.text, "old": str(old), "new": str(synonym.value)}
            problems.append(Problem("synonym_conflict", synonym.place, data, synonym.text))
        meanings[synonym.text] = synonym.value
    return meanings


def _join_responses(files: list[IntentFile], problems: list[Problem]) -> dict[str, Response]:
    responses: dict[str, Response] = {}
    for response in (response for one in files for response in one.responses):
        if response.name in responses:
            data = {"name": response.name, "first": str(responses[response.name].place)}
            problems.append(Problem("response_repeated", response.place, data, response.name))
        responses[response.name] = response
    return responses


def _check_near_misses(intents: dict[str, Intent], problems: list[Problem]) -> None:
    for intent in intents.values():
        for miss in intent.about.near_misses:
            if miss.intent is not None and miss.intent not in intents:
                data = {"intent": miss.intent, "name": intent.name}
                problems.append(Problem("near_miss_unknown", miss.place, data, miss.text))
