"""Placeholders in answers, filled from the shop's facts as of the turn: a fact that does not hold is not told.

`{policy:name}` or `{policy:name|form}`, `{promotion:id.field|form}` with the fields name, text, valid_from, valid_to,
`{promotions:running}` and `{promotions:upcoming}`. Forms: money, number, list, date, datetime, last_date.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.decision import Evidence
from bot.gather.finding import Promise, PromiseKind
from bot.replies.render import day, instant, last_day, render
from bot.shop import PolicyFact, Promotion

_PLACE = re.compile(r"\{(policy|promotion|promotions):([a-z0-9_.]+)(?:\|([a-z_]+))?\}")


class UnfillableError(Exception):
    """A placeholder names a fact that does not hold now, or that nobody knows; `over` when its promotion has ended."""

    def __init__(self, place: str, *, over: bool = False) -> None:
        super().__init__(place)
        self.place = place
        self.over = over


@dataclass(frozen=True, slots=True)
class Filled:
    """A text without placeholders, and what its numbers rest on."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    promises: tuple[Promise, ...] = ()
    grounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """The rules and promotions as of an instant; `promotions` holds ended ones too, which may only be named."""

    facts: Sequence[PolicyFact]
    promotions: Sequence[Promotion]
    at_us: int
    zone: str

    def find(self, name: str) -> PolicyFact | None:
        """Return a fact that holds now, or that a promotion to come announces."""
        for fact in self.facts:
            if fact.name == name:
                return fact
        for promotion in self.promotions:
            if promotion.valid_to_us > self.at_us:
                for fact in promotion.facts:
                    if fact.name == name:
                        return fact
        return None

    def is_over(self, name: str) -> bool:
        """Whether a fact belongs to a promotion that has ended."""
        return any(
            fact.name == name
            for promotion in self.promotions
            if promotion.valid_to_us <= self.at_us
            for fact in promotion.facts
        )

    @property
    def running(self) -> list[Promotion]:
        """The promotions that run now."""
        return [p for p in self.promotions if p.valid_from_us <= self.at_us < p.valid_to_us]

    @property
    def upcoming(self) -> list[Promotion]:
        """The promotions that have not begun."""
        return [p for p in self.promotions if p.valid_from_us > self.at_us]


def has_places(text: str) -> bool:
    """Whether a text has placeholders."""
    return _PLACE.search(text) is not None


def without_places(text: str) -> str:
    """Return what a text says besides its placeholders."""
    return _PLACE.sub(" ", text)


def fill(text: str, facts: ShopFacts) -> Filled:
    """Fill every placeholder; raise UnfillableError for the first that cannot be."""
    evidence: list[Evidence] = []
    promises: list[Promise] = []
    grounds: list[str] = []

    def put(match: re.Match[str]) -> str:
        kind, name, form = match.groups()
        said, source, version, promise = _value(kind, name, form, facts)
        evidence.append(Evidence("fact", f"fact:{source}", said))
        promises.append(Promise(promise, source, version, said, said))
        grounds.append(said)
        return said

    return Filled(_PLACE.sub(put, text), tuple(evidence), tuple(promises), tuple(grounds))


def _value(kind: str, name: str, form: str | None, facts: ShopFacts) -> tuple[str, str, str, PromiseKind]:
    if kind == "promotions":
        chosen = {"running": facts.running, "upcoming": facts.upcoming}.get(name)
        if chosen is None:
            raise UnfillableError(f"promotions:{name}")
        return _list(chosen, facts.zone), f"promotions/{name}", str(facts.at_us), "discount"
    if kind == "promotion":
        return _of_promotion(name, form, facts)
    fact = facts.find(name)
    if fact is None:
        raise UnfillableError(f"policy:{name}", over=facts.is_over(name))
    try:
        return render(fact, form), name, str(fact.valid_from_us), _promise_kind(fact)
    except ValueError as error:
        raise UnfillableError(str(error)) from error


def _of_promotion(name: str, form: str | None, facts: ShopFacts) -> tuple[str, str, str, PromiseKind]:
    promotion_id, _, field = name.partition(".")
    promotion = next((p for p in facts.promotions if p.promotion_id == promotion_id), None)
    if promotion is None:
        raise UnfillableError(f"promotion:{name}")
    version = str(promotion.valid_from_us)
    if field in ("valid_from", "valid_to"):
        at_us = promotion.valid_from_us if field == "valid_from" else promotion.valid_to_us
        return instant(at_us, form, facts.zone), name, version, "date"
    if field not in ("name", "text"):
        raise UnfillableError(f"promotion:{name}")
    if field == "text" and promotion.valid_to_us <= facts.at_us:
        raise UnfillableError(f"promotion:{name}", over=True)
    return promotion.name if field == "name" else promotion.text, name, version, "discount"


def _list(promotions: Sequence[Promotion], zone: str) -> str:
    if not promotions:
        return "暂时没有"
    return "；".join(
        f"“{p.name}”（{day(p.valid_from_us, zone)}到{last_day(p.valid_to_us, zone)}）{p.text}" for p in promotions
    )


def _promise_kind(fact: PolicyFact) -> PromiseKind:
    name = fact.name
    if "refund" in name:
        return "refund"
    if "fee" in name:
        return "fee"
    if fact.unit == "price_percent" or name.endswith(("off_fen", "coupon_fen")):
        return "discount"
    return "date" if fact.unit in ("hours", "days", "workdays", "months") else "policy"
