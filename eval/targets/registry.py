"""Which targets there are. A third party's class joins through the entry point group `kefu.targets`."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from eval.targets.abuse_score import AbuseScoreTarget
from eval.targets.bot import BotTarget
from eval.targets.faq_index import FaqIndexTarget
from eval.targets.floor import FloorTarget, PopularityTarget
from eval.targets.graph import GraphTarget
from eval.targets.http_predict import HttpPredictTarget
from eval.targets.intent_model import IntentModelTarget
from eval.targets.openai import OpenAiTarget
from eval.targets.places import PlacesTarget
from eval.targets.rasa import RasaTarget
from eval.targets.recommender import RecommenderTarget
from eval.targets.satisfaction_model import SatisfactionModelTarget
from eval.targets.target import Target
from eval.targets.webhook import WebhookTarget
from eval.targets.wire import WireTarget

TARGETS: dict[str, type[Target[Any]]] = {
    "intent_model": IntentModelTarget,
    "faq_index": FaqIndexTarget,
    "graph": GraphTarget,
    "places": PlacesTarget,
    "satisfaction_model": SatisfactionModelTarget,
    "recommender": RecommenderTarget,
    "abuse_score": AbuseScoreTarget,
    "floor": FloorTarget,
    "popularity": PopularityTarget,
    "bot": BotTarget,
    "http": HttpPredictTarget,
    "rasa": RasaTarget,
    "openai": OpenAiTarget,
    "webhook": WebhookTarget,
    "wire": WireTarget,
    **{point.name: point.load() for point in entry_points(group="kefu.targets")},
}
