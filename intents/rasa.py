"""Rasa folders in and out. The format is the same, so files are taken as they are, comments and order included."""

from __future__ import annotations

from pathlib import Path

from intents.imported import Imported, ImportRefusedError, Output
from intents.loader import load_files
from intents.merge import merge_files
from intents.model import IntentFile, Pack, Place
from intents.problems import Problem, has_errors
from intents.writer import HEAD, write_file
from intents.yaml_text import name_text, value_lines


def import_rasa(folder: Path) -> Imported:
    """Take the training data and answers of a Rasa project; config, stories and the like stay behind.

    A file with errors is written anew from what could be read of it; the others are copied byte for byte.
    Raises ImportRefusedError when there is nothing to take.
    """
    files = [one for one in load_files(folder) if not (_is_empty(one) and not has_errors(one.problems))]
    if all(_is_empty(one) for one in files):
        raise ImportRefusedError(_reason(folder, files))
    root = folder if folder.is_dir() else folder.parent
    outputs = tuple(_copy(root, one, one.file) for one in files if not _is_empty(one))
    pack = merge_files(files)
    # Of a domain file everything but its answers stays unused; there is no need to say so key by key.
    problems = tuple(problem for problem in pack.problems if problem.code != "section_ignored")
    return Imported(outputs, pack, problems)


def export_rasa(source: Path) -> Imported:
    """Make a Rasa project's `data/` and `domain.yml` from a folder of ours; raise ImportRefusedError when empty."""
    files = load_files(source)
    pack = merge_files(files)
    root = source if source.is_dir() else source.parent
    taken = [one for one in files if not _is_empty(one)]
    if not taken:
        raise ImportRefusedError(_reason(source, files))
    outputs = [_copy(root, one, f"data/{one.file}") for one in taken]
    outputs.append(Output("domain.yml", _domain(pack).encode()))
    return Imported(tuple(outputs), pack, pack.problems)


def _reason(folder: Path, files: list[IntentFile]) -> Problem:
    """Return why there is nothing: the first error, or that there is no file."""
    errors = [problem for one in files for problem in one.problems if problem.severity == "error"]
    return errors[0] if errors else Problem("folder_empty", Place(folder.name, 1, 1), {"path": folder.name})


def _is_empty(one: IntentFile) -> bool:
    return not (one.intents or one.synonyms or one.patterns or one.terms or one.responses)


def _copy(root: Path, one: IntentFile, name: str) -> Output:
    if has_errors(one.problems):
        return Output(name, write_file(one).encode())
    return Output(name, (root / one.file).read_bytes())


def _domain(pack: Pack) -> str:
    """Return what a domain must list: intents without response keys, entities with their roles and groups."""
    entities: dict[str, tuple[set[str], set[str]]] = {}
    for name in (*pack.lookups, *(pattern.name for pattern in pack.patterns)):
        entities.setdefault(name, (set(), set()))
    for intent in pack.intents.values():
        for entity in (entity for example in intent.examples for entity in example.entities):
            roles, groups = entities.setdefault(entity.entity, (set(), set()))
            if entity.role is not None:
                roles.add(entity.role)
            if entity.group is not None:
                groups.add(entity.group)
    lines = [HEAD, "", "intents:" if pack.intents else "intents: []"]
    lines += [f"- {name_text(name)}" for name in dict.fromkeys(intent.base for intent in pack.intents.values())]
    lines += ["", "entities:" if entities else "entities: []"]
    for name, (roles, groups) in entities.items():
        more = {key: sorted(found) for key, found in (("roles", roles), ("groups", groups)) if found}
        if more:
            lines += [f"- {name_text(name)}:", *value_lines({key: [*found] for key, found in more.items()}, 4)]
        else:
            lines.append(f"- {name_text(name)}")
    return "\n".join(lines) + "\n"
