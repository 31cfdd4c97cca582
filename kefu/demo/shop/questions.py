"""faq.yaml as FAQ answers of the Shop port; every placeholder must name something that exists."""

from __future__ import annotations

import re
from importlib.resources.abc import Traversable

from bot.shop import FaqAnswer
from kefu.demo.shop.documents import Entry, read_document
from kefu.demo.shop.problems import Problems
from kefu.demo.shop.rules import Rules

FAQ = "faq.yaml"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_POLICY = re.compile(r"policy:([a-z0-9_]+)(?:\|(?:money|number|list|date|datetime|last_date))?")
_PROMOTION = re.compile(r"promotion:([a-z0-9_]+)\.(?:name|text|valid_from|valid_to)(?:\|(?:date|datetime|last_date))?")
_PROMOTIONS = ("promotions:running", "promotions:upcoming")


def read_questions(folder: Traversable, rules: Rules, problems: Problems) -> tuple[FaqAnswer, ...]:
    """Return the FAQ in the order of the file; what is wrong goes into `problems`."""
    root = read_document(folder, FAQ, problems)
    if root is None:
        return ()
    names, promotions = rules.names, {one.promotion_id for one in rules.promotions}
    seen: set[str] = set()
    found = []
    for entry in root.entries("faq"):
        faq_id = entry.text("id")
        if faq_id in seen:
            entry.trouble("repeated", field="id", value=faq_id)
        seen.add(faq_id)
        answer = entry.text("answer")
        _check_placeholders(entry, answer, names, promotions)
        found.append(
            FaqAnswer(
                faq_id=faq_id,
                question=entry.text("question"),
                variants=entry.texts("variants"),
                answer=answer,
                topic=entry.text("topic"),
                source=f"{FAQ}:{entry.line}",
            )
        )
    return tuple(found)


def _check_placeholders(entry: Entry, answer: str, names: set[str], promotions: set[str]) -> None:
    for found in _PLACEHOLDER.finditer(answer):
        inner = found[1]
        policy, promotion = _POLICY.fullmatch(inner), _PROMOTION.fullmatch(inner)
        known = (
            (policy is not None and policy[1] in names)
            or (promotion is not None and promotion[1] in promotions)
            or inner in _PROMOTIONS
        )
        if not known:
            entry.trouble("placeholder", line=entry.line_of("answer"), value=found[0])
