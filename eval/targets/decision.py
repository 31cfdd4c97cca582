"""A bot's decision as the answer that scorers read."""

from __future__ import annotations

from typing import Any

from bot.decision import Decision


def decision_answer(decision: Decision) -> dict[str, Any]:
    """Return act, texts, cards, choices, intent, handoff and evidence of a decision."""
    return {
        "act": decision.act,
        "reason": decision.reason,
        **replies_answer([(reply.kind, dict(reply.body)) for reply in decision.replies]),
        "intent": decision.intent,
        "confidence": decision.confidence,
        "handoff": decision.handoff is not None,
        "offer_human": decision.offer_human,
        "evidence": [
            {"kind": one.kind, "source": one.source, "text": one.text, "score": one.score} for one in decision.evidence
        ],
        "commitments": [{"kind": one.kind, "value": one.value, "fact": one.fact_id} for one in decision.commitments],
        "versions": dict(decision.versions or {}),
    }


def replies_answer(replies: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Return texts, cards and choices of messages by kind and body; a card's title and price are text, too."""
    texts: list[str] = []
    cards: list[str] = []
    choices: list[dict[str, str]] = []
    for kind, body in replies:
        if isinstance(body.get("text"), str):
            texts.append(body["text"])
        if kind == "product_card":
            cards.append(str(body.get("product_id")))
            price = body.get("price_fen")
            shown = f"{price / 100:g}元" if isinstance(price, int) else ""
            texts.append(f"[{body.get('title', '')} {shown}]")
        choices += [{"label": str(one["label"]), "say": str(one["say"])} for one in body.get("choices") or ()]
    return {"texts": texts, "cards": cards, "choices": choices}
