"""How runs are called: by their suite, and by their target where one suite was asked of several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from eval.run.log import RunLog
from kefu.base.texts import Lang

_HASHES = ("model", "bundle")


def title_of(log: RunLog, lang: Lang) -> str:
    """Return a suite's title."""
    return log.suite.title.zh if lang == "zh" else log.suite.title.en


def target_of(log: RunLog) -> str:
    """Return a target's kind and what tells it from others of its kind: address, factory, the model's first letters."""
    told = [log.target.get("kind", "")]
    for key, value in log.target.items():
        if key not in ("kind", "encoder") and value:
            told.append(value.rpartition("/")[2][:10] if key in _HASHES else value)
    return " · ".join(told)


def name_of(log: RunLog, lang: Lang, *, several: bool) -> str:
    """Return a suite's title, with the target when `several` runs share it."""
    return f"{title_of(log, lang)}  [{target_of(log)}]" if several else title_of(log, lang)


def shared_suites(logs: Sequence[RunLog]) -> set[str]:
    """Return the suites that more than one of the runs has."""
    return {suite for suite, count in Counter(log.suite.suite for log in logs).items() if count > 1}
