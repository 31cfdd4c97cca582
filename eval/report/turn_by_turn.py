"""Turn by turn: the worst errors with their evidence, and what changed since the baseline."""

from __future__ import annotations

from html import escape

from eval.compare.pair import Comparison, Flip
from eval.report.html import heading, short, table
from eval.run.log import Judged, RunLog
from eval.samples.model import Output, Sample
from eval.scorers.scorer import Verdict
from eval.texts import say
from kefu.base.texts import Lang

_WORST, _MORE, _FLIPS = 10, 40, 40


def errors(log: RunLog, lang: Lang) -> str:
    """Return the table of the worst errors, and the rest behind a fold."""
    judged = next((one for one in log.judged if one.verdicts), None)
    if judged is None:
        return ""
    wrong = worst_errors(judged)
    if not wrong:
        return heading("errors", lang, say("report.nothing_wrong", lang))
    samples = {sample.id: sample for sample in log.samples}
    outputs = {(output.sample_id, output.repeat): output for output in log.outputs}
    rows = []
    for verdict in wrong[: _WORST + _MORE]:
        sample = samples[verdict.sample_id]
        output = outputs.get((verdict.sample_id, verdict.repeat))
        rows.append(
            [
                (f'{_asked(sample)}<span class="sub"><code>{escape(short(sample.place))}</code></span>', "wide"),
                (escape(verdict.wanted[:160]), "wide"),
                (escape(verdict.said[:200]) or _failed(output), "wide"),
                (escape(_why(verdict, lang)), "wide"),
                (_evidence(verdict), "wide"),
            ]
        )
    names = [say(f"report.{code}", lang) for code in ("place", "wanted", "said", "why", "evidence")]
    shown = heading("errors", lang, say("report.errors_note", lang)) + table(names, rows[:_WORST])
    if len(rows) > _WORST:
        more = len(wrong) - len(rows)
        rest = f'<p class="note">{say("report.more", lang, {"n": more})}</p>' if more else ""
        title = f"{say('report.more_errors', lang)} ({len(rows) - _WORST})"
        shown += f"<details><summary>{title}</summary>{table(names, rows[_WORST:])}{rest}</details>"
    return shown


def worst_errors(judged: Judged) -> list[Verdict]:
    """Return what was not right: answers first, the surest of them leading, then failures."""
    wrong = [verdict for verdict in judged.verdicts if not verdict.right]

    def key(verdict: Verdict) -> tuple[bool, float, str]:
        return verdict.failed, -(_sure(verdict) or 0.0), verdict.sample_id

    return sorted(wrong, key=key)


def _sure(verdict: Verdict) -> float | None:
    """Return the confidence, which is all that some scorers have to say."""
    try:
        return float(verdict.why)
    except ValueError:
        return None


def _why(verdict: Verdict, lang: Lang) -> str:
    sure = _sure(verdict)
    return verdict.why[:240] if sure is None else f"{say('report.confidence', lang)} {sure:.0%}"


def _asked(sample: Sample) -> str:
    if "steps" in sample.input:
        said = [step.get("say") or step.get("press") or f"[{step.get('agent')}]" for step in sample.input["steps"]]
        told = " → ".join(" / ".join(one) if isinstance(one, list) else str(one) for one in said)
    else:
        told = " / ".join(map(str, sample.input.get("messages") or [sample.input.get("text", sample.id)]))
    return escape(told[:240])


def _failed(output: Output | None) -> str:
    return f'<span class="bad">{escape(output.error)}</span>' if output is not None and output.error else "—"


def _evidence(verdict: Verdict) -> str:
    lines = []
    for one in verdict.evidence:
        score = one.get("score")
        told = escape(str(one.get("text", ""))[:120])
        intent = f" <b>{escape(str(one['intent']))}</b>" if one.get("intent") else ""
        sure = f" {score:.2f}" if isinstance(score, int | float) else ""
        source = (
            f'<span class="sub"><code>{escape(short(str(one["source"])))}</code>{sure}</span>'
            if one.get("source")
            else ""
        )
        lines.append(f"<div>{told}{intent}{source}</div>")
    return "".join(lines)


def changes(found: Comparison, lang: Lang) -> str:
    """Return who flipped since the baseline, and where the losses gather."""
    tests = found.tests()
    scorer = next((one.scorer for one in found.new.judged if one.scorer in tests), None)
    flips = [flip for flip in found.flips if flip.scorer == scorer]
    test = tests.get(scorer or "")
    data: dict[str, object] = {
        "n": found.shared,
        "lost": test.lost if test else 0,
        "gained": test.gained if test else 0,
        "p": f"{test.p:.3g}" if test else "1",
    }
    parts = [heading("changes", lang, say("report.changes_note", lang, data)), _gathers(found, scorer, lang)]
    names = [say(f"report.{code}", lang) for code in ("place", "wanted", "before", "after", "why")]
    for code, gained in (("lost", False), ("gained", True)):
        chosen = [flip for flip in flips if flip.gained == gained]
        if chosen:
            rows = [_flip(flip, lang) for flip in chosen[:_FLIPS]]
            opened = " open" if not gained else ""
            parts.append(
                f"<details{opened}><summary>{say(f'report.{code}', lang)} ({len(chosen)})</summary>"
                f"{table(names, rows)}</details>"
            )
    return "".join(parts)


def _flip(flip: Flip, lang: Lang) -> list[tuple[str, str]]:
    sample, old, new = flip.new.sample, flip.old.verdict, flip.new.verdict
    return [
        (f'{_asked(sample)}<span class="sub"><code>{escape(short(sample.place))}</code></span>', "wide"),
        (escape(new.wanted[:120]), "wide"),
        (escape(old.said[:160]) or escape(old.why[:160]), "wide"),
        (escape(new.said[:160]) or escape(new.why[:160]), "wide"),
        (escape(_why(new if new.why else old, lang)), "wide"),
    ]


def _gathers(found: Comparison, scorer: str | None, lang: Lang) -> str:
    rows = [
        [
            (escape(f"{group.slice} {group.value}"), "wide"),
            (f"{group.lost} / {group.n}", "num"),
            (str(group.gained), "num"),
            (f"{group.p:.3g}", "num"),
        ]
        for group in found.groups
        if group.scorer == scorer
    ][:12]
    if not rows:
        return ""
    names = [say(f"report.{code}", lang) for code in ("gathers", "lost", "gained")] + ["p (Holm)"]
    return table(names, rows)
