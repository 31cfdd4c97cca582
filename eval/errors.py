"""What an evaluation refuses or cannot do, and the exit code that says so.

ConfigError                (kefu.base.errors)
└── EvalError              code and data, text in two languages, `place` when a file is to blame
    ├── SuiteError         the suite or its data is wrong          exit 2
    └── TargetError        what is to be judged cannot be asked    exit 3
PluginError
└── SampleError            one sample failed: counted, never passed
"""

from __future__ import annotations

from typing import Any

from eval.texts import say
from kefu.base.errors import ConfigError, PluginError
from kefu.base.texts import Lang

PASSED, MISSED, REFUSED, UNREACHABLE = 0, 1, 2, 3


class EvalError(ConfigError):
    """An expected refusal; `text(lang)` names the place and the cure."""

    exit_code = REFUSED

    def __init__(self, code: str, /, *, place: str = "", **data: object) -> None:
        self.code, self.place, self.data = code, place, data
        super().__init__(self.text("zh"))

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.code, self.place, self.data)

    def text(self, lang: Lang) -> str:
        """Return the message for a person."""
        told = say(f"error.{self.code}", lang, self.data)
        return f"{self.place}: {told}" if self.place else told


def _again(kind: type[EvalError], code: str, place: str, data: dict[str, object]) -> EvalError:
    """Make an error that came from another process."""
    return kind(code, place=place, **data)


class SuiteError(EvalError):
    """A suite file or a data file says something that cannot be run."""


class TargetError(EvalError):
    """What is to be judged is missing, down or refuses us."""

    exit_code = UNREACHABLE


class SampleError(PluginError):
    """One sample could not be answered; `code` is a word for counting (`timeout`, `nonsense`, `refused`, ...)."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code, self.why = code, why
