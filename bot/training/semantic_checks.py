"""What a model sees in intent files and a parser cannot: wrong labels, stray utterances, word lists cut by jieba."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import rjieba

from bot.encoding.encoder import Encoder
from bot.training.label_errors import LabelFinding, find_label_errors
from bot.training.pack_examples import OUT_OF_SCOPE
from bot.understanding.normalise import normalise
from intents.model import Example, Pack, Place
from intents.problems import Problem

# More of these are a list that nobody reads.
_MOST_STRAYS = 50
# Each is compared with each: twice as many take four times as long. So many take some minutes.
_MOST_ROWS = 60_000


def find_semantic_problems(pack: Pack, encoder: Callable[[], Encoder], *, most_rows: int = _MOST_ROWS) -> list[Problem]:
    """Return probable label errors, utterances nearer to another intent (both worst first), and badly cut terms.

    Of more than `most_rows` utterances a part is compared, evenly from each intent, and a problem says so.
    """
    # What is out of scope has nothing in common: there is no label to doubt.
    meant = [intent for intent in pack.intents.values() if intent.base != OUT_OF_SCOPE]
    rows = [(intent.base, example) for intent in meant for example in intent.examples if example.text]
    rows.sort(key=lambda row: (row[0], row[1].text, row[1].place))
    problems = [*_cut_terms(pack, [example for _, example in rows])]
    names = sorted({name for name, _ in rows})
    if len(rows) > most_rows:
        place = Place(rows[0][1].place.file, 1, 1)
        problems.append(Problem("too_many_to_compare", place, {"count": str(len(rows)), "most": str(most_rows)}))
        rows = [rows[number * len(rows) // most_rows] for number in range(most_rows)]
    if len(names) > 1:
        labels = np.array([names.index(name) for name, _ in rows], dtype=np.int64)
        vectors = encoder().encode([normalise(example.text) for _, example in rows])
        found = find_label_errors(vectors, labels)
        problems += [_problem("label_suspect", rows, names, one) for one in found.suspects]
        problems += [_problem("nearer_to_other", rows, names, one) for one in found.strays[:_MOST_STRAYS]]
    return problems


def _problem(code: str, rows: list[tuple[str, Example]], names: list[str], found: LabelFinding) -> Problem:
    name, example = rows[found.row]
    rival = rows[found.rival_row][1]
    data = {
        "name": name,
        "rival": names[found.rival],
        "text": rival.text,
        "where": f"{rival.place.file}:{rival.place.line}",
        "belief": f"{100 * found.belief:.1f}",
    }
    return Problem(code, example.place, data, example.source or example.text)


def _cut_terms(pack: Pack, examples: list[Example]) -> Iterator[Problem]:
    """Find terms whose edge falls into a word of the dictionary, in an utterance that holds them: each term once."""
    terms = {term: (name, len(term)) for name, listed in pack.lookups.items() for term in listed if len(term) > 1}
    if not terms:
        return
    shown: set[str] = set()
    by_first: dict[str, list[str]] = {}
    for term in sorted(terms, key=len, reverse=True):
        by_first.setdefault(term[0], []).append(term)
    for example in examples:
        edges: set[int] | None = None
        for start, char in enumerate(example.text):
            found = (one for one in by_first.get(char, ()) if example.text.startswith(one, start))
            term = next(found, "")
            if not term or term in shown:
                continue
            if edges is None:
                edges = _edges(example.text)
            end = start + len(term)
            if start not in edges or end not in edges:
                shown.add(term)
                word = _crossing(example.text, start, end)
                data = {"text": term, "name": terms[term][0], "word": word}
                yield Problem("lookup_cut", example.place, data, example.source or example.text)


def _edges(text: str) -> set[int]:
    edges, place = {0}, 0
    for word in rjieba.cut(text):
        place += len(word)
        edges.add(place)
    return edges


def _crossing(text: str, start: int, end: int) -> str:
    """Return the word of the dictionary that runs over the term's edge."""
    place = 0
    for word in rjieba.cut(text):
        following = place + len(word)
        if place < start < following or place < end < following:
            return str(word)
        place = following
    return ""
