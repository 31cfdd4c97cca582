"""`training.yml` in the workspace: which encoder, and the budget of wrong answers; the command line goes before it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from bot.encoding.tiers import DEFAULT
from bot.training.settings import TrainingSettings
from kefu.base.errors import ConfigError
from messaging_core.settings import Settings

_FILE = "training.yml"
_KEYS = ("encoder", "wrong_answers")
_TEXT = """\
# 怎样训练机器人；改好后执行 kefu train。How the bot is trained.
# 句向量：default 快；e5 更准，先 kefu models prepare e5；或 kefu models list 里的名字。
# The encoder: default is fast; e5 is better, prepare it first; or a name of `kefu models list`.
encoder: {encoder}
# 答错预算：直接回答的话里，最多允许多少答错。Of the answers given, so many may be wrong.
wrong_answers: {budget}
"""


@dataclass(frozen=True, slots=True)
class TrainingFile:
    """`wrong_answers` is a share: 0.02 is 2 %."""

    encoder: str = DEFAULT
    wrong_answers: float = TrainingSettings().wrong_answers


def training_file(settings: Settings) -> Path:
    """Return where it lies."""
    return settings.data / _FILE


def write_training_file(settings: Settings) -> Path | None:
    """Write it with its defaults and return it; None when there is one."""
    path = training_file(settings)
    if path.exists():
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    chosen = TrainingFile()
    path.write_text(_TEXT.format(encoder=chosen.encoder, budget=f"{chosen.wrong_answers:.0%}"), encoding="utf-8")
    return path


def read_training_file(settings: Settings) -> TrainingFile:
    """Return what it says, the defaults where it is silent or absent; ConfigError naming file, line and key."""
    path = training_file(settings)
    try:
        told = YAML(typ="rt").load(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return TrainingFile()
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ConfigError(f"{path}: 读不了 · cannot be read: {error}") from error
    if told is None:
        return TrainingFile()
    if not isinstance(told, CommentedMap):
        raise ConfigError(f"{path}: 每行写 名字: 值 · lines of key: value are needed; keys: {', '.join(_KEYS)}")
    for key in told:
        if key not in _KEYS:
            line = told.lc.key(key)[0] + 1
            raise ConfigError(f"{path}:{line}: 没有 {key}，可以写 {', '.join(_KEYS)} · unknown key {key!r}")
    encoder = told.get("encoder", DEFAULT)
    if not isinstance(encoder, str) or not encoder:
        raise ConfigError(f"{path}: encoder 要写名字 · encoder is a name, as in `kefu models list`")
    budget = told.get("wrong_answers", TrainingFile().wrong_answers)
    return TrainingFile(encoder, read_budget(budget, str(path)))


def read_budget(told: object, place: str) -> float:
    """Return a share from `2%` or 0.02; ConfigError unless it lies between 0.1 % and 50 %."""
    text = str(told).strip().replace("％", "%")
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = 0.0
    if not 0.001 <= value <= 0.5:
        raise ConfigError(
            f"{place}: wrong_answers 写 0.1% 到 50%，如 2% · is a share from 0.1 % to 50 %, as in 2%, not {told!r}"
        )
    return value
