"""Retrieval sets by their published protocols through the product's own index, with fusion weights chosen on folds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bot.encoding.encoder import Encoder, parts_of
from bot.encoding.tiers import load_encoder
from bot.retrieval.faq import FaqEntry
from bot.retrieval.faq_wordings import FaqWordings, answers, wordings
from bot.retrieval.fusion import AskedLikeness, Fusion
from bot.retrieval.turning import AskedFit, Questions, fit_asked
from bot.understanding.normalise import normalise
from eval.knowledge.figures import Figure
from eval.public.registry import read_public
from kefu.base.errors import ConfigError

_CUT, _FOLDS, _MOST_TUNED, _BATCH = 10, 5, 1_500, 500


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """A set's readers and goals; `tuned_on` names the options of rows that weights may be chosen on, never test's."""

    name: str
    queries: str
    entries: str
    options: dict[str, Any]
    mrr: float
    first: float | None = None
    tuned_on: dict[str, Any] | None = None
    folds: int = 0


SETS = {
    "stackfaq": RetrievalSet("stackfaq, FAQs unseen", "stack_queries", "stack_entries", {}, 0.95),
    "stackfaq_logged": RetrievalSet(
        "stackfaq, logged queries as variants", "stack_queries", "stack_entries", {}, 0.99, folds=_FOLDS
    ),
    "epidemic": RetrievalSet("epidemic_faq_zh", "epidemic_queries", "epidemic_entries", {}, 0.92, 0.88),
    "lcqmc_small": RetrievalSet(
        "lcqmc, 1,500 queries", "lcqmc_queries", "lcqmc_entries", {"size": "small"}, 0.978,
        tuned_on={"size": "full", "part": "valid"},
    ),
    "lcqmc_full": RetrievalSet(
        "lcqmc, all queries", "lcqmc_queries", "lcqmc_entries", {"size": "full"}, 0.945,
        tuned_on={"size": "full", "part": "valid"},
    ),
}  # fmt: skip


def measure_set(name: str, data: Path, *, models: Path, cache: Path) -> Iterator[Figure]:
    """Yield MRR@10 (and the share of first hits) of a set with the quality tier where it is prepared, else the default.

    Without other rows to tune on, weights are chosen on four folds of the queries and judged on the fifth.
    """
    one = SETS[name]
    try:
        encoder = load_encoder("e5", models=models, cache=cache)
    except ConfigError:
        encoder = load_encoder("default", cache=cache)
    if one.folds:
        yield from _logged(one, data, encoder)
    else:
        yield from _figures(one, encoder, *_plain(one, data, encoder))


def _plain(one: RetrievalSet, data: Path, encoder: Encoder) -> tuple[Any, str]:
    found, texts, wanted = _read(one, data, one.options, encoder)
    answer = 0.2 if any(entry.answer for entry in found.entries) else 0.0
    start = Fusion(mean=0.0, answer=answer, answer_lexical=0.0, centred=True)
    if one.tuned_on is not None:
        other, other_texts, other_wanted = _read(one, data, one.tuned_on, encoder)
        fit = _fit(other, other_texts, other_wanted, encoder, start)
        return _ranks(found.turned_by(fit.turn), texts, wanted, encoder, fit.fusion), f"from valid: {_told(fit)}"
    ranks = np.zeros(len(texts))
    # Entries are folded, not questions: what is learned has seen no question of the entries that are asked for.
    entry = np.array([min(one, default=-1) for one in wanted])
    fold = (np.random.default_rng(0).permutation(len(found.entries)) % _FOLDS)[entry]
    for part in range(_FOLDS):
        rest, mine = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        fit = _fit(found, [texts[row] for row in rest], [wanted[row] for row in rest], encoder, start)
        turned = found.turned_by(fit.turn)
        ranks[mine] = _ranks(turned, [texts[row] for row in mine], [wanted[row] for row in mine], encoder, fit.fusion)
    return ranks, f"learned from other entries' questions, last: {_told(fit)}"


def _logged(one: RetrievalSet, data: Path, encoder: Encoder) -> Iterator[Figure]:
    """What customers wrote as wordings, and what it teaches as in `kefu train`, judged on the fifth it lacks."""
    # The likeness to all of an entry's wordings counts as it does by default: what many have said is no accident.
    start = Fusion(answer=0.2, answer_lexical=0.0, centred=True)
    before: list[Any] = []
    after: list[Any] = []
    for fold in range(one.folds):
        found, texts, wanted = _read(one, data, {"fold": fold, "folds": one.folds}, encoder)
        own = [(normalise(text), {place}) for place, entry in enumerate(found.entries) for text in entry.variants]
        fit = _fit(found, [text for text, _ in own], [place for _, place in own], encoder, start)
        before.append(_ranks(found, texts, wanted, encoder, start))
        after.append(_ranks(found.turned_by(fit.turn), texts, wanted, encoder, fit.fusion))
    yield from _figures(one, encoder, np.concatenate(before), "as wordings only, weights by default", judged=False)
    yield from _figures(one, encoder, np.concatenate(after), f"learned from them, last: {_told(fit)}")


def _figures(one: RetrievalSet, encoder: Encoder, ranks: Any, note: str, *, judged: bool = True) -> Iterator[Figure]:
    tier = "e5 + USE" if "+e5-" in encoder.id else "USE alone"
    work = f"{one.name} ({tier})"
    mrr = float(np.mean(np.where(ranks <= _CUT, 1 / ranks, 0)))
    yield Figure(work, "MRR@10" if judged else "MRR@10 before", mrr, "", one.mrr if judged else None, "more", note)
    if judged:
        yield Figure(work, "first hit right", float(np.mean(ranks == 1)), "", one.first, "more")


def _read(
    one: RetrievalSet, data: Path, options: dict[str, Any], encoder: Encoder
) -> tuple[FaqWordings, list[str], list[set[int]]]:
    entries = sorted(
        (
            FaqEntry(row["id"], row["text"], tuple(row.get("variants", ())), place, row.get("answer", ""))
            for row, place in read_public(one.entries, data, options, place=one.name)
        ),
        key=lambda entry: entry.id,
    )
    number = {entry.id: place for place, entry in enumerate(entries)}
    rows = [row for row, _ in read_public(one.queries, data, options, place=one.name)]
    asked = [normalise(row["text"]) for row in rows]
    return (
        _wordings(entries, encoder),
        asked,
        [{number[id] for id in row["relevant"] if id in number} for row in rows],
    )


def _wordings(entries: Sequence[FaqEntry], encoder: Encoder) -> FaqWordings:
    texts, _ = wordings(entries)
    vectors = encoder.encode([normalise(text) for text in texts])
    answer_vectors = encoder.encode([normalise(text) for text in answers(entries)])
    return FaqWordings(entries, vectors, answer_vectors, fusion=Fusion(centred=True), parts=parts_of(encoder))


def _fit(
    found: FaqWordings, texts: Sequence[str], wanted: Sequence[set[int]], encoder: Encoder, start: Fusion
) -> AskedFit:
    drawn = np.random.default_rng(1).permutation(len(texts))[:_MOST_TUNED].tolist()
    drawn = [row for row in drawn if wanted[row]]
    plain = [texts[row] for row in drawn]
    return fit_asked(found, Questions(plain, encoder.encode(plain), [min(wanted[row]) for row in drawn]), start)


def _like(found: FaqWordings, texts: list[str], wanted: list[set[int]], encoder: Encoder) -> AskedLikeness:
    """Nothing is hidden from a question that is judged."""
    return replace(found.asked(texts, encoder.encode(texts), [min(one) for one in wanted]), hidden=None)


def _ranks(found: FaqWordings, texts: list[str], wanted: list[set[int]], encoder: Encoder, fusion: Fusion) -> Any:
    """The rank of the best entry that answers, for each query; without one, past everything."""
    ranks = np.full(len(texts), float(len(found.entries) + 1))
    for start in range(0, len(texts), _BATCH):
        rows = [row for row in range(start, min(start + _BATCH, len(texts))) if wanted[row]]
        like = _like(found, [texts[row] for row in rows], [wanted[row] for row in rows], encoder)
        scores = like.scores(fusion)
        for place, row in enumerate(rows):
            best = max(float(scores[place, entry]) for entry in wanted[row])
            ranks[row] = 1 + int((scores[place] > best).sum())
    return ranks


def _told(fit: AskedFit) -> str:
    one = fit.fusion
    turned = ", vectors turned" if fit.turn is not None else ""
    turned += f", best {one.top} wordings" if one.top > 1 else ""
    return (
        f"vector {one.vector_share:g}, answer {one.answer:g}, its words {one.answer_lexical:g}, hub {one.hub:g}{turned}"
    )
