"""From signals to a verdict: calibrated probabilities, in scope or not, and the chance that an answer is right."""

from __future__ import annotations

from dataclasses import dataclass

from bot.understanding.answer_score import AnswerScore, answer_features
from bot.understanding.calibration import Calibration
from bot.understanding.out_of_scope import ScopeScore, scope_features
from bot.understanding.signals import Signals
from bot.understanding.tfidf import Floats


@dataclass(frozen=True, slots=True)
class Verdicts:
    """For n texts: `probabilities` (n, intents), `in_scope` (n,) at even odds, `sureness` (n,) as in AnswerScore."""

    probabilities: Floats
    in_scope: Floats
    sureness: Floats


@dataclass(frozen=True, slots=True)
class Stack:
    """The three small models over the heads, fitted on rows that the heads had not seen."""

    calibration: Calibration
    scope: ScopeScore
    answer: AnswerScore

    def judge(self, signals: Signals) -> Verdicts:
        """Return the verdicts on n texts."""
        probabilities = self.calibration.probabilities(signals.scores)
        in_scope = self.scope.score(scope_features(signals, probabilities))
        sureness = self.answer.score(answer_features(signals, probabilities, in_scope))
        return Verdicts(probabilities=probabilities, in_scope=in_scope, sureness=sureness)
