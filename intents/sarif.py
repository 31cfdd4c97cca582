"""Findings as SARIF 2.1.0, which code hosts and editors show at their lines."""

from __future__ import annotations

import json
from collections.abc import Sequence

from intents.model import Json
from intents.problems import Problem, Severity
from kefu.base.texts import Lang

_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def problems_sarif(problems: Sequence[Problem], lang: Lang) -> str:
    """Return one run with a rule for each code and a result for each finding; columns count code points."""
    codes = sorted({one.code for one in problems})
    rules: list[Json] = [{"id": code} for code in codes]
    run: dict[str, Json] = {
        "tool": {"driver": {"name": "kefu intents check", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, codes, lang) for one in problems],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _result(problem: Problem, codes: list[str], lang: Lang) -> Json:
    region: dict[str, Json] = {"startLine": max(problem.place.line, 1), "startColumn": max(problem.place.column, 1)}
    return {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "level": _LEVELS[problem.severity],
        "message": {"text": f"{problem.text(lang)} {problem.cure(lang)}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": problem.place.file or "."}, "region": region}}],
    }
