"""What a replay says about the bot: outcomes, wishes honoured, times, breaches; for people and for programs."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kefu.replay.judge import wants_human
from kefu.replay.records import PlayedDialogue, PlayedTurn
from kefu.replay.script import Expected, Script

ANSWERED = ("reply", "recommend")
# A reply that says no more than that the bot cannot help: no answer, and no wrong one.
DECLINED = (
    "out_of_scope",
    "not_understood",
    "not_held",
    "english",
    "late",
    "stage_failed",
    "failed",
    "shop_down",
    "unbacked_number",
)
_CONTEXT = 6


class Sampled(msgspec.Struct, frozen=True):
    """An answered turn for reading: what was said before, what the bot said and why. `label` is the reader's."""

    dialogue: str
    turn: int
    before: tuple[str, ...]
    messages: tuple[str, ...]
    replies: tuple[str, ...]
    intent: str | None
    confidence: float | None
    reason: str
    evidence: tuple[str, ...]
    label: str = ""


class Score(msgspec.Struct, frozen=True):
    """Whether a written dialogue brought what its author expected; `missing` says what it did not."""

    id: str
    right: bool
    missing: tuple[str, ...]


_WAITING = frozenset({"queued", "queue_told", "already_queued"})
"""Why the bot does not call a human: one has been called before and is on the way."""


def summarise(dialogues: Sequence[PlayedDialogue]) -> dict[str, Any]:
    """Return the report as JSON; shares are of turns, times in milliseconds."""
    turns = [turn for dialogue in dialogues for turn in dialogue.turns]
    acts = Counter(_outcome(turn) for turn in turns)
    wishes = [turn for turn in turns if wants_human(turn.messages)]
    handed = [turn for turn in turns if turn.act == "hand_off"]
    faults = [f"{dialogue.id}: {fault}" for dialogue in dialogues for fault in dialogue.faults]
    return {
        "dialogues": len(dialogues),
        "messages": sum(len(turn.messages) for turn in turns),
        "turns": len(turns),
        "bursts": sum(len(turn.messages) > 1 for turn in turns),
        "answered": _share(acts["answered"], len(turns)),
        "declined": _share(acts["declined"], len(turns)),
        "clarified": _share(acts["clarify"], len(turns)),
        "handed_off": _share(acts["hand_off"], len(turns)),
        "silent": _share(acts["silent"], len(turns)),
        "held": _share(acts["held"], len(turns)),
        "lost": acts["none"],
        "handed_off_unasked": _share(sum(not wants_human(turn.messages) for turn in handed), len(turns)),
        "handoff_reasons": dict(Counter(turn.handoff_reason or "" for turn in handed).most_common()),
        "reasons": dict(Counter(turn.reason for turn in turns).most_common()),
        "wishes": {
            "asked": len(wishes),
            "honoured": sum(turn.act == "hand_off" for turn in wishes),
            "waiting": sum(turn.act != "hand_off" and turn.reason in _WAITING for turn in wishes),
        },
        "latency_ms": _times([turn.latency_ms for turn in turns if turn.latency_ms is not None]),
        "errors": sum(turn.error is not None for turn in turns),
        "faults": faults,
    }


def _outcome(turn: PlayedTurn) -> str:
    if turn.act in ANSWERED:
        return "declined" if turn.reason in DECLINED else "answered"
    return turn.act


def _share(count: int, of: int) -> dict[str, float]:
    return {"turns": count, "share": round(count / of, 4) if of else 0.0}


def _times(values: Iterable[float]) -> dict[str, float]:
    ordered = sorted(values)
    if not ordered:
        return {}
    return {name: round(ordered[min(len(ordered) - 1, int(len(ordered) * q))], 1) for name, q in _QUANTILES.items()}


_QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99, "max": 1.0}


def pick_sample(dialogues: Iterable[PlayedDialogue], *, count: int, seed: int) -> list[Sampled]:
    """Return random answered turns; the same journal, count and seed give the same ones."""
    found = [
        (dialogue, place)
        for dialogue in sorted(dialogues, key=lambda one: one.id)
        for place, turn in enumerate(dialogue.turns)
        if _outcome(turn) == "answered"
    ]
    chosen = random.Random(seed).sample(found, min(count, len(found)))
    return [_sampled(dialogue, place) for dialogue, place in chosen]


def _sampled(dialogue: PlayedDialogue, place: int) -> Sampled:
    before = [line for turn in dialogue.turns[:place] for line in _lines(turn)][-_CONTEXT:]
    turn = dialogue.turns[place]
    return Sampled(
        dialogue=dialogue.id,
        turn=place,
        before=tuple(before),
        messages=turn.messages,
        replies=tuple(reply.text for reply in turn.replies),
        intent=turn.intent,
        confidence=turn.confidence,
        reason=turn.reason,
        evidence=tuple(f"{one['kind']} {one['source']}: {one['text']}" for one in turn.evidence),
    )


