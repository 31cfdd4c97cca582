"""What `kefu intents check` looks at besides the syntax: the files' content, and what a model sees in them."""

from __future__ import annotations

from intents.model import Pack
from intents.problems import Problem


def check_quality(pack: Pack) -> list[Problem]:
    """Return the findings that need no model."""
    from intents.quality import find_quality_problems  # here, so that other commands start fast

    return find_quality_problems(pack)


def check_semantics(pack: Pack) -> list[Problem]:
    """Return the findings of the default encoder; its vectors are kept in the workspace for the next check."""
    from bot.encoding.cache import CachedEncoder
    from bot.encoding.use import UseEncoder
    from bot.training.semantic_checks import find_semantic_problems
    from kefu.workspace import vectors_folder
    from messaging_core.settings import load_settings

    folder = vectors_folder(load_settings())
    return find_semantic_problems(pack, lambda: CachedEncoder(UseEncoder(), folder))


def check_leakage(pack: Pack) -> list[Problem]:
    """Return the utterances that stand, word for word or nearly, in the open part of a suite.

    Suites: those that ship, and those in `suites/` of the workspace; sealed parts are never read here.
    """
    from importlib import resources
    from pathlib import Path

    from bot.training.pack_examples import pack_examples
    from eval.leakage.check import find_leaks
    from eval.samples.read import read_samples
    from eval.spec.model import Leakage
    from eval.spec.read import find_suites, read_suite
    from messaging_core.settings import load_settings

    own = load_settings().data / "suites"
    folders = [Path(str(resources.files("eval") / "suites" / "retail_zh")), *([own] if own.is_dir() else [])]
    samples = [one for path in find_suites(folders) for one in read_samples(read_suite(path), release=False)]
    rules = Leakage(exact="warn", near="warn", semantic="off")
    places = {f"{one.place.file}:{one.place.line}": one for intent in pack.intents.values() for one in intent.examples}
    found = []
    for leak in find_leaks(samples, list(pack_examples(pack)), rules, None).leaks:
        example = places[leak.known_place]
        where = Path(leak.place).name
        found.append(
            Problem("suite_leak", example.place, {"text": leak.text, "where": where}, example.source or example.text)
        )
    return found


INTENT_CHECKS = (check_quality, check_semantics, check_leakage)
