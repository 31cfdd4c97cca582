"""What an agent should know at once: three to six lines, from the session alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.dialogue.wish import Tracked
from bot.turn import Turn

_MOST_CHARS = 120
_REASONS = {
    "human_wish": "顾客要找人工",
    "complaint": "顾客投诉",
    "anger": "顾客生气",
    "misses": "机器人连着没答上来",
    "loop": "同样的话问了几遍",
    "error": "机器人或店里的系统出错",
    "intent": "要由人决定或办理的事",
    "hours": "不在机器人的服务时间",
    "settings": "顾客说了店里设的关键词",
}
_MOODS = (("unwell", "身体不适"), ("anger", "生气"), ("complaint", "不满"))


def summarise(turn: Turn, tracked: Tracked, *, reason: str, product_name: Callable[[str], str | None]) -> str:
    """Return the summary: why, what the customer wants, product and order in focus, what the bot said, the mood."""
    lines = [f"原因：{_REASONS.get(reason, reason)}"]
    wants = _wants(turn)
    if wants:
        lines.append(f"顾客说：{wants}")
    named = [name for product_id in tracked.state.products[:2] if (name := product_name(product_id))]
    if named:
        lines.append(f"商品：{'、'.join(named)}")
    if tracked.state.orders:
        lines.append(f"订单：{'、'.join(tracked.state.orders[:2])}")
    answered = next((line.text for line in reversed(turn.history) if line.origin == "bot"), None)
    lines.append(f"机器人上一句：{_short(answered)}" if answered else "机器人还没有回答过")
    mood = next((word for cue, word in _MOODS if cue in tracked.cues), "平静")
    lines.append(f"情绪：{mood}")
    return "\n".join(lines[:6])


def _wants(turn: Turn) -> str:
    """Join this turn and, when it is only a cry for a human, what was said before."""
    said = [line.text for line in turn.history if line.origin == "person" and line.text][-2:]
    return _short(" / ".join(_unique([*said, turn.text.replace("\n", " ")])))


def _unique(texts: Sequence[str]) -> list[str]:
    return [text for text in dict.fromkeys(text.strip() for text in texts) if text]


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _MOST_CHARS else f"{flat[:_MOST_CHARS]}…"
