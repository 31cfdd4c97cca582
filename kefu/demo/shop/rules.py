"""policies.yaml as facts and promotions of the Shop port."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable

from bot.shop import PolicyFact, Promotion
from kefu.demo.shop.documents import Entry, read_document
from kefu.demo.shop.problems import Problems

POLICIES = "policies.yaml"


@dataclass(frozen=True, slots=True)
class Rules:
    """All facts of policies, and the promotions with theirs."""

    facts: tuple[PolicyFact, ...]
    promotions: tuple[Promotion, ...]

    @property
    def names(self) -> set[str]:
        """The names of all facts, those of promotions too."""
        return {fact.name for fact in (*self.facts, *(fact for one in self.promotions for fact in one.facts))}


def read_rules(folder: Traversable, problems: Problems) -> Rules:
    """Return facts and promotions; what is wrong goes into `problems`."""
    root = read_document(folder, POLICIES, problems)
    if root is None:
        return Rules((), ())
    shop = root.entry("shop")
    since_us = shop.time_us("valid_from") if shop is not None else 0
    seen: set[str] = set()
    facts: list[PolicyFact] = []
    for policy in root.entries("policies"):
        policy.text("id")
        facts += _facts(policy, since_us, None, seen)
    promotions = [_promotion(entry, seen) for entry in root.entries("promotions")]
    return Rules(tuple(facts), tuple(promotions))


def _promotion(entry: Entry, seen: set[str]) -> Promotion:
    begin_us, end_us = entry.time_us("valid_from"), entry.time_us("valid_to")
    if begin_us and end_us and begin_us >= end_us:
        entry.trouble("time_order", line=entry.line_of("valid_to"), field="valid_to")
    return Promotion(
        promotion_id=entry.text("id"),
        name=entry.text("name"),
        text=entry.text("text"),
        facts=tuple(_facts(entry, begin_us, end_us, seen)),
        valid_from_us=begin_us,
        valid_to_us=end_us,
    )


def _facts(owner: Entry, begin_us: int, end_us: int | None, seen: set[str]) -> list[PolicyFact]:
    found = []
    for entry in owner.entries("facts"):
        name = entry.text("name")
        if name in seen:
            entry.trouble("repeated", field="name", value=name)
        seen.add(name)
        value = entry.value("value")
        if name.endswith("_fen") and not isinstance(value, int):
            entry.trouble("not_whole", line=entry.line_of("value"), field=name, value=value)
        found.append(
            PolicyFact(
                name=name,
                label=entry.text("label"),
                value=value,
                unit=entry.text("unit"),
                source=entry.text("source"),
                valid_from_us=entry.time_us("valid_from", begin_us),
                valid_to_us=entry.time_us("valid_to", end_us) if entry.tree.find("valid_to") else end_us,
            )
        )
    return found
