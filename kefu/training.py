"""Training one bot: from intent files and a FAQ to a bundle in the workspace. It changes nothing that is live."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.encoding.encoder import Encoder
from bot.encoding.tiers import DEFAULT, load_encoder
from bot.retrieval.faq import FaqEntry
from bot.retrieval.turning import AskedFit
from bot.shop import FaqAnswer
from bot.training.example import TrainingExample
from bot.training.pack_examples import pack_entities, pack_examples
from bot.training.report import ReportChange, TrainingReport, compare_reports, report_of_json, training_report
from bot.training.settings import TrainingSettings
from bot.training.train import Trained, train
from bot.training.train_faq import TrainedFaq, train_faq
from bot.understanding.hybrid import Understander
from intents.loader import list_files, load_pack
from intents.model import Pack
from intents.problems import Problem, has_errors
from kefu.base.errors import ConfigError
from kefu.base.texts import Lang
from kefu.bundle import Bundle
from kefu.texts import say
from kefu.warm import WarmBot, remember, warm_bot

Progress = Callable[[str, int, int], None]
Early = Callable[[WarmBot], None]
_LAST_REPORT = "last_report.json"
STAGES = ("check", "encode", "terms", "folds", "head", "faq", "save")


class PackError(ConfigError):
    """The intent files have errors; nothing was trained and what is live stays."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = tuple(problem for problem in problems if problem.severity == "error")
        super().__init__(self.text("zh"))

    def text(self, lang: Lang) -> str:
        """Return all errors, one a line, each with `file:line:column` and its cure."""
        lines = [say("train.pack_broken", lang, {"count": len(self.problems)})]
        lines += [f"  {one.place}: {one.text(lang)} {one.cure(lang)}" for one in self.problems]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class TrainedBot:
    """What a training made; shares run from 0 to 1 and come from texts the judged model had not seen."""

    version: str
    intents: int
    utterances: int
    entries: int
    accuracy: float
    """Share of utterances whose intent was found."""
    answered: float
    """Share of utterances that would have been answered without asking back."""
    wrong: float
    """Share of all utterances that would have been answered wrongly."""
    faq_first: float
    """How often a new wording finds its FAQ entry first."""
    asked: AskedFit | None
    """What adopted questions taught the FAQ's search; None while they are too few."""
    report: TrainingReport
    """Everything that the training found."""
    change: ReportChange | None
    """What is different from the training before, when there was one here."""


def check_pack(folder: Path) -> Pack:
    """Read the intent files; raise PackError when one has an error."""
    pack = load_pack(folder)
    if has_errors(pack.problems):
        raise PackError(pack.problems)
    return pack


def train_bot(
    pack_folder: Path,
    faq: Iterable[FaqAnswer],
    *,
    artefacts: Path,
    cache: Path,
    progress: Progress,
    seed: int = 0,
    wrong_answers: float = TrainingSettings().wrong_answers,
    encoder_name: str = DEFAULT,
    models: Path | None = None,
    early: Early | None = None,
    unlabelled: Iterable[str] = (),
    asked: Iterable[tuple[str, str]] = (),
) -> TrainedBot:
    """Train and save a bundle and return its version; the same files give the same version.

    `progress` hears (stage, done, all), the stages in the order of STAGES; `wrong_answers` is the budget;
    `encoder_name` one of `kefu models list`, prepared in `models`; `early` hears of a version that can be tried before
    this returns; `unlabelled` are messages without intent to learn from; `asked` are questions that customers asked,
    each with the id of its FAQ entry. Raises PackError, or ConfigError when there is too little to learn from.
    """
    progress("check", 0, 1)
    pack = check_pack(pack_folder)
    progress("check", 1, 1)
    encoder = load_encoder(encoder_name, models=models, cache=cache)
    files = {path.relative_to(pack_folder).as_posix(): path.read_text("utf-8-sig") for path in list_files(pack_folder)}
    if early is not None and (warm := warm_bot(pack, files, encoder, artefacts=artefacts, cache=cache, seed=seed)):
        early(warm)
    examples = list(pack_examples(pack))
    trained = train(
        examples,
        encoder,
        seed=seed,
        progress=progress,
        settings=TrainingSettings(wrong_answers=wrong_answers),
        entities=pack_entities(pack),
        unlabelled=unlabelled,
    )
    entries = [FaqEntry(one.faq_id, one.question, one.variants, one.source, one.answer) for one in faq]
    progress("faq", 0, 1)
    questions = _train_faq(entries, examples, trained, encoder, asked)
    progress("faq", 1, 1)
    progress("save", 0, 1)
    version = _save(trained, questions, files, encoder, artefacts=artefacts, cache=cache)
    progress("save", 1, 1)
    return _tell(version, trained, questions, entries=len(entries), last=cache.parent / _LAST_REPORT)


def _train_faq(
    entries: Sequence[FaqEntry],
    examples: Sequence[TrainingExample],
    trained: Trained,
    encoder: Encoder,
    asked: Iterable[tuple[str, str]],
) -> TrainedFaq:
    """Train the FAQ's search, which reads with the new model and learns from what is out of scope."""
    read = Understander(trained.model, encoder).understand_many
    foreign = [one.text for one in examples if one.intent is None]
    return train_faq(entries, encoder, foreign=foreign, read=read, asked=asked)


def _save(
    trained: Trained,
    questions: TrainedFaq,
    files: Mapping[str, str],
    encoder: Encoder,
    *,
    artefacts: Path,
    cache: Path,
) -> str:
    """Save model, FAQ and intent files as one bundle, from which the next training may go on; return its version."""
    trained.artefact.save(artefacts)
    questions.artefact.save(artefacts)
    made = Bundle(trained.artefact.hash, questions.artefact.hash, files)
    bundle = made.artefact(encoder_id=encoder.id)
    bundle.save(artefacts)
    remember(cache, made)
    return bundle.hash


def _tell(version: str, trained: Trained, questions: TrainedFaq, *, entries: int, last: Path) -> TrainedBot:
    """Sum up what was trained; `last` is the file of the training before, and of this one from now on."""
    report = training_report(trained)
    return TrainedBot(
        version=version,
        intents=len(trained.model.intents),
        utterances=len(trained.model.texts),
        entries=entries,
        accuracy=trained.out_of_fold.accuracy,
        answered=trained.risk.coverage,
        wrong=trained.risk.wrong / max(trained.risk.rows, 1),
        faq_first=questions.first_right,
        asked=questions.asked,
        report=report,
        change=_change(report, last),
    )


def _change(report: TrainingReport, file: Path) -> ReportChange | None:
    """Compare with the last training's report, and keep this one for the next."""
    try:
        last = report_of_json(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):  # none yet, or of another program's version
        last = None
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(report.as_json(), ensure_ascii=False), encoding="utf-8")
    return compare_reports(last, report) if last else None
