"""The guard that reads: listed words in any disguise and the learned abuse score hold a message for a human.

It never refuses. Machines are not read; customers, members, agents and persons are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from kefu.base.errors import ConfigError
from messaging_core.kernel.unit import Unit
from messaging_core.messages.guards import Candidate, Rule, Wait
from messaging_core.messages.kinds import find_words
from messaging_core.safety import policy, store
from messaging_core.safety.abuse import shipped_head
from messaging_core.safety.screening import Screener, Word, read_words
from messaging_core.settings import Safety

MEMORY = "screening_words"
"""In `Tools.memory`: enterprise -> its screener, None when it has no words of its own."""

_HEAD, _TAIL = b'{"text":"', b'"}'


class ScreenGuard(Rule):
    """Holds what a human should look at first."""

    def __init__(self, unit: Unit, own: dict[int, Screener | None]) -> None:
        self._unit = unit
        self._rules = unit.tools.settings.safety
        self._screener = platform_screener(self._rules.words_file)
        self._own = own
        self._watched: list[tuple[Candidate, Wait]] = []

    @classmethod
    def load(cls, unit: Unit, candidates: Sequence[Candidate]) -> ScreenGuard:
        """Return the guard; the words of enterprises are read once and kept until they change."""
        own: dict[int, Screener | None] = unit.tools.memory.setdefault(MEMORY, {})
        ids = {one.row.enterprise_id for one in candidates if one.row.enterprise_id is not None}
        missing = sorted(ids - own.keys())
        if missing:
            words: dict[int, list[Word]] = {id_: [] for id_ in missing}
            for row in store.list_words_of(unit.connection, missing):
                words[row.enterprise_id].append(Word(row.word, row.category))
            own.update({id_: Screener(listed) if listed else None for id_, listed in words.items()})
        return cls(unit, own)

    def judge(self, candidate: Candidate) -> Wait | None:
        """Hold a message in which something was found."""
        if candidate.request.actor.is_machine:
            return None
        text = text_of(candidate.request.kind, candidate.request.v, candidate.request.body)
        wait = self._look(text, candidate.row.enterprise_id) if text else None
        if wait is None:
            return None
        mode = policy.mode_of(wait.rule, self._rules)
        if mode == "shadow":
            self._watched.append((candidate, wait))
        return wait if mode == "on" else None

    def write(self, unit: Unit) -> None:
        """Write whom rules that are only watched would have held."""
        if self._watched:
            day = policy.business_day(unit.now_us, policy.zone_of(self._rules.time_zone))
            met = {(one.request.actor.account_id, wait.rule) for one, wait in self._watched}
            store.note_sanctions(
                unit.connection,
                [store.sanction(unit, id_, rule, episode=day, shadow=True) for id_, rule in sorted(met)],
            )

    def _look(self, text: str, enterprise_id: int | None) -> Wait | None:
        hits = self._screener.screen(text)
        if hits:
            return Wait("held", "screening", found=tuple(hit.word.text for hit in hits))
        own = self._own.get(enterprise_id) if enterprise_id is not None else None
        hits = own.screen(text) if own is not None else ()
        if hits:
            return Wait("held", "enterprise_words", found=tuple(hit.word.text for hit in hits))
        if text.isascii():  # the shipped head has learned Chinese only
            return None
        score = shipped_head().score(text)
        if score >= self._rules.abuse_score:
            return Wait("held", "abuse_score", score=round(score, 4))
        return None


def text_of(kind: str, v: int, body: bytes) -> str:
    """Return what people read in a message; of an ordinary text without decoding it."""
    if kind == "text" and b"\\" not in body:
        return body[len(_HEAD) : -len(_TAIL)].decode()
    return find_words(kind, v, body)


@cache
def platform_screener(words_file: str) -> Screener:
    """Return the screener of the platform: the shipped words and those of the operator's file."""
    with resources.as_file(resources.files(__package__).joinpath("words.txt")) as path:
        words = read_words(path)
    if words_file:
        own = Path(words_file)
        if not own.is_file():
            raise ConfigError(f"KEFU_SAFETY__WORDS_FILE: 没有这个文件 · {words_file} is no file")
        words += read_words(own)
    return Screener(words)


def check_settings(rules: Safety) -> None:
    """Raise ConfigError for a rule that does not exist, and for words that cannot be read."""
    for name in ("shadow", "off"):
        unknown = [rule for rule in getattr(rules, name).split() if rule not in policy.RULES]
        if unknown:
            raise ConfigError(f"KEFU_SAFETY__{name.upper()}: 没有这条规则 {unknown[0]} · is no rule of {policy.RULES}")
    platform_screener(rules.words_file)