def _lines(turn: PlayedTurn) -> list[str]:
    return [*(f"顾客：{text}" for text in turn.messages), *(f"小月：{reply.text}" for reply in turn.replies)]


def score(scripts: Iterable[Script], played: Mapping[str, PlayedDialogue]) -> list[Score]:
    """Hold the last turn of every written dialogue against what its author expected."""
    scores = []
    for script in scripts:
        if script.expected is not None and script.id in played:
            missing = _missing(script.expected, played[script.id].turns[-1])
            scores.append(Score(script.id, not missing, tuple(missing)))
    return scores


def _missing(expected: Expected, turn: PlayedTurn) -> list[str]:
    said = "\n".join(reply.text for reply in turn.replies)
    missing = []
    if expected.acts and turn.act not in expected.acts:
        missing.append(f"act {turn.act}, wanted {' / '.join(expected.acts)}")
    missing += [f"缺“{text}”" for text in expected.contains if text not in said]
    if expected.any_of and not any(text in said for text in expected.any_of):
        missing.append(f"一个也没有：{'、'.join(expected.any_of)}")
    missing += [f"不该有“{text}”" for text in expected.not_contains if text in said]
    return missing


def write_report(folder: Path, report: Mapping[str, Any], sample: Sequence[Sampled], scores: Sequence[Score]) -> None:
    """Write `report.json`, `report.md`, and `sample.jsonl` with `sample.md` when turns were drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {**report, "scores": msgspec.to_builtins(scores)} if scores else report
    (folder / "report.json").write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=2))
    (folder / "report.md").write_text(readable(report, scores), "utf-8")
    if sample:
        encoded = b"".join(msgspec.json.encode(one) + b"\n" for one in sample)
        (folder / "sample.jsonl").write_bytes(encoded)
        (folder / "sample.md").write_text(
            "\n".join(_readable_sample(n, one) for n, one in enumerate(sample, 1)), "utf-8"
        )


def readable(report: Mapping[str, Any], scores: Sequence[Score] = ()) -> str:
    """Return the report in Markdown."""
    times = "，".join(f"{name} {value:g} ms" for name, value in report["latency_ms"].items()) or "没有回复"
    counts = f"{report['dialogues']} 段对话，{report['messages']} 条顾客消息，{report['turns']} 轮"
    wishes = report["wishes"]
    rows = [
        f"{counts}（{report['bursts']} 轮连发）。",
        "",
        "| 结果 | 轮次 | 占比 |",
        "|---|---:|---:|",
        *(
            f"| {label} | {report[key]['turns']} | {report[key]['share']:.1%} |"
            for key, label in (
                ("answered", "回答"),
                ("declined", "坦言不懂"),
                ("clarified", "反问澄清"),
                ("handed_off", "转人工"),
                ("handed_off_unasked", "其中没有要求的"),
                ("silent", "沉默"),
                ("held", "送审"),
            )
        ),
        "",
        f"明确要人工 {wishes['asked']} 轮，转了 {wishes['honoured']} 轮，{wishes['waiting']} 轮已在排队。",
        f"从最后一条消息的确认到回复：{times}。",
        f"丢失 {report['lost']} 轮，出错 {report['errors']} 轮，违反承诺 {len(report['faults'])} 处。",
        *(f"- {fault}" for fault in report["faults"][:20]),
        "",
        "原因：" + "，".join(f"{name} {count}" for name, count in report["reasons"].items()),
        "转人工：" + "，".join(f"{name} {count}" for name, count in report["handoff_reasons"].items()),
    ]
    if scores:
        right = sum(one.right for one in scores)
        rows += ["", f"写好预期的 {len(scores)} 条：答对 {right} 条（{right / len(scores):.1%}）。"]
        rows += [f"- {one.id}：{'；'.join(one.missing)}" for one in scores if not one.right]
    return "\n".join(rows) + "\n"


def _readable_sample(number: int, one: Sampled) -> str:
    rows = [f"## {number} · {one.dialogue} 第 {one.turn + 1} 轮", ""]
    rows += [f"> {line}" for line in one.before]
    rows += ["", *(f"**顾客：{text}**" for text in one.messages), ""]
    rows += [*(f"小月：{text}" for text in one.replies), ""]
    rows += [f"`{one.reason}` · {one.intent} · {one.confidence}", *(f"- {text}" for text in one.evidence)]
    return "\n".join([*rows, "", "标注：", ""])
