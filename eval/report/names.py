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
    return " · ".join(
        [kind_of(log), *(log.target[key].rpartition("/")[2][:10] for key in _HASHES if log.target.get(key))]
    )


def kind_of(log: RunLog) -> str:
    """Return a target's kind with its address, factory, encoder or settings: the same through all its versions."""
    told = (log.target.get(key, "") for key in ("kind", "url", "factory", "tier", "settings"))
    return " · ".join(value for value in told if value)


def name_of(log: RunLog, lang: Lang, *, several: bool) -> str:
    """Return a suite's title, with the target when `several` runs share it."""
    return f"{title_of(log, lang)}  [{target_of(log)}]" if several else title_of(log, lang)


def shared_suites(logs: Sequence[RunLog]) -> set[str]:
    """Return the suites that more than one of the runs has."""
    return {suite for suite, count in Counter(log.suite.suite for log in logs).items() if count > 1}


def name_among(log: RunLog, logs: Sequence[RunLog], lang: Lang) -> str:
    """Return what a run is called beside others."""
    return name_of(log, lang, several=log.suite.suite in shared_suites(logs))
