"""Turn by turn: the worst errors with their evidence, and what changed since the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from eval.compare.pair import Comparison, Flip
from eval.report.html import heading, short, table
from eval.run.log import Judged, RunLog
from eval.samples.model import Output, Sample
from eval.scorers.scorer import Verdict
from eval.texts import find, say
from kefu.base.texts import Lang

_WORST, _MORE, _FLIPS = 10, 40, 40
_BEFORE, _LONGEST = 4, 120
_GRAVE = {"invented": 0, "refused": 2}


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
                (_question(sample, lang), "wide"),
                (escape(verdict.wanted[:160]), "wide"),
                (escape(verdict.said[:200]) or _failed(output), "wide"),
                (escape(_why(verdict, lang)), "wide"),
                (_evidence(verdict), "wide"),
            ]
        )
    names = [say(f"report.{code}", lang) for code in ("place", "wanted", "said", "why", "evidence")]
    shown = heading("errors", lang, say(_order_note(wrong), lang)) + table(names, rows[:_WORST])
    if len(rows) > _WORST:
        more = len(wrong) - len(rows)
        rest = f'<p class="note">{say("report.more", lang, {"n": more})}</p>' if more else ""
        title = f"{say('report.more_errors', lang)} ({len(rows) - _WORST})"
        shown += f"<details><summary>{title}</summary>{table(names, rows[_WORST:])}{rest}</details>"
    return shown


def _order_note(wrong: Sequence[Verdict]) -> str:
    """Return the words for the order of the errors: by confidence, or by how grave they are."""
    return "report.graver_note" if any(verdict.why in _GRAVE for verdict in wrong) else "report.errors_note"


def worst_errors(judged: Judged) -> list[Verdict]:
    """Return what was not right: answers first, what was made up and the surest of them leading, then failures."""
    wrong = [verdict for verdict in judged.verdicts if not verdict.right]

    def key(verdict: Verdict) -> tuple[bool, int, float, str]:
        return verdict.failed, _GRAVE.get(verdict.why, 1), -(_sure(verdict) or 0.0), verdict.sample_id

    return sorted(wrong, key=key)


def _sure(verdict: Verdict) -> float | None:
    """Return the confidence, which is all that some scorers have to say."""
    try:
        return float(verdict.why)
    except ValueError:
        return None


def _why(verdict: Verdict, lang: Lang) -> str:
    sure = _sure(verdict)
    if sure is None:
        return find(f"measure.{verdict.why}", lang, verdict.why[:240])
    return f"{say('report.confidence', lang)} {sure:.0%}"


def _question(sample: Sample, lang: Lang) -> str:
    place = f'<span class="sub"><code>{escape(short(sample.place))}</code></span>'
    return f"{_said_before(sample, lang)}{_asked(sample)}{place}"


def _said_before(sample: Sample, lang: Lang) -> str:
    """Return the last turns before the question, each with who said it; a plain text is the customer's."""
    turns = _turns(sample, "turns")[:-1] or _turns(sample, "before")
    left = len(turns) - _BEFORE
    lines = [f"<div>{say('report.earlier', lang, {'n': left})}</div>"] if left > 0 else []
    for role, text in turns[-_BEFORE:]:
        who = say("report.customer" if role == "user" else "report.service", lang)
        cut = "…" if len(text) > _LONGEST else ""
        lines.append(f"<div><b>{who}</b> {escape(text[:_LONGEST])}{cut}</div>")
    return f'<div class="before">{"".join(lines)}</div>' if lines else ""


def _turns(sample: Sample, field: str) -> list[tuple[str, str]]:
    """Return (role, text) of a field that holds turns, or texts of the customer."""
    found = sample.input.get(field)
    return [
        (str(one.get("role", "")), str(one.get("text", ""))) if isinstance(one, dict) else ("user", str(one))
        for one in (found if isinstance(found, list) else ())
    ]


def _asked(sample: Sample) -> str:
    if "steps" in sample.input:
        said = [step.get("say") or step.get("press") or f"[{step.get('agent')}]" for step in sample.input["steps"]]
        told = " → ".join(" / ".join(one) if isinstance(one, list) else str(one) for one in said)
    elif turns := _turns(sample, "turns"):
        told = turns[-1][1]
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
        (_question(sample, lang), "wide"),
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
