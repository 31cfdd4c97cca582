"""The knobs of training; they are part of an artefact's name."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from bot.artefact import Json


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """Chosen on the validation parts of three public sets.

    `few` is the median number of examples an intent up to which the few-shot heads are used; `term_min_count` drops
    terms of fewer texts (1 is used below `small` rows); `oof_rows` bounds the rows scored out of fold. The vector
    weight is the length of 512 standardised dimensions (few: of all) next to the length 1 of the word and of the
    character features. Of unlabelled messages at most
    `most_unlabelled` are used, each counting `guess_weight` of an example. `wrong_answers` is the budget: the share of
    answers that may be wrong; the promise holds with probability 1 - `delta`.
    """

    svm_c: float = 0.5
    regression_c: float = 0.01
    few_c: float = 10.0
    vector_weight: float = 1.25
    few_vector_weight: float = 1.5
    few: int = 10
    guess_weight: float = 0.3
    most_unlabelled: int = 2_000
    term_min_count: int = 2
    small: int = 5_000
    folds: int = 5
    oof_rows: int = 4_000
    foreign_recall: float = 0.95
    most_declined: float = 0.10
    wrong_answers: float = 0.05
    delta: float = 0.01

    def as_json(self) -> dict[str, Json]:
        """All fields by name."""
        return dict(asdict(self))
