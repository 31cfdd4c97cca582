"""What a shadow says: how many turns go otherwise, in which ways, with intervals and examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from bot.training.interval import wilson
from kefu.base.clock import format_time
from kefu.shadow.records import Compared, Told
from kefu.texts import say

_CHARS = 60


def summarise(turns: Iterable[Compared], *, live: str, candidate: str, examples: int) -> dict[str, Any]:
    """Return the report as JSON; shares are of turns, `interval` is Wilson's at 95 %; most frequent kinds first."""
    known = list(turns)
    different = [one for one in known if one.kind]
    again = [one.as_recorded for one in known if one.as_recorded is not None]
    return {
        "live": live,
        "candidate": candidate,
        "turns": len(known),
        "conversations": len({one.conversation_id for one in known}),
        "from": format_time(min(one.at_us for one in known)) if known else None,
        "until": format_time(max(one.at_us for one in known)) if known else None,
        "same": len(known) - len(different),
        "different": _share(len(different), len(known)),
        "kinds": [
            {"kind": kind, **_share(count, len(known)), "examples": _examples(different, kind, examples)}
            for kind, count in Counter(one.kind for one in different).most_common()
        ],
        "as_recorded": {"same": sum(again), "of": len(again)},
    }


def _share(count: int, total: int) -> dict[str, Any]:
    low, high = wilson(count, total)
    return {"turns": count, "share": round(count / max(1, total), 4), "interval": [round(low, 4), round(high, 4)]}


def _examples(different: list[Compared], kind: str, most: int) -> list[dict[str, Any]]:
    """Return the most frequent texts of a kind, each with its newest turn."""
    same_text: dict[str, list[Compared]] = {}
    for one in different:
        if one.kind == kind:
            same_text.setdefault(one.text, []).append(one)
    often = sorted(same_text.values(), key=lambda group: (-len(group), -group[-1].turn_id))[:most]
    return [
        {
            "text": group[-1].text,
            "times": len(group),
            "conversation_id": str(group[-1].conversation_id),
            "turn_id": str(group[-1].turn_id),
            "live": msgspec.to_builtins(group[-1].live),
            "candidate": msgspec.to_builtins(group[-1].candidate),
        }
        for group in often
    ]


def readable(report: dict[str, Any]) -> Iterator[str]:
    """Yield the report's lines for a person."""
    yield say("shadow.head", "zh", {**report, "from_": report["from"] or "", "until": report["until"] or ""})
    yield say("shadow.sum", "zh", {"same": report["same"], **_in_percent(report["different"])})
    for kind in report["kinds"]:
        yield say("shadow.kind", "zh", {"kind": name_of(kind["kind"]), **_in_percent(kind)})
        for one in kind["examples"]:
            now, then = (msgspec.convert(one[side], Told) for side in ("live", "candidate"))
            place = f"conversation {one['conversation_id']}, turn {one['turn_id']}"
            yield f"  {one['times']} x {_short(one['text'])}  ({place})"
            yield f"      {describe(now)}"
            yield f"   -> {describe(then)}"
    again = report["as_recorded"]
    if again["of"]:
        yield say("shadow.as_recorded", "zh", again)


def line_of(one: Compared) -> str:
    """Return a difference in one line, as it is told while it comes."""
    assert one.live is not None and one.candidate is not None
    return f"[{name_of(one.kind)}] {_short(one.text)}: {describe(one.live)} -> {describe(one.candidate)}"


def name_of(kind: str) -> str:
    """Return a kind of difference in words."""
    before, _, after = kind.partition(">")
    if after:
        return f"{say(f'shadow.act_{before}', 'zh')} → {say(f'shadow.act_{after}', 'zh')}"
    return say(f"shadow.{kind}", "zh")


def describe(told: Told) -> str:
    """Return a decision in a few words."""
    sure = "" if told.confidence is None else f" {told.confidence:.2f}"
    words = " / ".join(_short(one) for one in told.replies if one)
    return f"{say(f'shadow.act_{told.act}', 'zh')} {told.intent or '-'}{sure}: {words}"


def _in_percent(share: dict[str, Any]) -> dict[str, Any]:
    low, high = share["interval"]
    return {"turns": share["turns"], "share": f"{share['share']:.1%}", "low": f"{low:.1%}", "high": f"{high:.1%}"}


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _CHARS else f"{line[:_CHARS]}…"
