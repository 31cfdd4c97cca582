"""Which scorers there are. A third party's class joins through the entry point group `kefu.scorers`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from eval.scorers.attributes import AttributeScorer
from eval.scorers.calibration import CalibrationScorer
from eval.scorers.conversation import ConversationScorer
from eval.scorers.entities import EntityScorer
from eval.scorers.flags import HandoffScorer, ModerationScorer
from eval.scorers.graph import GraphScorer
from eval.scorers.intent import IntentScorer
from eval.scorers.latency import LatencyScorer
from eval.scorers.offer import OfferScorer
from eval.scorers.recommendation import RecommendationScorer
from eval.scorers.retrieval import RetrievalScorer
from eval.scorers.satisfaction import SatisfactionScorer
from eval.scorers.scope import ScopeScorer
from eval.scorers.scorer import Scorer
from eval.scorers.turns import TurnScorer

_OURS: tuple[type[Scorer], ...] = (
    IntentScorer,
    CalibrationScorer,
    ScopeScorer,
    EntityScorer,
    RetrievalScorer,
    GraphScorer,
    AttributeScorer,
    RecommendationScorer,
    HandoffScorer,
    SatisfactionScorer,
    OfferScorer,
    ModerationScorer,
    LatencyScorer,
    TurnScorer,
    ConversationScorer,
)
SCORERS: dict[str, type[Scorer]] = {
    **{scorer.name: scorer for scorer in _OURS},
    **{point.name: point.load() for point in entry_points(group="kefu.scorers")},
}


def scorer_name(entry: str | Mapping[str, Any]) -> str:
    """Return the name of a suite's entry: `scope` or `{name: scope, recall: 0.9}`."""
    return entry if isinstance(entry, str) else str(entry.get("name"))


def make_scorer(entry: str | Mapping[str, Any]) -> Scorer:
    """Return a scorer with its options; raise TypeError or ValueError for options that it does not take."""
    options = {} if isinstance(entry, str) else {key: value for key, value in entry.items() if key != "name"}
    return SCORERS[scorer_name(entry)](**options)
