"""Learn what texts ask for from customers' questions with what each asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from kefu.base.errors import ConfigError
from knowledge_graph.asking.asks import AskModel, grams_of, signs_of
from knowledge_graph.graph import KnowledgeGraph

LEAST_EXAMPLES = 5
_LEAST = 0.15
_STRENGTH = 30.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a customer wrote, the predicates that he asked for (none is an example too), and what was spoken of last.

    `focus` are node ids, the latest first.
    """

    text: str
    asks: tuple[str, ...] = ()
    focus: tuple[str, ...] = ()


def learn_asks(graph: KnowledgeGraph, examples: Sequence[Asked], *, least: float = _LEAST) -> AskModel:
    """Fit one logistic regression a predicate; one with fewer than five examples is left to the schema's words.

    ConfigError names a predicate that the schema does not have, and says when nothing can be learned.
    """
    unknown = sorted({name for one in examples for name in one.asks} - set(graph.schema.predicates))
    if unknown:
        raise ConfigError(f"没有这种属性：{unknown[0]} · the schema has no predicate {unknown[0]!r}")
    counts = Counter(name for one in examples for name in set(one.asks))
    labels = tuple(
        name for name in graph.schema.predicates if LEAST_EXAMPLES <= counts[name] <= len(examples) - LEAST_EXAMPLES
    )
    if not labels:
        raise ConfigError(f"每种属性至少要 {LEAST_EXAMPLES} 个问法 · a predicate needs {LEAST_EXAMPLES} examples")
    signs = [
        signs_of(one.text, graph.link(one.text, focus=one.focus), schema=graph.schema, about=_kind(graph, one.focus))
        for one in examples
    ]
    vectorizer = TfidfVectorizer(analyzer=grams_of, min_df=2, sublinear_tf=True, dtype=np.float32)
    rows = vectorizer.fit_transform(signs)
    weights, bias = [], []
    for label in labels:
        wanted = np.array([label in one.asks for one in examples])
        fitted = LogisticRegression(C=_STRENGTH, solver="liblinear", random_state=0).fit(rows, wanted)
        weights.append(fitted.coef_[0])
        bias.append(fitted.intercept_[0])
    return AskModel(
        labels,
        {str(gram): int(number) for gram, number in vectorizer.vocabulary_.items()},
        np.asarray(vectorizer.idf_, dtype=np.float32),
        np.asarray(weights, dtype=np.float32).T.copy(),
        np.asarray(bias, dtype=np.float32),
        least,
    )


def _kind(graph: KnowledgeGraph, focus: Sequence[str]) -> str:
    node = graph.find_node(focus[0]) if focus else None
    return "" if node is None else node.kind
